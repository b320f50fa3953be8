"""The rail's panels of the register: initiatives of all stages that serve a KPI, and the pain behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse

from accounts.company import company, today_of
from accounts.models import Department, User
from accounts.pages.last_changes import change_panel
from accounts.rights import Right
from core.formatting import Style, counted, number, period_name, sentence_list, short_day
from core.periods import Period
from core.registry import Panel, PanelPlace, Subject
from customers.choices import TierScope
from customers.models import Customer, Tier
from customers.reading.customers import standings_of
from initiatives.access import editable_by
from initiatives.choices import Level, Stage
from initiatives.formulas import GRAVITY
from initiatives.models import Initiative, TrackedChange
from initiatives.pages.stage_moves import APPROVE
from initiatives.querysets import InitiativeQuerySet
from initiatives.reading.answers import Pain, answers
from initiatives.reading.coverage import Told, read_pain
from initiatives.reading.last_changes import last_changes
from initiatives.reading.running_initiatives import Serving
from initiatives.reading.stages import wants_approval_again
from initiatives.reading.standings import Standing, read_standings
from initiatives.reading.subjects import AskedTheme
from initiatives.wording import finished_words, reasons_words
from kpis.models import Kpi
from kpis.reading.freshness import latest_period
from kpis.reading.subjects import AskedKpi

SHOWN, THEMES = 12, 4
# The order of stages; each with its word in a count, and its mark where it has no schedule status.
_STAGES: dict[Stage, tuple[str, str]] = {
    Stage.IN_PROGRESS: ("running", "●"),
    Stage.APPROVED: ("approved", "○"),
    Stage.ON_HOLD: ("on hold", "◌"),
    Stage.CANDIDATE: ("candidate", "○"),
    Stage.DONE: ("done", "✓"),
    Stage.CANCELLED: ("cancelled", "–"),
}


@dataclass(frozen=True, slots=True)
class NextStep:
    """What is missing of an initiative: a button for who may take it, with its address, else who may."""

    label: str
    url: str
    waits: str


@dataclass(frozen=True, slots=True)
class ShownServant:
    """An initiative that names the KPI, whatever its stage."""

    title: str
    url: str
    shape: str
    css_class: str
    words: str
    note: str
    step: NextStep | None


@dataclass(frozen=True, slots=True)
class ServingPanel:
    """The initiatives of all stages, what runs first. ``more`` are left out; ``candidate`` is the address of a new
    one, empty where the reader enters none or there is one of any stage already; ``nothing`` is said without rows.
    """

    counts: str
    rows: tuple[ShownServant, ...]
    more: int
    url: str
    candidate: str
    nothing: str = "None, of any stage, names this KPI for these customers."


@dataclass(frozen=True, slots=True)
class ShownTheme:
    """A theme with its share of the pain; ``level`` is the length of its bar in twentieths of the longest."""

    name: str
    share: str
    level: int
    url: str


@dataclass(frozen=True, slots=True)
class PainPanel:
    """The pain behind something. ``of`` says whose pain the shares are of; ``words`` sum up, with their list."""

    of: str
    themes: tuple[ShownTheme, ...]
    words: str
    url: str


def kpi_panels(subject: Subject, reader: User) -> Iterator[Panel]:
    """Beside a KPI and its cells: initiatives, and the pain of its department's customers."""
    asked: AskedKpi = subject.about
    department = asked.kpi.department
    named = _naming(asked.kpi, asked.tier)
    serving = Q(stage=Stage.IN_PROGRESS, pk__in=_serving(department)) if department else Q(pk=None)
    standings = read_standings(Initiative.objects.filter(Q(pk__in=named.values("pk")) | serving))
    names = set(named.values_list("pk", flat=True))
    servants = [one for one in standings if one.initiative.pk in names]
    shown = serving_panel(asked, servants, reader)
    yield Panel(
        *(PanelPlace.INITIATIVES, "initiatives/rail_initiatives.html", shown, "who"),
        verdict=verdict_words(servants),
    )
    if department:
        yield _pain(AskedTheme(department, ""), asked.period, asked.tier, standings)


def initiative_panels(subject: Subject, reader: User) -> Iterator[Panel]:
    """Beside an initiative: the pain of the department whose customers it serves, and its last change."""
    row: Initiative = subject.about
    if row.customer_focused:
        department = row.serves or row.department
        yield _pain(AskedTheme(department, row.theme.strip()), latest_period(company()), None, None)
    yield change_panel(last_changes(row), row, reader)


def customer_panels(subject: Subject, reader: User) -> Iterator[Panel]:
    """Beside a customer: the initiatives that name it, and what its tier of today complains of."""
    row: Customer = subject.about
    found = company()
    standings = read_standings(Initiative.objects.filter(customer=row))
    shown = customer_serving(row, standings, reader, found.currency)
    yield Panel(PanelPlace.INITIATIVES, "initiatives/rail_initiatives.html", shown, "who")
    tier = standings_of([row.pk], today_of(found))[row.pk].tier
    if tier is not None:
        period = latest_period(found)
        shown_pain = tier_pain(tier, period, read_pain(period))
        yield Panel(PanelPlace.PAIN, "initiatives/rail_pain.html", shown_pain, "pain")


def tier_pain(tier: Tier, period: Period, told: Sequence[Told]) -> PainPanel:
    """What the customers of a tier told, by theme."""
    own = [one for one in told if one.tier.pk == tier.pk]
    url = f"{reverse('pain_points')}?{urlencode({'tier': tier.code, 'period': period.code})}"
    if not own:
        words = f"No pain of {tier.name}’s customers was told in {period_name(period)}."
        return PainPanel(f"of {tier.name}", (), words, url)
    weight = sum(one.weight for one in own)
    themes = tuple(_themes(own, weight, AskedTheme(own[0].department, ""), url))
    return PainPanel(f"share of {tier.name}’s, {period_name(period)}", themes, f"All pain of {tier.name}", url)


def customer_serving(row: Customer, standings: Sequence[Standing], reader: User, currency: str) -> ServingPanel:
    """The panel of those that name a customer: two queries beside their standings."""
    order = list(_STAGES)
    ranked = sorted(standings, key=lambda one: (order.index(one.stage), _gravity(one), one.initiative.title))
    shown = ranked[:SHOWN]
    changes, own = _stage_changes(shown), _own(shown, reader)
    query = urlencode({"customer": row.external_id})
    new = urlencode({"level": Level.KEY_ACCOUNT.value, "customer": row.external_id})
    may_start = reader.has_perm(Right.CREATE_CANDIDATE)
    return ServingPanel(
        counts=" · ".join(_counted(standings)),
        rows=tuple(_servant(one, changes, own, reader, currency) for one in shown),
        more=len(ranked) - len(shown),
        url=f"{reverse('initiatives')}?{query}",
        candidate=f"{reverse('initiative_new')}?{new}" if may_start and not standings else "",
        nothing="None, of any stage, names this customer.",
    )


def theme_panels(subject: Subject, reader: User) -> Iterator[Panel]:
    """Beside a department's pain: its themes in the page's period, else the latest, and how many run for them."""
    about: AskedTheme = subject.about
    standings = read_standings(Initiative.objects.filter(stage=Stage.IN_PROGRESS, pk__in=_serving(about.department)))
    yield _pain(about, about.period or latest_period(company()), None, standings)


def _naming(kpi: Kpi, tier: Tier | None) -> InitiativeQuerySet:
    if tier is None:
        return Initiative.objects.filter(pk__in=kpi.initiative_links.values("initiative"))
    return Initiative.objects.moving(kpi, tier)


def _serving(department: Department) -> Any:
    return Initiative.objects.serving(department).values("pk")


def serving_panel(asked: AskedKpi, servants: Sequence[Standing], reader: User) -> ServingPanel:
    """The panel of those that name a KPI: two queries beside their standings."""
    kpi, tier = asked.kpi, asked.tier
    order = list(_STAGES)
    ranked = sorted(servants, key=lambda one: (order.index(one.stage), _gravity(one), one.initiative.title))
    shown = ranked[:SHOWN]
    changes, own = _stage_changes(shown), _own(shown, reader)
    code = kpi.code if tier is None or tier.scope != TierScope.TIER else f"{kpi.code}@{tier.code}"
    moves = f"{kpi.code}@{tier.code}" if tier else kpi.code
    may_start = reader.has_perm(Right.CREATE_CANDIDATE)
    tiers = {"tiers": tier.code} if tier and tier.scope == TierScope.TIER else {}
    new = urlencode({"title": f"Improve {kpi.name.lower()}", "kpis": code, **tiers})
    currency = asked.company.currency
    return ServingPanel(
        counts=" · ".join(_counted(servants)),
        rows=tuple(_servant(one, changes, own, reader, currency) for one in shown),
        more=len(ranked) - len(shown),
        url=f"{reverse('initiatives')}?{urlencode({'moves': moves})}",
        candidate=f"{reverse('initiative_new')}?{new}" if may_start and not servants else "",
    )


def verdict_words(servants: Sequence[Standing]) -> str:
    """``2 initiatives run for it, 1 late``; ``Nothing runs; 1 on hold and 1 candidate wait``; ``Nobody is on it``."""
    running = [one for one in servants if one.running]
    if running:
        late = Serving.of(one.status for one in running).words.partition(", ")[2]
        runs = f"{counted(len(running), 'initiative')} {'runs' if len(running) == 1 else 'run'} for it"
        return f"{runs}, {late}" if late else runs
    waiting = [f"{count} {word}" for word, count in _by_stage(servants) if word in {"approved", "on hold", "candidate"}]
    total = sum(int(words.split()[0]) for words in waiting)
    if waiting:
        return f"Nothing runs; {sentence_list(waiting)} {'waits' if total == 1 else 'wait'}"
    return "Nothing runs for it any more" if servants else "Nobody is on it"


def _by_stage(servants: Iterable[Standing]) -> Iterator[tuple[str, int]]:
    counts = Counter(one.stage for one in servants)
    return ((word, counts[stage]) for stage, (word, _) in _STAGES.items() if counts[stage])


def _counted(servants: Sequence[Standing]) -> Iterator[str]:
    """``0 running``, ``1 candidate``: what runs is counted even where nothing does."""
    counts = dict(_by_stage(servants))
    yield f"{counts.pop('running', 0)} running"
    yield from (f"{count} {word}" for word, count in counts.items())


def _gravity(one: Standing) -> int:
    return GRAVITY.index(one.status) if one.status else len(GRAVITY)


def _stage_changes(shown: Sequence[Standing]) -> dict[int, TrackedChange]:
    """The latest change of each one's stage: one query."""
    rows = TrackedChange.objects.filter(initiative__in=[one.initiative.pk for one in shown], what="stage")
    return {row.initiative_id: row for row in rows.order_by("on", "pk")}


def _own(shown: Sequence[Standing], reader: User) -> set[int]:
    """Those of them that the reader may move on: one query."""
    rows = Initiative.objects.filter(pk__in=[one.initiative.pk for one in shown])
    return set(editable_by(reader, rows).values_list("pk", flat=True))


def _servant(
    one: Standing, changes: Mapping[int, TrackedChange], own: Collection[int], reader: User, currency: str
) -> ShownServant:
    row = one.initiative
    word, shape = _STAGES[one.stage]
    status = one.status
    return ShownServant(
        title=row.title,
        url=reverse("initiative", args=[row.code]),
        shape=status.shape if status else shape,
        css_class=status.css_class if status else "status-no-target",
        words=_words(one, changes.get(row.pk), status.label if status else word),
        note=", ".join(_note(one, currency)),
        step=_step(one, row.pk in own, reader),
    )


def _words(one: Standing, change: TrackedChange | None, word: str) -> str:
    """``late: 12 days past its due date``; ``on hold since 30 Sep 2026: “No budget.”``."""
    if one.verdict:
        return f"{word}: {reasons_words(one.verdict, one.plan)}"
    if one.stage == Stage.DONE:
        return finished_words(one.plan)
    if change is None or change.after != one.stage:
        return word
    reason = f": “{change.reason}”" if change.reason else ""
    return f"{word} since {short_day(change.on)}{reason}"


def _note(one: Standing, currency: str) -> Iterator[str]:
    """Quadrant, cost, and how far it is."""
    if one.scores.quadrant:
        yield one.scores.quadrant.label.lower()
    if one.cost is not None:
        yield Style("currency", currency, 0).full(one.cost)
    if one.progress is not None:
        yield f"{one.progress} %"


def _step(one: Standing, own: bool, reader: User) -> NextStep | None:
    """What is missing: an approval, to begin, or to go on; None of what runs as it should, or has ended."""
    row = one.initiative
    address = reverse("initiative_stage", args=[row.code])
    if one.stage == Stage.CANDIDATE or wants_approval_again(row, one.scores.quadrant):
        may = reader.has_perm(Right.APPROVE_INITIATIVES)
        return NextStep("Approve", f"{address}?to={APPROVE}" if may else "", "waits for an executive to approve it")
    label = {Stage.ON_HOLD: "Resume", Stage.APPROVED: "Start"}.get(one.stage)
    if label is None:
        return None
    who = f"waits for {row.owner or 'a steward'} to {label.lower()} it"
    return NextStep(label, f"{address}?to={Stage.IN_PROGRESS.value}" if own else "", who)


def _pain(about: AskedTheme, period: Period, tier: Tier | None, standings: Sequence[Standing] | None) -> Panel:
    """The panel of a department's pain in a period: three queries."""
    shown = pain_panel(about, period, tier, read_pain(period), standings)
    return Panel(PanelPlace.PAIN, "initiatives/rail_pain.html", shown, "pain")


def pain_panel(
    about: AskedTheme, period: Period, tier: Tier | None, told: Sequence[Told], standings: Sequence[Standing] | None
) -> PainPanel:
    """The department's share of the pain and its themes; of a tier of that tier's pain, else of everybody's.

    ``standings`` are those that run for the department; None: they are not counted.
    """
    column = tier if tier and tier.scope == TierScope.TIER else None
    whole = [one for one in told if column is None or one.tier.pk == column.pk]
    weight = sum(one.weight for one in whole)
    own = [one for one in whole if one.department.pk == about.department.pk]
    query = {"department": about.department.code, "period": period.code} | ({"tier": column.code} if column else {})
    url = f"{reverse('pain_points')}?{urlencode(query)}"
    whose = f"{column.name}’s pain" if column else "all pain"
    if not own:
        words = f"No pain of {about.department.name} was told in {period_name(period)}."
        return PainPanel(f"of {whose}", (), words, reverse("coverage"))
    share = _percent(sum(one.weight for one in own), weight)
    words = f"{about.department.name}: {share} of {whose}"
    if standings is not None:
        pain = Pain(about.department.pk, None, column.pk if column else None)
        count = sum(answers(one, pain) for one in standings)
        words += (
            f", {count} running {'serves' if count == 1 else 'serve'} it" if count else ", nothing running serves it"
        )
    return PainPanel(f"share of {whose}, {period_name(period)}", tuple(_themes(own, weight, about, url)), words, url)


def _themes(own: Sequence[Told], weight: int, about: AskedTheme, url: str) -> Iterator[ShownTheme]:
    """The heaviest themes; the one that the page is about is always among them."""
    weights: Counter[str] = Counter()
    for one in own:
        weights[one.theme] += one.weight
    ranked = weights.most_common()
    shown = ranked[:THEMES]
    shown += [pair for pair in ranked[THEMES:] if pair[0].casefold() == about.theme.casefold()]
    for name, heavy in shown:
        yield ShownTheme(
            name, _percent(heavy, weight), -(-20 * heavy // ranked[0][1]), f"{url}&{urlencode({'theme': name})}"
        )


def _percent(part: int, whole: int) -> str:
    return f"{number(Fraction(100 * part, whole))} %" if whole else "–"
