"""``/approvals/``: what waits for finance, and what it decides."""

from __future__ import annotations

import re

import pytest
import time_machine
from pytest_django import DjangoAssertNumQueries

from accounts.models import OutgoingMail, User
from customers.models import Tier
from kpis.choices import Per, TargetState
from kpis.models import Kpi, Target, TargetBatch
from kpis.rollup.runs import roll_up_now
from tests import factories
from tests.factories import signed_in
from tests.kpis.grid import GRID, name, stored, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def gold(db: None) -> Tier:
    return factories.tier("T1")


@pytest.fixture
def kpi(gold: Tier) -> Kpi:
    kpi = factories.kpi("revenue", name="Net revenue", decimals=1)
    for month in range(201101, 201113):
        factories.fact(kpi, factories.customer(tier=gold), month, month - 201100)
    roll_up_now()
    return kpi


def test_drafts_are_proposed_decided_and_told(kpi: Kpi, gold: Tier, stella: User, fay: User) -> None:
    write(stella, {name(kpi, gold, 201201): "1000"})
    write(stella, {}, propose="1", note="As in the plan")
    inbox = signed_in(fay)
    text = inbox.get("/approvals/").content.decode()
    assert "As in the plan" in text
    assert "Approve what is ticked" in text
    answer = inbox.post("/approvals/decide/", {"target": Target.objects.get().pk, "decision": "approve"}, follow=True)
    assert "1 target approved" in answer.content.decode()
    assert stored() == [(201201, "1000", "approved")]
    mail = OutgoingMail.objects.get()
    assert (mail.to, mail.subject) == (stella, "1 target approved by Fay")
    assert "* Net revenue, Tier T1, per quarter from January 2012: at least 1,000\n" in mail.body


def test_the_inbox_shows_what_holds_there_and_of_which_period_the_actual_is(
    kpi: Kpi, gold: Tier, stella: User, fay: User
) -> None:
    factories.target(kpi, gold, 201201, 40, per=Per.YEAR)
    write(stella, {name(kpi, gold, 201201): "12"})
    write(stella, {}, propose="1")
    row = signed_in(fay).get("/approvals/").context["batches"][0].rows[0]
    assert (row.old, row.elsewhere, row.difference) == ("at least 10", True, "+2.0")
    assert (row.last_year, row.before) == ("6.0", "2011-Q1")
    factories.target(kpi, gold, 201201, 11, per=Per.QUARTER, version=9)
    row = signed_in(fay).get("/approvals/").context["batches"][0].rows[0]
    assert (row.old, row.elsewhere, row.difference) == ("at least 11", False, "+1.0")


def test_finance_is_asked_to_decide_but_not_on_its_own(kpi: Kpi, gold: Tier, stella: User, fay: User) -> None:
    write(fay, {name(kpi, gold, 201201): "12"})
    write(fay, {}, propose="1")
    assert "Approve what is ticked" not in signed_in(fay).get("/approvals/").content.decode()
    assert "wait for a decision" not in signed_in(fay).get("/my/").content.decode()
    frank = factories.person("Frank", "finance")
    assert "1 proposed target wait" in signed_in(frank).get("/my/").content.decode()


def test_two_who_decide_get_a_friendly_word(kpi: Kpi, gold: Tier, stella: User, fay: User) -> None:
    write(stella, {name(kpi, gold, 201201): "12"})
    write(stella, {}, propose="1")
    frank = factories.person("Frank", "finance")
    choice = {"target": Target.objects.get().pk, "decision": "reject", "reason": "No"}
    signed_in(frank).post("/approvals/decide/", choice)
    answer = signed_in(fay).post("/approvals/decide/", {**choice, "decision": "approve"}, follow=True)
    assert "Somebody else decided on one of these meanwhile" in answer.content.decode()
    assert stored() == [(201201, "12", "rejected")]


def test_proposals_are_withdrawn_by_who_may_propose(kpi: Kpi, gold: Tier, stella: User) -> None:
    write(stella, {name(kpi, gold, 201201): "12"})
    write(stella, {}, propose="1")
    assert write(stella, {name(kpi, gold, 201201): "13"}).status_code == 400
    write(stella, {}, withdraw="1")
    assert stored() == [(201201, "12", "draft")]


def test_the_inbox_ticks_what_its_buttons_may_do(kpi: Kpi, gold: Tier, stella: User, fay: User) -> None:
    write(fay, {name(kpi, gold, 201201): "12"})
    write(stella, {name(kpi, gold, 201204): "13"})
    write(stella, {}, propose="1")
    inbox = signed_in(fay)
    text = inbox.get("/approvals/").content.decode()
    own, other = Target.objects.order_by("from_month")
    assert re.search(rf'value="{own.pk}"\s+disabled', text)
    assert re.search(rf'value="{other.pk}"\s+checked', text)
    assert "yours: somebody else decides" in text
    assert f'href="/targets/{kpi.code}/T1/quarter/2012-04/"' in text
    inbox.post("/approvals/decide/", {"target": other.pk, "decision": "approve"})
    assert [state for _, _, state in stored()] == ["proposed", "approved"]


def test_a_button_that_does_not_exist_decides_nothing(kpi: Kpi, gold: Tier, stella: User, fay: User) -> None:
    write(stella, {name(kpi, gold, 201201): "12"})
    write(stella, {}, propose="1")
    choice = {"target": Target.objects.get().pk, "reason": "x"}
    for decision in ({}, {"decision": "postpone"}):
        answer = signed_in(fay).post("/approvals/decide/", choice | decision, follow=True)
        assert "nothing was decided" in answer.content.decode()
    assert stored() == [(201201, "12", "proposed")]


def test_a_reason_that_no_database_holds_is_no_500(kpi: Kpi, gold: Tier, stella: User, fay: User) -> None:
    write(stella, {name(kpi, gold, 201201): "12"})
    write(stella, {}, propose="1", note="a\x00b")
    choice = {"target": Target.objects.get().pk, "decision": "reject", "reason": "No\x00"}
    assert signed_in(fay).post("/approvals/decide/", choice).status_code == 302
    assert Target.objects.get().decision_note == "No"


def inbox_of(user: User) -> str:
    """The text of the inbox, a blank between its parts."""
    text = signed_in(user).get("/approvals/").content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


@time_machine.travel("2012-05-20T12:00:00Z", tick=False)
def test_the_inbox_shows_each_target_beside_what_was_and_what_is(kpi: Kpi, gold: Tier, stella: User, fay: User) -> None:
    factories.target(kpi, gold, 201204, 8, per=Per.QUARTER)
    for month in (201201, 201202, 201203):
        factories.fact(kpi, factories.customer(tier=gold), month, 7)
    roll_up_now()
    plan = name(kpi, gold, 201204, "plan_value")
    write(stella, {name(kpi, gold, 201204): "16", plan: "17"}, f"{GRID}&plan=1")
    write(stella, {}, propose="1", note="As in the plan")
    reaching = "Quarter 2, 2012 counts in ended months: April 2012"
    row = f"{reaching} at least 16 at least 8 +8.0 15.0 2011-Q2 21.0 2012-Q1 17 −1.0"
    assert row in inbox_of(fay)


def test_batches_wait_in_the_order_in_which_they_came(kpi: Kpi, gold: Tier, stella: User, fay: User) -> None:
    for month, note in ((201204, "The first"), (201201, "The second")):
        write(stella, {name(kpi, gold, month): "12"})
        write(stella, {}, propose="1", note=note)
    text = inbox_of(fay)
    assert text.index("The first") < text.index("The second")


@pytest.mark.parametrize("count", [2, 40])
def test_the_inbox_takes_the_same_queries_whatever_its_size(
    count: int, gold: Tier, stella: User, fay: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    batch = TargetBatch.objects.create(proposed_by=stella)
    for per in ("month", "quarter", "year"):
        for _ in range(count):
            factories.target(factories.kpi(), gold, 201201, 5, per=per, state=TargetState.PROPOSED, batch=batch)
    browser = signed_in(fay)
    browser.get("/approvals/")
    with django_assert_num_queries(14):
        browser.get("/approvals/")


# -- two persons, and nothing unseen


def test_a_page_that_shows_an_old_proposal_decides_nothing(kpi: Kpi, gold: Tier, stella: User, fay: User) -> None:
    write(stella, {name(kpi, gold, 201201): "12"})
    write(stella, {}, propose="1")
    inbox = signed_in(fay)
    batch = re.search(r'name="batch" value="(\d+)"', inbox.get("/approvals/").content.decode())
    assert batch
    write(stella, {}, withdraw="1")
    write(stella, {name(kpi, gold, 201201): "9999"})
    write(stella, {}, propose="1")
    choice = {"target": Target.objects.get().pk, "batch": batch[1], "reason": "x"}
    for decision in ("approve", "reject"):
        answer = inbox.post("/approvals/decide/", {**choice, "decision": decision}, follow=True)
        assert "proposed anew since you saw it" in answer.content.decode()
    assert stored() == [(201201, "9999", "proposed")]


def test_nobody_decides_on_a_number_of_theirs_that_another_touched_up_in_the_grid(
    kpi: Kpi, gold: Tier, stella: User, fay: User
) -> None:
    write(fay, {name(kpi, gold, 201201): "12"})
    plan = {name(kpi, gold, 201201): "12", name(kpi, gold, 201201, "plan_value"): "11"}
    write(stella, plan, f"{GRID}&plan=1")
    write(stella, {}, propose="1")
    inbox = signed_in(fay)
    assert "Approve what is ticked" not in inbox.get("/approvals/").content.decode()
    answer = inbox.post("/approvals/decide/", {"target": Target.objects.get().pk, "decision": "approve"})
    assert answer.status_code == 403
    assert Target.objects.get().state == TargetState.PROPOSED


def proposed(kpi: Kpi, gold: Tier, by: User) -> list[Target]:
    """Two targets that wait."""
    write(by, {name(kpi, gold, month): "12" for month in (201201, 201204)})
    write(by, {}, propose="1")
    return list(Target.objects.order_by("from_month"))


def test_a_refused_form_keeps_what_was_ticked_and_typed(kpi: Kpi, gold: Tier, stella: User, fay: User) -> None:
    first, second = proposed(kpi, gold, stella)
    form = {"batch": first.batch_id, "target": first.pk, "reason": "  ", "decision": "reject"}
    answer = signed_in(fay).post("/approvals/decide/", form)
    text = answer.content.decode()
    assert (answer.status_code, "Say why" in text) == (400, True)
    assert re.search(rf'value="{first.pk}"\s+checked', text)
    assert not re.search(rf'value="{second.pk}"\s+checked', text)
    answer = signed_in(fay).post("/approvals/decide/", form | {"decision": "", "reason": "Too low"})
    assert 'value="Too low"' in answer.content.decode()
    assert [state for _, _, state in stored()] == ["proposed", "proposed"]


def test_nobodys_rows_are_hidden_in_a_box_beside_the_buttons(kpi: Kpi, gold: Tier, stella: User, fay: User) -> None:
    proposed(kpi, gold, stella)
    assert "batch-scroll" not in signed_in(fay).get("/approvals/").content.decode()


@time_machine.travel("2012-05-20T12:00:00Z", tick=False)
def test_last_years_actual_is_of_a_whole_period_as_long_as_the_targets(
    kpi: Kpi, gold: Tier, stella: User, fay: User
) -> None:
    write(stella, {name(kpi, gold, 201304): "12"}, "/targets/?year=2013&per=quarter")
    write(stella, {}, "/targets/?year=2013&per=quarter", propose="1")
    row = signed_in(fay).get("/approvals/").context["batches"][0].rows[0]
    assert (row.last_year, row.before) == ("15.0", "2011-Q2")  # the second quarter of 2012 is not over
    assert (row.latest, row.latest_period) == ("33.0", "2011-Q4")  # nothing is known of 2012


@time_machine.travel("2012-05-20T12:00:00Z", tick=False)
def test_an_approval_says_in_which_ended_months_it_counts(kpi: Kpi, gold: Tier, stella: User, fay: User) -> None:
    first, second = proposed(kpi, gold, stella)
    assert "counts in ended months: January 2012 to March 2012" not in inbox_of(fay)
    assert "counts in ended months: January to March 2012" in inbox_of(fay)
    form = {"batch": first.batch_id, "target": [first.pk, second.pk], "decision": "approve"}
    text = signed_in(fay).post("/approvals/decide/", form, follow=True).content.decode()
    said = "in the matrix at once, in months that have ended as well: January to April 2012."
    assert said in text
    assert said in OutgoingMail.objects.get().body
    assert "from now on" not in text + OutgoingMail.objects.get().body


@pytest.mark.parametrize("door", ["inbox", "grid"])
def test_a_colleagues_proposals_are_taken_back_by_who_says_so(
    door: str, kpi: Kpi, gold: Tier, stella: User, fay: User
) -> None:
    first, _ = proposed(kpi, gold, fay)

    def press(**more: str) -> str:
        if door == "grid":
            write(stella, {}, withdraw="1", **more)
            return signed_in(stella).get(GRID).content.decode()
        form = {"batch": first.batch_id, "target": first.pk, "decision": "withdraw", **more}
        return str(signed_in(stella).post("/approvals/decide/", form, follow=True).content.decode())

    text = press()
    assert "These are of Fay: tick that you take back a colleague’s" in text or door == "grid"
    assert [state for _, _, state in stored()] == ["proposed", "proposed"]
    press(others="1")
    assert stored()[0][2] == "draft"
