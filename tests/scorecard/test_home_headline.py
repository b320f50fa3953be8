"""The headline of the home page, clause by clause, against a second count of the raw rows; and its grammar."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from itertools import pairwise

from django.test import Client
from django.utils.timezone import localdate

from accounts.company import company
from accounts.models import User
from core.periods import Period
from core.sentences import plain
from customers.models import Customer, LifecycleEvent, Tier, TierMembership
from initiatives.choices import Stage as Step
from initiatives.models import Initiative, InitiativeKpi, PainPoint
from kpis.choices import Direction
from kpis.models import Fact, Kpi, Target
from kpis.models.frozen import lifted
from kpis.rollup.runs import roll_up_now
from scorecard.pages.home_headline import headline
from scorecard.reading.home import Home, read_home
from tests import factories as make
from tests.kept import kept
from tests.scorecard.reading import text_of
from tests.scorecard.stage import QUARTER, Stage

MONTHS = [year * 100 + month for year in (2009, 2010, 2011) for month in range(1, 13) if year * 100 + month >= 200910]
MONTHS = [month for month in MONTHS if month <= QUARTER[-1]]
NOISE = (20, 22, 21, 19, 20, 23, 18, 21)


@kept
def told(stage: Stage) -> Stage:
    """The stage, and what a headline counts: calls that really got worse in Gold, where they always miss with nobody on
    them, and really better in Silver; four running initiatives, one late; pain that one of them answers in part.
    """
    calls = make.kpi("calls", name="Calls", direction=Direction.LOWER)
    for place, month in enumerate(MONTHS):
        last = month == QUARTER[-1]
        make.fact(calls, stage.acme, month, 60 if last else NOISE[place % 8])
        make.fact(calls, stage.brix, month, 1 if last else NOISE[place % 8])
        make.touch(calls, month)
    make.target(calls, stage.gold, MONTHS[0], 10)
    make.target(calls, stage.silver, MONTHS[0], 40)
    service, sales = stage.repeats.department, stage.revenue.department
    make.initiative("late", department=sales, baseline_start=date(2020, 1, 1), due=date(2020, 6, 1))
    make.initiative("waiting", department=service, theme="waiting", kpis=((stage.repeats, stage.gold),))
    make.initiative("silver", department=sales, kpis=((calls, stage.silver),))
    make.initiative("idle", department=sales, stage=Step.ON_HOLD, kpis=((calls, stage.gold),))
    make.pain_point("waiting", department=service, month=201108, mentions=10, severity=2)
    make.pain_point("prices", department=service, month=201109, mentions=3, severity=5)
    make.pain_point("prices", department=service, month=201106, mentions=9, severity=5)
    for who, on, kind in [
        (stage.acme, "2010-01-05", "joined"),
        (stage.brix, "2011-08-10", "joined"),
        (make.customer("NEW", tier=stage.gold), "2011-09-01", "joined"),
        (make.customer("OLD", tier=stage.silver), "2010-02-01", "joined"),
    ]:
        make.lifecycle_event(who, on, kind)
    make.lifecycle_event(Customer.objects.get(external_id="OLD"), "2011-07-04", "left")
    roll_up_now()
    return stage


@kept
def home(told: Stage) -> Home:
    return read_home(period_of(), localdate())


def period_of(code: str = "2011-Q3") -> Period:
    return Period.parse(code, company().calendar)


def said(home: Home) -> str:
    return plain(headline(home))


# -- the second count: rows and arithmetic of its own


def tier_of(fact: Fact) -> Tier | None:
    """By the last membership that began in the fact's month or before."""
    last = date(fact.month // 100, fact.month % 100, 28)
    rows = TierMembership.objects.filter(customer_id=fact.customer_id, starts_on__lte=last).order_by("starts_on")
    return rows.last().tier if rows else None  # type: ignore[union-attr]


def value(kpi: Kpi, tier: Tier, months: Iterable[int]) -> Fraction:
    """A sum, or a ratio in percent."""
    facts = [fact for fact in Fact.objects.filter(kpi=kpi, month__in=list(months)) if tier_of(fact) == tier]
    total = sum((Fraction(fact.numerator) for fact in facts), Fraction(0))
    if kpi.customer_method == "ratio":
        return total * 100 / sum(Fraction(fact.denominator or 0) for fact in facts)
    return total


def target(kpi: Kpi, tier: Tier) -> Fraction | None:
    """Of the quarter: its own row, or three times a month's where the KPI adds up."""
    row = Target.objects.filter(kpi=kpi, tier=tier, from_month__lte=QUARTER[0], state="approved").last()
    if row is None:
        return None
    return Fraction(row.value or 0) * (3 if row.per == "month" and kpi.time_method == "sum" else 1)


def is_missed(kpi: Kpi, tier: Tier) -> bool | None:
    """By more than a tenth of the target; None without one."""
    aim = target(kpi, tier)
    if aim is None:
        return None
    short = aim - value(kpi, tier, QUARTER)
    return (short if kpi.direction == "higher" else -short) > abs(aim) / 10


def limits(numbers: list[Fraction]) -> tuple[Fraction, Fraction]:
    """Centre and reach of an XmR chart: the mean, and 2.66 times the mean of what moves from month to month, those
    above 3.267 times their mean left out once.
    """
    moving = [abs(after - before) for before, after in pairwise(numbers)]
    mean = Fraction(sum(moving), len(moving))
    kept_ = [one for one in moving if one <= mean * Fraction("3.267")]
    return Fraction(sum(numbers), len(numbers)), Fraction("2.66") * Fraction(sum(kept_), len(kept_))


def moved(kpi: Kpi, tier: Tier) -> str:
    """Whether the last month lies outside the limits of those before it."""
    numbers = [value(kpi, tier, [month]) for month in MONTHS]
    centre, reach = limits(numbers[:-1])
    better = numbers[-1] < centre - reach if kpi.direction == "lower" else numbers[-1] > centre + reach
    worse = numbers[-1] > centre + reach if kpi.direction == "lower" else numbers[-1] < centre - reach
    return "better" if better else "worse" if worse else ""


def test_targets_missed(home: Home, told: Stage) -> None:
    verdicts = {
        (kpi.code, tier.name): is_missed(kpi, tier) for kpi in Kpi.objects.all() for tier in Tier.objects.real()
    }
    judged = {cell: missed for cell, missed in verdicts.items() if missed is not None}
    missed = [tier for (_, tier), missed in judged.items() if missed]
    assert (len(judged), len(missed), missed.count("Gold")) == (5, 3, 3)
    assert said(home).startswith("3 of 5 targets missed, all in Gold. ")


def test_what_really_changed(home: Home, told: Stage) -> None:
    calls = Kpi.objects.get(code="calls")
    assert [moved(calls, tier) for tier in (told.gold, told.silver)] == ["worse", "better"]
    short = Kpi.objects.exclude(code="calls")  # six months of facts: no chart
    assert all(len(set(Fact.objects.filter(kpi=kpi).values_list("month", flat=True))) < 12 for kpi in short)
    assert "1 number really got worse, 1 better; " in said(home)


def test_what_will_go_on_missing_with_nobody_on_it(home: Home, told: Stage) -> None:
    calls = Kpi.objects.get(code="calls")
    above = [value(calls, told.gold, [month]) - target_of_month(calls, told.gold) for month in MONTHS]
    centre, reach = limits(above)
    assert centre - reach > 0  # wholly on the bad side
    links = InitiativeKpi.objects.filter(kpi=calls, initiative__stage="in_progress")
    assert not any(link.tier_id in {None, told.gold.pk} for link in links)
    assert "; 1 will go on missing with nobody on it. " in said(home)
    gap = home.open_gaps[0]
    assert (gap.found.cell.tier, [row.code for row in gap.planned]) == (told.gold, ["idle"])


def target_of_month(kpi: Kpi, tier: Tier) -> Fraction:
    return Fraction(Target.objects.get(kpi=kpi, tier=tier).value or 0)


def test_initiatives_late_today(home: Home) -> None:
    today = localdate()
    running = [row for row in Initiative.objects.all() if row.stage == "in_progress"]
    late = [row for row in running if row.due is not None and row.due < today]
    assert (len(running), len(late)) == (3, 1)
    assert " 1 of 3 initiatives late today, " in said(home)


def test_pain_unanswered(home: Home) -> None:
    """What ran at the end of the quarter answers it: nothing did yet, for all three began this year or ended."""
    points = [row for row in PainPoint.objects.all() if row.month in QUARTER]
    weights = {row.theme: row.mentions * row.severity for row in points}
    began = Initiative.objects.get(code="waiting").baseline_start
    assert began is not None
    assert began > date(2011, 9, 30)
    assert sum(weights.values()) == 35
    assert ", 100 % of customers’ pain unanswered, " in said(home)


def test_pain_that_was_answered_then(told: Stage) -> None:
    Initiative.objects.filter(code="waiting").update(baseline_start=date(2011, 1, 1))
    left = Fraction(15, 20 + 15) * 100  # prices of the quarter, of both
    assert f", {round(left)} % of customers’ pain unanswered, " in said(read_home(period_of(), localdate()))


def test_customers_won_net(home: Home) -> None:
    events = LifecycleEvent.objects.filter(on__range=(date(2011, 7, 1), date(2011, 9, 30)))
    net = sum(-1 if event.kind == "left" else 1 for event in events)
    assert net == 1
    assert said(home).endswith(", 1 customer won net.")


# -- each clause leads to the list that it counts


def test_each_clause_is_a_link_to_what_it_counts(home: Home, told: Stage, ines: User) -> None:
    links = {phrase.text: phrase.url for phrase in headline(home) if phrase.url}
    assert links == {
        "3 of 5 targets missed": "/matrix/2011-Q3/?status=missed",
        "all in Gold": "/matrix/2011-Q3/?status=missed&tier=T1",
        "1 number really got worse": "/matrix/2011-Q3/?signal=worse",
        "1 better": "/matrix/2011-Q3/?signal=better",
        "1 will go on missing with nobody on it": "#gaps",
        "1 of 3 initiatives late today": "/initiatives/?status=late&period=2011-Q3",
        "100 % of customers’ pain unanswered": "/coverage/?period=2011-Q3",
        "1 customer won net": "/growth/?period=2011-Q3",
    }
    browser = make.signed_in(ines)
    for url in links.values():
        if not url.startswith("#"):
            assert browser.get(url).status_code == 200, url


def test_the_lists_have_as_many(told: Stage, browser: Client) -> None:
    assert "1 initiative" in text_of(browser.get("/initiatives/?status=late&period=2011-Q3"))
    growth = browser.get("/api/v1/growth/?period=2011-Q3").json()["rows"][-1]
    assert growth["joined"] + growth["returned"] - growth["left"] == 1
    cells = [
        cell
        for row in browser.get("/api/v1/matrix/?period=2011-Q3").json()["rows"]
        for cell in row["cells"]
        if cell["tier"] in {"T1", "T2"}
    ]
    assert sum(cell["status"] == "missed" for cell in cells) == 3
    assert [cell["signal"] for cell in cells if cell["signal"]] == ["worse", "better"]


# -- clauses with nothing to say


def test_what_is_not_known_is_left_out_and_what_is_nothing_is_said_so(stage: Stage) -> None:
    assert said(read_home(period_of(), localdate())) == "2 of 3 targets missed, all in Gold. No initiative runs today."


def test_nothing_missed_and_nothing_late(stage: Stage) -> None:
    with lifted():
        Target.objects.exclude(tier=stage.silver).delete()
    make.initiative()
    home = read_home(period_of(), localdate())
    assert said(home) == "None of 1 target missed. None of 1 initiative late today."


def test_without_targets_no_verdict_is_claimed(stage: Stage) -> None:
    with lifted():
        Target.objects.all().delete()
    assert said(read_home(period_of(), localdate())).startswith("No target can be judged yet. ")


def test_while_a_period_runs_it_is_too_early_to_say(stage: Stage) -> None:
    found = read_home(period_of(), date(2011, 9, 20))
    assert said(found).startswith("Too early to say: 1 of 4 cells can be judged so far, 1 missed, in Gold. ")
    assert "today" not in said(found)


def test_the_start_of_record_wins_no_customers(stage: Stage) -> None:
    for who, on, kind in [(stage.acme, "2010-01-05", "joined"), (stage.acme, "2011-08-20", "left")]:
        make.lifecycle_event(who, on, kind)
    make.lifecycle_event(stage.brix, "2011-08-10", "joined")
    assert "customer" not in said(read_home(period_of("2010-Q1"), localdate()))
    assert said(read_home(period_of(), localdate())).endswith("as many customers won as lost.")


def test_more_lost_than_won(told: Stage) -> None:
    make.lifecycle_event(told.acme, "2011-08-01", "left")
    make.lifecycle_event(told.brix, "2011-08-30", "left")
    make.lifecycle_event(Customer.objects.get(external_id="NEW"), "2011-09-20", "left")
    assert said(read_home(period_of(), localdate())).endswith(", 2 customers lost net.")


def test_a_late_initiative_of_the_past_is_counted_at_the_end_of_the_period_too(told: Stage) -> None:
    Initiative.objects.filter(code="silver").update(baseline_start=date(2011, 1, 1))
    home = read_home(period_of(), localdate())
    assert home.then is not None
    assert (home.now.running, home.then.running) == (3, 1)
