"""Incentive goals as a file. By those who may write them alone; rows become drafts, which another approves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Max, QuerySet

from accounts.company import company
from accounts.loads import Change, LoadJob, Refusal, RowKind, UndoRefused
from accounts.loads.people import ensure_people
from accounts.loads.refusing import lacking
from accounts.loads.taking import Key
from accounts.models import Load, LoadChange, User
from accounts.rights import Right
from core.loading import Column, Record, Reference
from core.loading.columns import EMAIL, NUMBER, CellType, choice_type, code_in, text_in, text_type
from core.loading.rows import Row
from core.periods import FiscalCalendar, Period, PeriodError
from customers.choices import TierScope
from customers.loads import TIER
from customers.models import Tier
from initiatives.loads.cells import parts
from initiatives.models import Initiative
from kpis.models import Kpi
from scorecard.choices import GoalState, Measure
from scorecard.models import GoalVersion, IncentiveGoal
from scorecard.reading.goal_weights import weights_of
from scorecard.rules.incentives import (
    NO_PERIOD,
    NUMBERS,
    OWN_WRITTEN,
    Draft,
    beside_problems,
    goal_problems,
    weight_problems,
)
from scorecard.services.incentives import begin_goal, whose_problems, write_version

_PEOPLE_AT_MOST, _CODES_AT_MOST = 50, 50
_LONGEST = 60 * 256


def _clean_people(text: str) -> str:
    """Addresses joined by ``;``, each once, sorted."""
    found = sorted({EMAIL.clean(part) for part in parts(text)})
    if len(found) > _PEOPLE_AT_MOST:
        raise ValueError(f"lists more than {_PEOPLE_AT_MOST} people")
    return ";".join(found)


def _clean_codes(text: str) -> str:
    """Codes joined by ``;``, each once, sorted."""
    found = sorted(set(parts(text_type(_LONGEST).clean(text))))
    if len(found) > _CODES_AT_MOST:
        raise ValueError(f"lists more than {_CODES_AT_MOST} initiatives")
    return ";".join(found)


def _clean_period(text: str) -> str:
    try:
        return Period.parse(text.upper() if "q" in text else text, FiscalCalendar()).code
    except PeriodError as error:
        raise ValueError(NO_PERIOD) from error


PEOPLE = CellType(_clean_people, longest=_LONGEST)
CODES = CellType(_clean_codes, longest=_LONGEST)
PERIOD = CellType(_clean_period)


@dataclass(slots=True)
class _Kept:
    """What a batch is checked beside."""

    calendar: FiscalCalendar
    goals: dict[str, IncentiveGoal]
    people: dict[str, User]
    kpis: dict[str, Kpi]
    tiers: dict[str, Tier]
    initiatives: set[str]


class IncentiveGoals(RowKind[_Kept]):
    """Goals of people and teams: each row that says something else than the latest version is a further one."""

    name = "incentive_goals"
    title = "Incentive goals"
    model = IncentiveGoal
    row_right = Right.INCENTIVE_GOALS
    load_right = Right.INCENTIVE_GOALS
    batch = None
    columns = (
        Column("code", code_in(IncentiveGoal), key=True),
        Column("person", PEOPLE, optional=True),
        Column("team", PEOPLE, optional=True),
        Column("team_name", text_in(IncentiveGoal, "team_name"), optional=True),
        Column("period", PERIOD),
        Column("weight", NUMBER),
        Column("measure", choice_type(Measure)),
        Column("kpi", code_in(Kpi), optional=True, reference=Reference(Kpi, "code", "KPI")),
        Column("tier", code_in(Tier), optional=True, reference=TIER),
        Column("initiatives", CODES, optional=True),
        *(Column(name, NUMBER) for name in NUMBERS[1:]),
    )

    def known(self, job: LoadJob, rows: list[Row]) -> list[Row]:
        """Rows whose KPI and tier are there; people whom nobody knows yet are made, as by every file."""
        rows = super().known(job, rows)
        kept = self.held(job)
        for row in rows:
            self._normalise(row.record)
        named = {email for row in rows for email in _people_of(row.record)}
        ensure_people(named)
        kept.people = {one.email: one for one in User.objects.filter(email__in=named)}
        return rows

    @staticmethod
    def _normalise(record: Record) -> None:
        """Several addresses are a team, whichever column has them; all customers are said as an empty tier."""
        if ";" in record.get("person", "") or (record.get("person") and record.get("team_name")):
            record["team"] = ";".join(sorted({*_people_of(record)}))
            record["person"] = ""
        if record.get("tier") == TierScope.ALL.value:
            record["tier"] = ""

    def prepare(self, job: LoadJob, rows: list[Row]) -> _Kept:
        """The stored goals, and what rows name."""
        named = {code for row in rows for code in parts(row.record.get("initiatives", ""))}
        return _Kept(
            calendar=company().calendar,
            goals={one.code: one for one in self.rows().filter(code__in={row.key[0] for row in rows})},
            people={},
            kpis={one.code: one for one in Kpi.objects.all()},
            tiers={one.code: one for one in Tier.objects.all()},
            initiatives=set(Initiative.objects.filter(code__in=named).values_list("code", flat=True)),
        )

    def check(self, job: LoadJob, row: Row, before: Record | None) -> None:
        """What every door asks of a goal, and that a stored one stays whose it is."""
        super().check(job, row, before)
        kept, record = self.held(job), {**self._blank(), **(before or {}), **row.record}
        if beside := list(beside_problems(record["person"], record["team"])):
            job.refuse_all(row, beside)
            return
        draft = self._draft(kept, record)
        goal = kept.goals.get(row.key[0])
        latest = goal.latest if goal else None
        job.refuse_all(row, goal_problems(draft, kept.initiatives))
        job.refuse_all(row, whose_problems(draft, goal, latest, job.by))

    def _blank(self) -> Record:
        return {column.name: column.default for column in self.columns}

    def _draft(self, kept: _Kept, record: Record) -> Draft:
        for email in set(_people_of(record)) - set(kept.people):
            kept.people[email] = User.objects.get(email=email)  # of a column that the file lacks
        return Draft(
            code=record["code"],
            period=Period.stored(record["period"], kept.calendar),
            members=tuple(kept.people[email] for email in _people_of(record)),
            team_name=record["team_name"],
            measure=Measure(record["measure"]),
            kpi=kept.kpis.get(record["kpi"]),
            tier=kept.tiers.get(record["tier"]),
            initiatives=tuple(parts(record["initiatives"])),
            **{name: Decimal(record[name]) for name in NUMBERS},
        )

    def refusals(self, by: User, changes: list[Change]) -> Iterable[Refusal]:
        """Nobody without the right, and nobody who takes a goal of their own back."""
        if not by.has_perm(self.row_right):
            return [Refusal(change, lacking(self.row_right)) for change in changes]
        own = [one for one in changes if by.email in {*_people_of(one.before or {}), *_people_of(one.after or {})}]
        return [Refusal(change, OWN_WRITTEN) for change in own]

    # -- the model's side

    def rows(self) -> QuerySet[Any]:
        """All goals by code; each row is its latest version."""
        return IncentiveGoal.objects.order_by("code").prefetch_related(
            "versions__members__person", "versions__kpi", "versions__tier", "person"
        )

    def record(self, obj: Any) -> Record:
        """A goal in the file's columns, as its latest version says."""
        version = obj.latest
        people = sorted(member.person.email for member in version.members.all())
        numbers = {name: NUMBER.text(getattr(version, name)) for name in NUMBERS}
        return {
            "code": obj.code,
            "person": people[0] if obj.person_id else "",
            "team": "" if obj.person_id else ";".join(people),
            "team_name": obj.team_name,
            "period": obj.period,
            "measure": version.measure,
            "kpi": version.kpi.code if version.kpi else "",
            "tier": version.tier.code if version.tier else "",
            "initiatives": ";".join(version.initiatives),
            **numbers,
        }

    def stored(self, keys: Iterable[Key]) -> dict[Key, Any]:
        """The stored goals of these codes."""
        codes = {key[0] for key in keys}
        return {(one.code,): one for one in self.rows().filter(code__in=codes)} if codes else {}

    def write(self, changes: list[Change], stored: dict[Key, Any], job: LoadJob | None) -> None:
        """Each new or different row is a further version, a draft."""
        assert job is not None  # noqa: S101 - undoing has a way of its own
        kept = self.held(job)
        for change in changes:
            assert change.after is not None  # noqa: S101 - a file takes nothing away
            draft = self._draft(kept, change.after)
            goal = stored.get(change.key) or begin_goal(draft)
            write_version(goal, draft, by=job.by, load=job.load)
        self._weigh(job, changes)

    def _weigh(self, job: LoadJob, changes: list[Change]) -> None:
        """Nobody's goals of a period weigh more than 100 together."""
        kept = self.held(job)
        lines: dict[tuple[str, int], Change] = {}
        for change in changes:
            after = change.after or {}
            for email in _people_of(after):
                lines[after["period"], kept.people[email].pk] = change
        for period in {period for period, _ in lines}:
            for person, total in weights_of(period, [pk for code, pk in lines if code == period]):
                change = lines[period, person.pk]
                for column, reason in weight_problems([(person, total)]):
                    job.errors.add(change.line, column, (change.after or {})[column], reason)

    def undo(self, load: Load, by: User | None) -> None:
        """The drafts of the load go; what it superseded as the latest stands again. Raises UndoRefused."""
        rows = list(GoalVersion.objects.filter(load=load).select_related("goal"))
        changes = [self._change_of(one) for one in LoadChange.objects.filter(load=load)]
        if by is not None and (refused := list(self.refusals(by, changes))):
            raise UndoRefused(f"It is not yours to take back: a goal {refused[0].reason}. Nothing was changed")
        later = GoalVersion.objects.filter(goal__in=[row.goal_id for row in rows]).values("goal")
        newest = dict(later.annotate(last=Max("number")).values_list("goal", "last"))
        for row in rows:
            if row.state != GoalState.DRAFT or newest[row.goal_id] != row.number:
                raise UndoRefused(
                    f"Load {load.pk} cannot be taken back: {row.goal.code} was approved or written anew since. "
                    "Nothing was changed"
                )
        GoalVersion.objects.filter(pk__in=[row.pk for row in rows]).delete()
        IncentiveGoal.objects.filter(pk__in=[row.goal_id for row in rows], versions=None).delete()

    @staticmethod
    def _change_of(one: LoadChange) -> Change:
        return Change(0, (one.key,), one.before, one.after)


def _people_of(record: Record) -> list[str]:
    """The addresses that a row names."""
    return sorted({*parts(record.get("person", "")), *parts(record.get("team", ""))})
