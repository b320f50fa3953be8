"""What scorecards ask of a person: narratives of their KPIs, the actions that narratives and warnings gave them, for
those who prepare closings the periods that say otherwise by now than their edition, for those who write goals what
waits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db.models import Count, Exists, Min, OuterRef, Value
from django.urls import reverse
from django.utils.timezone import localdate

from accounts.company import company, today, today_of
from accounts.models import Company, User
from accounts.rights import Right
from core.formatting import counted, day_name, period_name, sentence_list
from core.periods import Month, Period, first_day, month_code, shift
from core.registry import Ask, Urgency
from customers.models import Customer
from kpis.models import Kpi
from kpis.reading.freshness import latest_period
from kpis.reading.matrix import matrix_of
from scorecard.access import may_write_goals, warned_to
from scorecard.choices import GoalState
from scorecard.models import Edition, EditionDifference, GoalMember, GoalVersion, Narrative, WarningResponse
from scorecard.reading.narratives import Wanted, wanted_of


def narrated_asks_of(user: User) -> Iterator[Ask]:
    """Narratives that the person's KPIs ask for, and open actions of narratives and warnings."""
    if not user.has_perm(Right.READ):
        return
    yield from _actions(user)
    if user.has_perm(Right.NOTE_ACTIONS) or user.has_perm(Right.NOTE_OWN_ACTIONS):
        yield from _asked(user)


def _actions(user: User) -> Iterator[Ask]:
    """Of narratives and of warnings: one query where there are none, for every page counts what is asked."""
    narratives = Narrative.objects.filter(owner=user, done_at=None).order_by().annotate(of=Value("narrative"))
    warnings = WarningResponse.objects.filter(owner=user, done_at=None, taken_back_at=None).order_by()
    both = narratives.values_list("of", "pk").union(warnings.annotate(of=Value("warning")).values_list("of", "pk"))
    found = list(both)
    yield from _narrated([pk for of, pk in found if of == "narrative"])
    yield from _warned(user, [pk for of, pk in found if of == "warning"])


def _narrated(ids: Sequence[int]) -> Iterator[Ask]:
    rows = list(Narrative.objects.filter(pk__in=ids).select_related("kpi", "tier", "by")) if ids else []
    day = today() if rows else None
    calendar = company().calendar if rows else None
    for row in rows:
        assert calendar is not None and day is not None and row.due is not None  # noqa: PT018, S101  an action has a day
        late = row.due < day
        yield Ask(
            Urgency.LATE if late else Urgency.ROUTINE,
            f"{row.kpi.name}, {row.tier.name}, {period_name(Period.parse(row.period, calendar))}",
            f"{row.action}: {'was due' if late else 'due'} {day_name(row.due)}.",
            f"{reverse('cell', args=[row.period, row.kpi.code, row.tier.code])}#narrative",
            "Open",
            row.due,
            (f"Noted by {row.by}.",) if row.by_id != row.owner_id else (),
            post=reverse("narrative_tick", args=[row.pk]),
            done="Done",
        )


def _asked(user: User) -> Iterator[Ask]:
    """What the person's KPIs ask for of the latest period, once it has ended and until it is closed."""
    kpis = [kpi for kpi in Kpi.objects.filter(owner=user).in_matrix_order() if not kpi.is_draft]
    if not kpis:
        return
    found = company()
    period = latest_period(found)
    standing = [kpi for kpi in kpis if kpi.stands_in(period.last)]
    closed = Edition.objects.filter(period=period.code).exists()
    if not standing or closed or period.is_to_date(today_of(found)):
        return
    for kpi, left in _left(found, period, standing):
        yield _ask_for(kpi, period, left)


def _left(found: Company, period: Period, kpis: list[Kpi]) -> Iterator[tuple[Kpi, list[Wanted]]]:
    """The KPIs with cells of which nobody has written yet."""
    day = today_of(found)
    asked = wanted_of(matrix_of(kpis, period, day), today=day)
    if not asked:
        return
    written = set(Narrative.objects.filter(period=period.code).values_list("kpi_id", "tier_id"))
    for kpi in dict.fromkeys(one.kpi for one in asked):
        left = [one for one in asked if one.kpi == kpi and (kpi.pk, one.cell.tier.pk) not in written]
        if left:
            yield kpi, left


def _ask_for(kpi: Kpi, period: Period, left: list[Wanted]) -> Ask:
    where = sentence_list(one.cell.tier.name for one in left)
    url = reverse("cell", args=[period.code, kpi.code, left[0].cell.tier.code])
    return Ask(
        Urgency.MISSED,
        kpi.name,
        f"{period_name(period)} asks for a narrative for {where}: say what happened, and what is done about it.",
        f"{url}#narrative",
        "Write",
        first_day(shift(period.last, 1)),
    )


def _warned(user: User, ids: Sequence[int]) -> Iterator[Ask]:
    """Who may not read the customer's name any more is told the action alone."""
    rows = list(WarningResponse.objects.filter(pk__in=ids).select_related("by")) if ids else []
    named = warned_to(user).in_bulk([row.customer_id for row in rows]) if rows else {}
    day = today() if rows else None
    for row in rows:
        customer = named.get(row.customer_id)
        assert day is not None and row.due is not None  # noqa: PT018, S101  an action has a day
        late = row.due < day
        yield Ask(
            Urgency.LATE if late else Urgency.ROUTINE,
            f"Early warning, {customer.name if customer else 'a customer'}",
            f"{row.text}: {'was due' if late else 'due'} {day_name(row.due)}.",
            _warning_url(customer, row) if customer else reverse("my"),
            "Open",
            row.due,
            (f"Noted by {row.by}.",) if row.by_id != row.owner_id else (),
            post=reverse("warning_tick", args=[row.pk]),
            done="Done",
        )


def _warning_url(customer: Customer, row: WarningResponse) -> str:
    return reverse("customer_warning", args=[customer.external_id, month_code(Month(row.month))])


def edition_asks_of(user: User) -> Iterator[Ask]:
    """Closed periods that say otherwise by now, for those who may prepare a further edition."""
    if not user.has_perm(Right.PREPARE_CLOSINGS):
        return
    rows = EditionDifference.objects.select_related("edition").defer("edition__document")
    calendar = company().calendar if rows else None
    for row in rows:
        assert calendar is not None  # noqa: S101  there are rows
        edition, verb = row.edition, "differs" if row.cells == 1 else "differ"
        yield Ask(
            Urgency.DECISION,
            period_name(Period.parse(edition.period, calendar)),
            f"{counted(row.cells, 'cell')} {verb} from edition {edition.number}: look why, and decide whether it needs "
            "a further edition.",
            f"{reverse('scorecard', args=[edition.period])}#differences-title",
            "Look",
            localdate(row.since),
        )


def goal_asks_of(user: User) -> Iterator[Ask]:
    """Incentive goals that wait for somebody's approval, but for one's own and those that one wrote: one query."""
    if not may_write_goals(user):
        return
    own = GoalMember.objects.filter(version=OuterRef("pk"), person=user)
    waiting = GoalVersion.objects.filter(~Exists(own), state=GoalState.DRAFT).exclude(written_by=user)
    since = waiting.aggregate(since=Min("written_at"), many=Count("pk"))
    if since["many"]:
        verb = "waits" if since["many"] == 1 else "wait"
        text = f"{counted(since['many'], 'incentive goal')} {verb} for approval: approve before the period begins."
        url = f"{reverse('incentives')}#waiting"
        yield Ask(Urgency.DECISION, "Incentive goals", text, url, "Look", localdate(since["since"]))
