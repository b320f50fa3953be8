"""``/approvals/``: what waits for finance in three groups, what a decision changes, and what it decides."""

from __future__ import annotations

import re
from typing import Any

import pytest
import time_machine
from pytest_django import DjangoAssertNumQueries

from accounts.models import OutgoingMail, User
from core.periods import FiscalCalendar, Period
from customers.models import Tier
from kpis.choices import Per, Status, TargetState
from kpis.models import Kpi, Target, TargetBatch
from kpis.reading.matrix import build_matrix
from kpis.rollup.runs import roll_up_now
from tests import factories
from tests.factories import signed_in
from tests.kept import kept
from tests.kpis.grid import GRID, name, stored, write

pytestmark = pytest.mark.django_db

MAY = time_machine.travel("2012-05-20T12:00:00Z", tick=False)


@kept
def gold(db: None) -> Tier:
    return factories.tier("T1", name="Gold")


@kept
def kpi(gold: Tier) -> Kpi:
    """Revenue of 2011 and the first quarter of 2012: 12, 21, 30, 39, then 21."""
    kpi = factories.kpi("revenue", name="Net revenue", decimals=1)
    for month in range(201101, 201113):
        factories.fact(kpi, factories.customer(tier=gold), month, month - 201098)
    for month in (201201, 201202, 201203):
        factories.fact(kpi, factories.customer(tier=gold), month, 7)
    roll_up_now()
    return kpi


def proposed(by: User, cells: dict[str, str], address: str = GRID, note: str = "") -> list[Target]:
    """Typed into the grid and sent to finance."""
    write(by, cells, address)
    write(by, {}, address, propose="1", note=note)
    return list(Target.objects.filter(state=TargetState.PROPOSED).order_by("from_month", "tier__rank"))


def shown(by: User) -> Any:
    """The page as the person sees it."""
    return signed_in(by).get("/approvals/").context["page"]


def text_of(html: str) -> str:
    """What is read, a blank between its parts."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def seen(rows: list[Target]) -> str:
    return " ".join(f"{row.pk}:{row.batch_id}" for row in rows)


# -- what is shown


@MAY
def test_what_looks_wrong_comes_first_then_what_reaches_back_then_the_usual(
    kpi: Kpi, gold: Tier, stella: User, fay: User
) -> None:
    share = factories.kpi("share", name="Share", unit="percent", customer_method="ratio", time_method="pool")
    proposed(
        stella,
        {
            name(kpi, gold, 201201): "22",  # a quarter that has ended
            name(kpi, gold, 201207): "25",
            name(kpi, gold, 201210): "130",  # 39 a year before
            name(share, gold, 201210): "140",
        },
    )
    page = shown(fay)
    assert [(row.kpi.code, row.odd) for row in page.odd] == [
        ("revenue", ("more than 3 times last year’s 39.0",)),
        ("share", ("outside 0–100 %",)),
    ]
    assert [row.period for row in page.back] == ["Quarter 1, 2012"]
    assert [[row.period for row in block.rows] for block in page.blocks] == [["Quarter 3, 2012"]]
    heading = "4 targets wait for you: 2 look wrong, 1 reaches back and changes 8 verdicts, 1 is within the usual"
    assert heading in text_of(signed_in(fay).get("/approvals/").content.decode()).replace(" ,", ",")


@MAY
def test_a_row_says_what_its_approval_changes_and_the_matrix_says_so_afterwards(
    kpi: Kpi, gold: Tier, stella: User, fay: User
) -> None:
    factories.target(kpi, gold, 201201, 20, per=Per.QUARTER)
    [row] = proposed(stella, {name(kpi, gold, 201201): "22"})
    effect = shown(fay).back[0].effect
    assert (effect.turned, effect.lead) == (8, "Changes 8 verdicts of 1 ended quarter and 3 months:")
    assert effect.what == "Q1 met → near; Jan, Feb and Mar met → near; All customers: Jan, Feb, Mar and Q1 met → near"
    signed_in(fay).post("/approvals/decide/", {f"d-{row.pk}": "approve", "seen": seen([row])})
    matrix = build_matrix(Period.parse("2012-Q1", FiscalCalendar()))
    assert {cell.tier.code: cell.status for cell in matrix.rows[0].cells}["T1"] == Status.NEAR


@MAY
def test_each_target_stands_beside_actuals_as_long_as_it_is_for(kpi: Kpi, gold: Tier, stella: User, fay: User) -> None:
    factories.target(kpi, gold, 201201, 40, per=Per.YEAR)
    plan = {name(kpi, gold, 201207): "16", name(kpi, gold, 201207, "plan_value"): "17"}
    proposed(stella, plan, f"{GRID}&plan=1")
    proposed(stella, {name(kpi, gold, 201301): "90"}, "/targets/?year=2013&per=year")
    quarter, year = sorted(shown(fay).rows, key=lambda row: row.target.from_month)
    assert (quarter.last_year, quarter.last_year_of) == ("30.0", "Q3 2011")
    assert (quarter.latest, quarter.latest_of) == ("21.0", "Q1 2012")
    assert (quarter.in_force, quarter.elsewhere, quarter.difference) == ("≥ 10", True, "+6.0")
    assert (quarter.plan, quarter.to_plan, quarter.weaker) == ("17", "1.0 weaker than the plan", True)
    assert (year.last_year, year.last_year_of) == ("102.0", "2011")  # 2012 is not over
    assert (year.latest, year.latest_of) == ("111.0", "12 months to Mar 2012")


@pytest.mark.parametrize("count", [2, 30])
@MAY
def test_the_page_asks_the_database_as_often_whatever_waits(
    count: int, gold: Tier, stella: User, fay: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    batch = TargetBatch.objects.create(proposed_by=stella)
    decided = {"decided_at": "2012-05-19T12:00:00Z", "decided_by": fay, "supersedes": 1}
    for per in ("month", "quarter", "year"):
        for _ in range(count):
            kpi = factories.kpi()
            factories.fact(kpi, factories.customer(tier=gold), 201201, 7)
            factories.target(kpi, gold, 201201, 4, per=per, state=TargetState.SUPERSEDED)
            factories.target(kpi, gold, 201201, 5, per=per, version=2, **decided)
            factories.target(kpi, gold, 201201, 6, per=per, version=3, state=TargetState.PROPOSED, batch=batch)
    roll_up_now()
    browser = signed_in(fay)
    browser.get("/approvals/")
    with django_assert_num_queries(29):
        browser.get("/approvals/")


# -- deciding


def test_what_is_marked_is_decided_together_and_told(kpi: Kpi, gold: Tier, stella: User, fay: User) -> None:
    rows = proposed(stella, {name(kpi, gold, month): "12" for month in (201201, 201204, 201207)}, note="As in the plan")
    inbox = signed_in(fay)
    assert "As in the plan" in inbox.get("/approvals/").content.decode()
    form = {f"d-{rows[0].pk}": "approve", f"d-{rows[1].pk}": "reject", f"why-{rows[1].pk}": "Too low"}
    unseen = form | {f"why-{rows[1].pk}": "Too low\x00", "seen": seen(rows)}
    assert "One reason has control characters" in inbox.post("/approvals/decide/", unseen).content.decode()
    assert [state for _, _, state in stored()] == ["proposed"] * 3
    answer = inbox.post("/approvals/decide/", form | {"seen": seen(rows)}, follow=True).content.decode()
    assert "1 target approved" in answer
    assert "1 target rejected, with your reasons." in answer
    assert [state for _, _, state in stored()] == ["approved", "rejected", "proposed"]
    mail = OutgoingMail.objects.get()  # one for all that was sent together
    assert (mail.to, mail.subject) == (stella, "2 targets decided by Fay")
    assert "rejected – Too low" in mail.body


def test_a_refused_form_keeps_everything_and_shows_where(kpi: Kpi, gold: Tier, stella: User, fay: User) -> None:
    rows = proposed(stella, {name(kpi, gold, month): "12" for month in (201201, 201204, 201207)})
    form = {f"d-{rows[0].pk}": "approve", f"d-{rows[1].pk}": "reject", f"why-{rows[1].pk}": "  "}
    form |= {f"d-{rows[2].pk}": "reject", f"why-{rows[2].pk}": "Too low"}
    answer = signed_in(fay).post("/approvals/decide/", form | {"seen": seen(rows)})
    text, page = answer.content.decode(), answer.context["page"]
    assert (answer.status_code, "One rejection lacks its reason" in text) == (400, True)
    assert [(row.choice, row.reason) for row in page.rows] == [("approve", ""), ("reject", "  "), ("reject", "Too low")]
    field = f"why-{rows[1].pk}"
    assert f'href="#{field}"' in text
    assert re.search(rf'id="{field}"[^>]*aria-invalid="true" aria-describedby="e-{rows[1].pk}" autofocus', text)
    assert len(re.findall("aria-invalid", text)) == 1
    assert [state for _, _, state in stored()] == ["proposed"] * 3


@MAY
def test_a_button_that_marks_sends_nothing_and_leaves_the_other_groups_out(
    kpi: Kpi, gold: Tier, stella: User, fay: User
) -> None:
    first, second, third = proposed(stella, {name(kpi, gold, 201201 + 3 * n): "12" for n in (0, 2, 3)})
    inbox, form = signed_in(fay), {f"d-{third.pk}": "reject", f"why-{third.pk}": "No"}
    for group in ("usual", f"kpi-{kpi.pk}"):
        answer = inbox.post("/approvals/decide/", form | {"mark": group})
        choices = {row.target.pk: row.choice for row in answer.context["page"].rows}
        assert choices == {first.pk: "", second.pk: "approve", third.pk: "reject"}
        assert "2 of 3 decided: 1 approved, 1 rejected." in answer.content.decode()
    assert [state for _, _, state in stored()] == ["proposed"] * 3
    assert not re.search(r"radio[^>]*checked", inbox.get("/approvals/").content.decode())


@MAY
def test_the_line_beside_the_button_is_worked_out_for_what_is_marked(
    kpi: Kpi, gold: Tier, stella: User, fay: User
) -> None:
    factories.target(kpi, gold, 201201, 20, per=Per.QUARTER)
    first, second = proposed(stella, {name(kpi, gold, 201201): "22", name(kpi, gold, 201207): "12"})
    form = {f"d-{first.pk}": "approve", f"d-{second.pk}": "reject", f"d-{second.pk + 9}": "approve"}
    told = signed_in(fay).post("/approvals/effect/", form).json()
    assert told["said"] == "2 of 2 decided: 1 approved, 1 rejected."
    assert told["effect"] == (
        "Sending them changes 8 verdicts of ended periods: Net revenue, All customers: Jan, Feb, Mar and Q1 2012 "
        "met → near; Net revenue, Gold: Jan, Feb, Mar and Q1 2012 met → near. Nothing stays in the inbox."
    )
    assert [state for _, _, state in stored()] == ["approved", "proposed", "proposed"]


@pytest.mark.parametrize("said", [{}, {"d-1": "postpone"}, {"decision": "approve"}])
def test_a_form_that_says_nothing_decides_nothing(
    said: dict[str, str], kpi: Kpi, gold: Tier, stella: User, fay: User
) -> None:
    proposed(stella, {name(kpi, gold, 201201): "12"})
    answer = signed_in(fay).post("/approvals/decide/", said)
    assert "Nothing was decided" in answer.content.decode()
    assert stored() == [(201201, "12", "proposed")]


def test_a_page_that_shows_an_old_proposal_decides_nothing(kpi: Kpi, gold: Tier, stella: User, fay: User) -> None:
    rows = proposed(stella, {name(kpi, gold, 201201): "12"})
    write(stella, {}, withdraw="1", others="1")
    proposed(stella, {name(kpi, gold, 201201): "9999"})
    for verdict in ("approve", "reject"):
        form = {f"d-{rows[0].pk}": verdict, f"why-{rows[0].pk}": "x", "seen": seen(rows)}
        answer = signed_in(fay).post("/approvals/decide/", form)
        assert "proposed anew since you saw it" in answer.content.decode()
    assert stored() == [(201201, "9999", "proposed")]


def test_two_who_decide_get_a_friendly_word(kpi: Kpi, gold: Tier, stella: User, fay: User) -> None:
    [row] = proposed(stella, {name(kpi, gold, 201201): "12"})
    frank, form = factories.person("Frank", "finance"), {f"why-{row.pk}": "No", "seen": seen([row])}
    signed_in(frank).post("/approvals/decide/", form | {f"d-{row.pk}": "reject"})
    answer = signed_in(fay).post("/approvals/decide/", form | {f"d-{row.pk}": "approve"})
    assert "Somebody else decided on one of these meanwhile" in answer.content.decode()
    assert stored() == [(201201, "12", "rejected")]


@MAY
def test_an_approval_says_in_which_ended_months_it_counts(kpi: Kpi, gold: Tier, stella: User, fay: User) -> None:
    rows = proposed(stella, {name(kpi, gold, month): "12" for month in (201201, 201204)})
    form = {f"d-{row.pk}": "approve" for row in rows}
    text = signed_in(fay).post("/approvals/decide/", form, follow=True).content.decode()
    said = "in the matrix at once, in months that have ended as well: January to April 2012."
    assert said in text
    assert said in OutgoingMail.objects.get().body


# -- one's own, and a colleague's


def test_own_proposals_have_no_buttons_one_sentence_and_a_way_back(
    kpi: Kpi, gold: Tier, stella: User, fay: User
) -> None:
    [row] = proposed(fay, {name(kpi, gold, 201201): "12"})
    text = signed_in(fay).get("/approvals/").content.decode()
    assert f'name="d-{row.pk}"' not in text
    assert "nobody else has finance’s right today" in text
    factories.person("Frank", "finance")
    assert "Frank can." in signed_in(fay).get("/approvals/").content.decode()
    assert signed_in(fay).post("/approvals/decide/", {f"d-{row.pk}": "approve"}).status_code == 403
    asked = signed_in(fay).post("/approvals/withdraw/", {"target": row.pk}).content.decode()
    assert "Withdraw 1 proposal of yours, of 1 KPI ?" in text_of(asked)
    signed_in(fay).post("/approvals/withdraw/", {"target": row.pk, "sure": "1"})
    assert stored() == [(201201, "12", "draft")]


def test_nobody_decides_on_a_number_of_theirs_that_another_touched_up_in_the_grid(
    kpi: Kpi, gold: Tier, stella: User, fay: User
) -> None:
    write(fay, {name(kpi, gold, 201201): "12"})
    plan = {name(kpi, gold, 201201): "12", name(kpi, gold, 201201, "plan_value"): "11"}
    [row] = proposed(stella, plan, f"{GRID}&plan=1")
    assert [one.target for one in shown(fay).own] == [row]
    assert signed_in(fay).post("/approvals/decide/", {f"d-{row.pk}": "approve"}).status_code == 403
    assert Target.objects.get().state == TargetState.PROPOSED


@pytest.mark.parametrize("how", ["one", "batch"])
def test_a_colleagues_proposals_are_withdrawn_after_a_question_with_numbers(
    how: str, kpi: Kpi, gold: Tier, stella: User, fay: User
) -> None:
    first, _ = proposed(fay, {name(kpi, gold, month): "12" for month in (201201, 201204)})
    browser, form = signed_in(stella), {"batch": first.batch_id} if how == "batch" else {"target": first.pk}
    asked = browser.post("/approvals/withdraw/", form)
    count = "1 proposal" if how == "one" else "2 proposals"
    assert f"Withdraw {count} of Fay, of 1 KPI ?" in text_of(asked.content.decode())
    assert [state for _, _, state in stored()] == ["proposed", "proposed"]
    ids = re.findall(r'name="target" value="(\d+)"', asked.content.decode())
    browser.post("/approvals/withdraw/", {"target": ids, "sure": "1"})
    assert [state for _, _, state in stored()] == (["draft", "proposed"] if how == "one" else ["draft", "draft"])
    assert OutgoingMail.objects.get().to == fay


# -- taking back


@MAY
def test_an_approval_is_taken_back_from_the_page_and_what_it_superseded_stands_again(
    kpi: Kpi, gold: Tier, stella: User, fay: User
) -> None:
    factories.target(kpi, gold, 201201, 20, per=Per.QUARTER)
    [row] = proposed(stella, {name(kpi, gold, 201201): "22"})
    inbox = signed_in(fay)
    inbox.post("/approvals/decide/", {f"d-{row.pk}": "approve"})
    [one] = inbox.get("/approvals/").context["decided"]
    assert (one.stays, one.again) == ("", "Version 1 stands again, ≥ 20")
    assert one.effect.startswith(
        "changes 8 verdicts of ended periods: Net revenue, All customers: Jan, Feb, Mar and Q1"
    )
    OutgoingMail.objects.all().delete()
    inbox.post("/approvals/take-back/", {"target": row.pk, "reason": "Mistyped", "sure": "1"})
    assert stored() == [(201201, "20", "approved"), (201201, "22", "withdrawn")]
    mail = OutgoingMail.objects.get()
    assert (mail.to, mail.subject) == (stella, "1 target withdrawn by Fay")
    assert "took back the approval of 1 target that you proposed" in mail.body
    assert "Mistyped" in mail.body
    assert "These stand again:" in mail.body
    inbox.post("/approvals/take-back/", {"target": row.pk, "sure": "1"})  # a second click
    assert stored() == [(201201, "20", "approved"), (201201, "22", "withdrawn")]
    assert OutgoingMail.objects.count() == 1
