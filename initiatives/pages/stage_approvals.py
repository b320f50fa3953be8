"""The page on which executives approve and override, and on which what was put on hold goes on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import cached_property

from django.db.models import Count, Q
from django.urls import reverse

from accounts.choices import Verb
from accounts.models import AuditEntry, User
from accounts.pages.decisions import MOST, Cell, Decided, Desk, Group, Row, lately
from accounts.rights import Right
from core.decisions import USUAL, Choices, SendLine
from core.formatting import Style, counted, sentence_list, short_day
from initiatives.access import editable_by
from initiatives.choices import Quadrant, Stage
from initiatives.models import Initiative, InitiativeKpi
from initiatives.pages.initiative import figures, span_words
from initiatives.pages.register import score_words
from initiatives.reading.approvals import Awaiting, Step, asked_back_by, awaiting, undated_candidates
from initiatives.rules.stages import Course
from initiatives.services.stage_decisions import staying

_ASK_BACK = "Ask back"
_LABELS = {
    Step.APPROVE: "Approve",
    Step.APPROVE_AGAIN: "Approve",
    Step.OVERRIDE: "Override",
    Step.RESUME: "Resume",
}
_WHY_BET = "Why is its impact worth its burden, or what do you ask its owner?"
_WHY_ALL_THE_SAME = "Why may it start all the same, or what do you ask its owner?"


class StageDesk(Desk):
    """Initiatives that wait for a word, and what was decided of late."""

    def __init__(self, user: User, currency: str, choices: Choices) -> None:
        super().__init__(user, choices)
        self.money = Style("currency", currency, 0)
        self.currency = currency

    @cached_property
    def _waiting(self) -> list[Awaiting]:
        return awaiting()

    @cached_property
    def _executive(self) -> bool:
        return self.user.has_perm(Right.APPROVE_INITIATIVES)

    @cached_property
    def _editable(self) -> set[int]:
        held = [one.initiative.pk for one in self._waiting if one.step == Step.RESUME]
        rows = editable_by(self.user, Initiative.objects.filter(pk__in=held))
        return set(rows.values_list("pk", flat=True)) if held else set()

    @cached_property
    def _kpis(self) -> dict[int, int]:
        """How many KPIs each should move."""
        ids = [one.initiative.pk for one in self._waiting]
        links = InitiativeKpi.objects.filter(initiative__in=ids).order_by().values("initiative")
        return dict(links.annotate(kpis=Count("kpi", distinct=True)).values_list("initiative", "kpis"))

    @cached_property
    def undated(self) -> int:
        """How many candidates cannot be approved yet, for want of dates."""
        return undated_candidates()

    @cached_property
    def groups(self) -> list[Group]:
        """What has to be weighed, what is within the usual, what somebody was asked about, and what is on hold."""
        asked = asked_back_by(self.user)
        mine = [one for one in self._waiting if one.step.is_executive]
        open_ones = [one for one in mine if one.initiative.code in asked]
        fresh = [one for one in mine if one.initiative.code not in asked]
        odd = [one for one in fresh if any(_odd(one))]
        usual = [one for one in fresh if not any(_odd(one))]
        held = [one for one in self._waiting if not one.step.is_executive]
        each = "each is decided by itself"
        marks = f"Mark {len(usual)} worth their burden, or small, as approved" if self._executive else ""
        found = [
            Group("odd", "Look at these first", each, self._shown(odd)),
            Group(USUAL, "Worth its burden, or small", "with an owner and dates ahead", self._shown(usual), marks),
            Group("asked", "You asked, and wait for an answer", "not in your inbox until then", self._shown(open_ones)),
            Group("held", "On hold", "its owner, deputy, team or a steward lets it go on", self._shown(held)),
        ]
        return [group for group in found if group.rows]

    def _shown(self, rows: Iterable[Awaiting]) -> list[Row]:
        return [self._row(one) for one in rows]

    def _row(self, one: Awaiting) -> Row:
        row, executive = one.initiative, one.step.is_executive
        may = self._executive if executive else row.pk in self._editable and not one.refusal
        cost = next(figure.value for figure in figures(one.standing, self.currency) if figure.name == "Cost")
        department = row.department.name
        return Row(
            row.pk,
            row.title,
            self.choices,
            url=reverse("initiative", args=[row.code]),
            notes=(
                f"{row.get_stage_display()} · {row.get_level_display()} · {department}",
                f"Owner {row.owner or 'nobody'} · {score_words(one.standing.scores)}",
            ),
            cells=(
                Cell("Cost", cost, "number"),
                Cell("Due", short_day(row.due) if row.due else "–", "number"),
            ),
            odd=tuple(_odd(one)),
            effect=self._effect(one),
            quote=row.justification if executive else "",
            yes=_LABELS[one.step] if may else "",
            no=_ASK_BACK if may and executive else "",
            says=one.needs_words,
            ask=_asked(one),
        )

    def _effect(self, one: Awaiting) -> str:
        row, number = one.initiative, self._kpis.get(one.initiative.pk, 0)
        moves = f"it should move {counted(number, 'KPI')}" if number else "it names no KPI that it should move"
        if one.step == Step.RESUME:
            goes = "It runs again, and is reported on" if one.goes_on == Stage.IN_PROGRESS else "It may start again"
            return f"{one.refusal} It stays on hold until then." if one.refusal else f"{goes}; {moves}."
        if one.step == Step.APPROVE_AGAIN:
            as_what = Quadrant(row.approved_as).label.lower() if row.approved_as else ""
            was = f"It was approved as {as_what}" if as_what else "It came by file"
            return f"{was} and is a major bet by now. Approved as one, it {_goes(row)}; {moves}."
        agreed = span_words(row.baseline_start, row.baseline_due)
        override = " with your override" if one.course.quadrant == Quadrant.RECONSIDER else ""
        return f"It may start{override}, agreed for {agreed}; {moves}. No number changes."

    # -- what sending does

    @property
    def seen(self) -> str:
        """The revision of each: what was changed since is not decided unseen."""
        return " ".join(f"{one.initiative.pk}:{one.initiative.revision}" for one in self._waiting)

    @property
    def line(self) -> SendLine:
        """How many may start and what they cost together, in the company's money."""
        yes, no = self.counted()
        return SendLine(
            self.yours, len(yes), len(no), self._does({row.pk for row in yes}, len(no)), "initiative", *_ENDS
        )

    def _does(self, yes: Collection[int], asked: int) -> str:
        chosen = [one for one in self._waiting if one.initiative.pk in yes]
        may, go = ([one for one in chosen if one.step.is_executive is executive] for executive in (True, False))
        told = [f"lets {counted(len(may), 'initiative')} start{self._costing(may)}"] if may else []
        told += [f"has {counted(len(go), 'initiative')} go on"] if go else []
        told += [f"asks the owner of {counted(asked, 'initiative')}"] if asked else []
        return sentence_list(told)

    def _costing(self, rows: Collection[Awaiting]) -> str:
        costs = [one.standing.cost for one in rows if one.standing.cost is not None]
        without = len(rows) - len(costs)
        if not costs:
            return ", without a figure of what it costs" if without == 1 else ", without figures of what they cost"
        rest = f" ({without} without a figure left out)" if without else ""
        together = " together" if len(rows) > 1 else ""
        return f" for {self.money.full(sum(costs))}{together}{rest}"

    # -- what was decided

    @cached_property
    def decided(self) -> list[Decided]:
        """Approvals and overrides, and what goes on again."""
        since = lately()
        rows = Initiative.objects.filter(Q(approved_at__gte=since) | Q(override_at__gte=since))
        named = rows.select_related("approved_by", "override_by").order_by("-pk")[:MOST]
        own = set(Initiative.objects.of_person(self.user).values_list("pk", flat=True))
        found = [*(self._decision(one, own) for one in named), *_resumed()]
        return sorted(found, key=lambda one: one.at, reverse=True)[:MOST]

    def _decision(self, row: Initiative, own: Collection[int]) -> Decided:
        approved = row.approved_at is not None and row.approved_at >= lately()
        at, by = (row.approved_at, row.approved_by) if approved else (row.override_at, row.override_by)
        assert at is not None  # noqa: S101  one of the two is
        as_what = f" as {Quadrant(row.approved_as).label.lower()}" if approved and row.approved_as else ""
        stays = self._stays(row, own=row.pk in own)
        return Decided(
            *(row.pk, row.title, reverse("initiative", args=[row.code])),
            outcome=f"approved{as_what}" if approved else "overridden",
            shape="●",
            at=at,
            by=str(by),
            reason=row.override_reason or row.justification,
            stays=stays,
            said="" if stays else _said(row),
        )

    def _stays(self, row: Initiative, *, own: bool) -> str:
        if not self._executive:
            return "an executive takes approvals back"
        return staying(row) or ("you have a part in it: another executive takes it back" if own else "")


_ENDS = ("let on", "asked back")


def _goes(row: Initiative) -> str:
    return {Stage.IN_PROGRESS: "goes on", Stage.ON_HOLD: "may be resumed"}.get(Stage(row.stage), "may start")


def _asked(one: Awaiting) -> str:
    if not one.needs_words:
        return "What do you ask its owner?"
    return _WHY_BET if one.course.quadrant == Quadrant.MAJOR_BET else _WHY_ALL_THE_SAME


def _odd(one: Awaiting) -> Iterator[str]:
    """Why it should be weighed by itself."""
    row, day, course = one.initiative, one.standing.as_of, one.course
    owner: User | None = row.owner  # type: ignore[assignment]
    if one.step.is_executive:
        yield from _of_quadrant(course)
    if owner is None:
        yield "nobody owns it"
    elif not owner.is_active:
        yield f"its owner {owner} was deactivated"
    if row.due and row.due < day:
        yield f"its due date, {short_day(row.due)}, has passed"
    elif course.stage == Stage.CANDIDATE and row.baseline_start and row.baseline_start < day:
        yield f"its agreed start, {short_day(row.baseline_start)}, has passed"


def _of_quadrant(course: Course) -> Iterator[str]:
    if course.quadrant is None:
        yield "not scored: nobody has said what it is worth and what it takes"
    elif course.quadrant == Quadrant.MAJOR_BET:
        yield "major bet: a high burden, which its impact has to be worth"
    elif course.quadrant == Quadrant.RECONSIDER and not course.overridden:
        yield "reconsider: its impact is low for its burden"


def _said(row: Initiative) -> str:
    if row.stage == Stage.CANDIDATE:
        return "The override goes: it cannot start without another one. Its owner is told."
    gone = " Its override goes with it." if row.override_at else ""
    return f"It is a candidate again, to be approved anew before it starts.{gone} Its owner is told."


def _resumed() -> Iterator[Decided]:
    """What goes on again, by the audit: it is put on hold once more on its page."""
    kind = Initiative._meta.label_lower
    entries = AuditEntry.objects.filter(
        object_type=kind, verb__in=(Verb.RESUMED, Verb.MADE_APPROVED), at__gte=lately()
    ).order_by("-pk")
    found = list(entries.select_related("by")[:MOST])
    rows = Initiative.objects.in_bulk({int(one.object_id) for one in found}) if found else {}
    for entry in found:
        if row := rows.get(int(entry.object_id)):
            reason = str((entry.after or {}).get("reason", ""))
            yield Decided(
                *(row.pk, row.title, reverse("initiative", args=[row.code]), "goes on", "▶", entry.at),
                by=str(entry.by or "a command"),
                reason=reason,
                stays="it is put on hold again on its page",
            )
