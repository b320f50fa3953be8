"""Initiatives as a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, QuerySet

from accounts.loads import Change, LoadJob, Refusal, RowKind
from accounts.loads.people import OWNER, ensure_people
from accounts.loads.refusing import lacking
from accounts.loads.taking import Key
from accounts.models import BusinessUnit, Department, Load, User
from accounts.rights import Right
from accounts.rules.people import gone_words
from core.loading import Column, Record, Reference
from core.loading.columns import BOOLEAN, DAY, EMAIL, POSITIVE, choice_type, code_in, key_in, text_in, whole_type
from core.loading.rows import Row
from customers.loads import CUSTOMER
from customers.models import Customer, Tier
from initiatives.choices import Level, Stage
from initiatives.formulas import Plan
from initiatives.loads.cells import CODES, CURRENCY, KPIS, TEAM, parts, team_people
from initiatives.loads.lists import kpi_rows, replace_list, unknown_codes
from initiatives.loads.stages import DECISIONS, Courses, approves, decided, log_stages
from initiatives.loads.tracking import track_changes
from initiatives.loads.undoing import not_yours, refuse_children, refuse_touched
from initiatives.models import Initiative, InitiativeKpi, TrackedChange
from initiatives.rules.initiative import (
    HIDDEN_CUSTOMER,
    Outline,
    initiative_problems,
    kpi_and_tier,
    link_problems,
    tier_problems,
)
from initiatives.services.trail import TRACKED
from kpis.models import Kpi

_SCORE = whole_type(1, 5)
_LISTS = ("tiers", "kpis")
_DAYS = ("baseline_start", "baseline_due", "started_on", "due", "finished_on")
_EXECUTIVES = f"an executive approves it first, and the row {lacking(Right.APPROVE_INITIATIVES)}"
_BEGINS = "is not where a new initiative begins: a call makes it a candidate, and its page or another call moves it on"
_HANGING = (
    *("milestones", "updates", "documents", "thanks", "turnarounds", "benefits", "realised_benefits"),
    "moments",
)


def _of_department(name: str, *, optional: bool = False) -> Column:
    reference = Reference(Department, "code", "department")
    return Column(name, code_in(Department), optional=optional, null=optional, reference=reference)


def _person(name: str) -> Column:
    return Column(name, EMAIL, optional=True, null=True, reference=OWNER)


def _score(name: str) -> Column:
    return Column(name, _SCORE, optional=True, null=True)


@dataclass(slots=True)
class _Kept:
    """What rows of a batch are checked beside."""

    courses: Courses
    tiers: dict[str, str]
    kpis: set[str]
    gone: dict[str, str]


class Initiatives(RowKind[_Kept]):
    """The register. What a row does not say by its dates, a later load of it says from that day on."""

    name = "initiatives"
    title = "Initiatives"
    model = Initiative
    row_right = Right.CREATE_CANDIDATE
    bulk_rights = (Right.CREATE_CANDIDATE, Right.EDIT_INITIATIVES, Right.EDIT_OWN_INITIATIVES)
    begins_with = {"stage": Stage.CANDIDATE.value, "baseline_start": "", "baseline_due": ""}
    columns = (
        Column("code", code_in(Initiative), key=True),
        Column("title", text_in(Initiative, "title")),
        Column("level", choice_type(Level)),
        Column(
            "business_unit",
            code_in(BusinessUnit),
            optional=True,
            null=True,
            reference=Reference(BusinessUnit, "code", "business unit"),
        ),
        Column("customer", key_in(Customer, "external_id"), optional=True, null=True, reference=CUSTOMER),
        _of_department("department"),
        _of_department("serves", optional=True),
        Column("tiers", CODES, optional=True),
        Column("customer_focused", BOOLEAN, optional=True, default="true"),
        _person("owner"),
        _person("sponsor"),
        Column("team", TEAM, optional=True, field="team_name"),
        _score("loyalty_impact"),
        _score("vendor_choice_impact"),
        _score("effort"),
        Column("cost", POSITIVE, optional=True, null=True),
        Column("spent", POSITIVE, optional=True, null=True),
        Column("currency", CURRENCY, optional=True),
        Column("baseline_start", DAY, blank=True, null=True),
        Column("baseline_due", DAY, blank=True, null=True),
        Column("started_on", DAY, optional=True, null=True),
        Column("due", DAY, optional=True, null=True),
        Column("finished_on", DAY, optional=True, null=True),
        Column("stage", choice_type(Stage)),
        Column("kpis", KPIS, optional=True),
        Column("theme", key_in(Initiative, "theme"), optional=True),
        *DECISIONS,
    )

    @property
    def blank(self) -> Record:
        """What a new row is before its cells."""
        return {column.name: column.default for column in self.columns}

    @property
    def kept(self) -> list[Column]:
        """Tiers and KPIs are kept in rows of their own."""
        return [column for column in self.columns if column.name not in _LISTS]

    def rows(self) -> QuerySet[Any]:
        """With the lists that their cells join."""
        return super().rows().prefetch_related("tiers", "team", "kpi_links__kpi", "kpi_links__tier")

    def record(self, obj: Any) -> Record:
        """A stored row in the file's columns."""
        links = ((link.kpi.code, link.tier) for link in obj.kpi_links.all())
        team = ";".join([obj.team_name, *(person.email for person in obj.team.all())])
        found = super().record(obj) | {
            "tiers": CODES.clean(";".join(tier.code for tier in obj.tiers.all())),
            "team": TEAM.clean(team),
            "kpis": KPIS.clean(";".join(f"{kpi}@{tier.code}" if tier else kpi for kpi, tier in links)),
        }
        return {column.name: found[column.name] for column in self.columns}

    def normal(self, record: Record) -> Record:
        """The due date is that of the baseline until somebody gives another."""
        return {**record, "due": record["due"] or record["baseline_due"]}

    def extras(self, job: LoadJob | None) -> dict[str, Any]:
        """Which load brought it, and whose."""
        return {"load": job.load, "created_by": job.by} if job else {}

    # -- row errors

    def prepare(self, job: LoadJob, rows: list[Row]) -> _Kept:
        """How the initiatives of a batch stand, and what their lists may name."""
        return _Kept(
            Courses.read(row.key[0] for row in rows),
            dict(Tier.objects.values_list("code", "scope")),
            set(Kpi.objects.values_list("code", flat=True)),
            gone_words({person for row in rows for person in team_people(row.record.get("team", ""))}),
        )

    def check(self, job: LoadJob, row: Row, before: Record | None) -> None:
        """What an initiative has to say at its level and stage, and what no file may change."""
        record = self.normal({**self.blank, **(before or {}), **row.record})
        started, old = row.key[0] in self.held(job).courses.started, _outline(before) if before else None
        job.refuse_all(row, initiative_problems(_outline(record), old, started=started, today=job.today))
        self._check_lists(job, row)
        joining = set(team_people(row.record.get("team", ""))) - set(team_people((before or {}).get("team", "")))
        job.refuse_all(row, {("team", gone) for person in joining if (gone := self.held(job).gone.get(person))})
        self._check_stage(job, row, record, before)

    def _check_lists(self, job: LoadJob, row: Row) -> None:
        """What its lists name is there, and not a computed column."""
        scopes, tiers = self.held(job).tiers, parts(row.record.get("tiers", ""))
        links = [kpi_and_tier(part) for part in parts(row.record.get("kpis", ""))]
        named = {tier for _, tier in links if tier}
        job.refuse_all(row, unknown_codes(tiers, links, scopes, self.held(job).kpis))
        job.refuse_all(row, tier_problems((code, scopes[code]) for code in tiers if code in scopes))
        job.refuse_all(row, link_problems(scopes[code] for code in named if code in scopes))

    def _check_stage(self, job: LoadJob, row: Row, record: Record, before: Record | None) -> None:
        """What is new is taken over as it stands, by a call a candidate; what is there goes on as its page lets it."""
        courses = self.held(job).courses
        if before is None and job.by_call:
            if record["stage"] != Stage.CANDIDATE:
                job.refuse(row, "stage", _BEGINS)
        elif before is None:
            if lacks := courses.lacks(record):
                job.warn(row, "stage", f"is taken over without an approval of its own: {lacks}")
        elif refusal := courses.refusal(record, job.by):
            job.refuse(row, "stage", refusal)

    def changes(self, job: LoadJob, rows: list[Row], before: dict[Key, Record]) -> list[Change]:
        """Rows that differ, with the approvals that come and go with their stages."""
        scoring = self.held(job).courses.scoring
        return [decided(change, scoring, job.by) for change in super().changes(job, rows, before)]

    def refusals(self, by: User, changes: list[Change]) -> Iterable[Refusal]:
        """Others' initiatives, approvals of who may not give them, and customers that the person may not read."""
        yield from not_yours(by, [change for change in changes if change.before is not None])
        if not by.has_perm(self.row_right):
            yield from (Refusal(change, lacking(self.row_right)) for change in changes if change.before is None)
        if not by.has_perm(Right.APPROVE_INITIATIVES):
            yield from (Refusal(change, _EXECUTIVES, "stage") for change in changes if approves(change))
        yield from _hidden_customers(by, changes)

    # -- what is written

    def write(self, changes: list[Change], stored: dict[Key, Any], job: LoadJob | None) -> None:
        """Rows, their lists, and what changed of rows that were there before."""
        ensure_people({person for change in changes for person in team_people((change.after or {}).get("team", ""))})
        super().write(changes, stored, job)
        left = [change for change in changes if change.after is not None]
        rows = Initiative.objects.in_bulk([change.key[0] for change in left], field_name="code")
        ids = {code: row.pk for code, row in rows.items()}
        _write_lists(left, ids)
        changed = [change for change in left if change.before is not None]
        touched = Initiative.objects.filter(pk__in=[ids[change.key[0]] for change in changed])
        touched.update(revision=F("revision") + 1)
        if job:
            track_changes(job, changed, TRACKED, lambda change: {"initiative_id": ids[change.key[0]]})
            log_stages(job, left, rows)

    def refuse_changed_by_hand(self, load: Load, changes: list[Change], stored: dict[Key, Any]) -> None:
        """Also what a file does not hold: approvals, documents, a stage that went and came back."""
        super().refuse_changed_by_hand(load, changes, stored)
        refuse_touched(load, stored.values())

    def delete(self, objects: list[Any]) -> None:
        """Not where people hung something on them."""
        refuse_children(objects, _HANGING)
        super().delete(objects)

    def undo(self, load: Load, by: User | None) -> None:
        """With what it changed by the day."""
        super().undo(load, by)
        TrackedChange.objects.filter(load=load).delete()


def _outline(record: Record) -> Outline:
    """What the rules look at of a row that is complete. Amounts are read as columns read them."""
    days: dict[str, Any] = {name: date.fromisoformat(text) if (text := record[name]) else None for name in _DAYS}
    named = bool(record["customer"]), bool(record["business_unit"])
    return Outline(record["code"], record["level"], Stage(record["stage"]), Plan(**days), *named)


def _hidden_customers(by: User, changes: list[Change]) -> Iterator[Refusal]:
    """A customer is named by those alone who may read it."""
    naming = [change for change in changes if change.differs("customer") and (change.after or {})["customer"]]
    names = {(change.after or {})["customer"] for change in naming}
    seen = set(Customer.objects.visible_to(by).filter(external_id__in=names).values_list("external_id", flat=True))
    for change in naming:
        if (change.after or {})["customer"] not in seen:
            yield Refusal(change, HIDDEN_CUSTOMER, "customer")


def _write_lists(changes: list[Change], ids: dict[str, int]) -> None:
    """Tiers, team and KPIs of the rows in which they differ."""
    tiers = dict(Tier.objects.values_list("code", "pk"))
    kpis = dict(Kpi.objects.values_list("code", "pk"))
    emails = {person for change in changes for person in team_people((change.after or {})["team"])}
    people = dict(User.objects.filter(email__in=emails).values_list("email", "pk"))
    own, of_tiers, of_team = "initiative_id", Initiative.tiers.through, Initiative.team.through
    replace_list(of_tiers, own, changes, ids, "tiers", lambda cell: ({"tier_id": tiers[c]} for c in parts(cell)))
    replace_list(of_team, own, changes, ids, "team", lambda cell: ({"user_id": people[p]} for p in team_people(cell)))
    replace_list(InitiativeKpi, own, changes, ids, "kpis", lambda cell: kpi_rows(cell, kpis, tiers))
