"""Moments of truth on their pages, at home, beside themes of pain and in a closed period, on the small company."""

from __future__ import annotations

from datetime import date

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.company import today
from accounts.models import User
from core.editions import serve
from core.periods import FiscalCalendar, Period
from core.sentences import plain
from initiatives.choices import BenefitState, ChainStep
from initiatives.models import Moment
from initiatives.pages.moments import moments_sentence
from initiatives.reading.moments import Chain, moments_to_read, read_period
from initiatives.services.moments import create_moment
from kpis.models import Fact
from kpis.rollup.runs import roll_up_now
from scorecard.services.editions import close_by_command
from tests import factories as make
from tests.factories import signed_in
from tests.kept import kept
from tests.scorecard.reading import text_of
from tests.scorecard.stage import Stage

Q3 = Period.parse("2011-Q3", FiscalCalendar())
LIST = "/moments/?period=2011-Q3"


def chains() -> dict[str, Chain]:
    found = read_period(list(moments_to_read()), serve(Q3), today())
    return {one.moment.code: one for one in found.chains}


def weakest(code: str) -> str:
    link = chains()[code].weakest
    return link.step if link else ""


@kept
def three(stage: Stage) -> Stage:
    """Repeats are missed in Gold and have no target in Silver; revenue is missed in Gold, and kept in Silver."""
    make.moment("help", name="I need help", criterion="At once", kpis=[stage.repeats], themes=["Waiting"])
    make.moment("order", name="I order", criterion="Now", kpis=[(stage.revenue, stage.silver)], themes=["Prices"])
    make.moment("begin", name="I begin")
    make.pain_point("waiting", month=201108, mentions=10, severity=4, tier=stage.gold)
    make.pain_point("Prices", month=201108, mentions=10, severity=1, tier=stage.gold)
    return stage


def test_the_chain_is_read_from_the_period_with_its_tiers_pain_work_and_benefits(three: Stage) -> None:
    found = chains()
    assert list(found) == ["help", "order", "begin"]  # by the weight of pain
    assert [found["help"].weight, found["order"].weight] == [40, 10]
    assert [cell.tier for cell in found["help"].cells] == [three.gold, three.silver]
    assert (weakest("help"), weakest("order"), weakest("begin")) == (
        ChainStep.TARGET,
        ChainStep.PLANNED,
        ChainStep.CRITERION,
    )
    work = make.initiative("portal", kpis=(three.repeats,))
    help_ = Moment.objects.get(code="help")
    help_.initiatives.add(work)
    make.target(three.repeats, three.silver, 201107, 2)
    assert weakest("help") == ChainStep.KEPT
    assert chains()["help"].link(ChainStep.WORKED_ON).holds
    benefit = make.benefit(work, state=BenefitState.PROPOSED)
    assert not chains()["help"].link(ChainStep.APPROVED).holds
    benefit.state = BenefitState.APPROVED
    benefit.save()
    assert chains()["help"].link(ChainStep.APPROVED).holds


def test_late_work_holds_no_link_and_is_work_all_the_same(three: Stage) -> None:
    make.initiative("portal", kpis=(three.repeats,), due=date(2000, 1, 1))
    found = chains()["help"]
    assert not found.link(ChainStep.WORKED_ON).holds
    assert not found.unworked


def test_the_sentence_counts(three: Stage) -> None:
    found = read_period(list(moments_to_read()), serve(Q3), today())
    said = "Our customers need 3 moments to go well: 2 are measured, 1 kept, 2 nobody works on."
    assert plain(moments_sentence(found)) == said


def test_as_many_queries_for_any_number_of_moments(three: Stage, browser: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(LIST).status_code == 200
        return len(asked)

    work = make.initiative("portal", kpis=(three.repeats,))
    make.benefit(work)
    Moment.objects.get(code="help").initiatives.add(work)
    queries()
    before = queries()
    for place in range(12):
        more = make.initiative(f"work-{place}", kpis=(three.revenue,))
        make.benefit(more)
        make.moment(f"m-{place}", kpis=[three.revenue, three.repeats], themes=[f"t{place}"], initiatives=[more])
    assert queries() == before


def test_of_a_closed_period_values_are_as_signed_and_the_page_says_so(three: Stage, everyone: dict[str, User]) -> None:
    prepared_by, signed_by = everyone["finance"], everyone["executive"]
    close_by_command(period=Q3, anyway="It is small.", prepared_by=prepared_by, signed_by=signed_by)
    Fact.objects.filter(kpi=three.revenue, customer=three.brix).delete()
    for month in Q3.months:
        make.touch(three.revenue, month)
    roll_up_now()
    assert chains()["order"].measured
    browser = signed_in(everyone["executive"])
    for address in ("/moments/order/?period=2011-Q3", LIST):
        page = text_of(browser.get(address))
        assert "Values and verdicts as signed in edition 1; work and benefits as of today" in page
        assert "live values differ in 1 cell." in page
        assert "Live values, not what was signed: edition 1" in text_of(browser.get(f"{address}&edition=live"))
        assert browser.get(f"{address}&edition=7").status_code == 404
    assert "1 kept" in text_of(browser.get(LIST))
    live = browser.get(f"{LIST}&edition=live").content.decode()
    assert "0 kept" in live
    assert '"/moments/order/?period=2011-Q3&amp;edition=live"' in live


def test_the_pages_show_the_chain_and_lead_to_where_it_is_mended(three: Stage, stella: User, omar: User) -> None:
    browser = signed_in(stella)
    page = browser.get(LIST)
    assert "Our customers need 3 moments to go well" in text_of(page)
    assert text_of(browser.get(f"{LIST}&only=kept")).count("nothing to mend") == 2  # the mark, and the legend
    assert "None of" not in text_of(browser.get("/moments/begin/"))
    shown = browser.get("/moments/help/?period=2011-Q3").content.decode()
    assert "The chain breaks at “target”." in shown
    assert "/moments/help/edit/?period=2011-Q3" in shown
    owner = signed_in(omar).get("/moments/begin/?period=2011-Q3").content.decode()
    assert "/moments/begin/criterion/?period=2011-Q3" in owner
    assert "/moments/begin/edit/" not in owner


def test_forms_write_refuse_and_come_too_late(three: Stage, stella: User) -> None:
    browser = signed_in(stella)
    sent = {
        "code": "pay",
        "name": "I pay",
        "stage": "using",
        "role": "buyer",
        "themes_typed": ["Prices", ""],
        "kpis": ["revenue@T2"],
    }
    assert browser.post("/moments/new/", {**sent, "initiatives_typed": ["nobody knows"]}).status_code == 400
    assert browser.post("/moments/new/", sent)["Location"] == "/moments/pay/"
    assert Moment.objects.get(code="pay").lists["kpis"] == ["revenue@T2"]
    late = {"seen": "7@2011-01-01T00:00:00+00:00", "criterion": "Mine"}
    assert browser.post("/moments/pay/criterion/", late).status_code == 409
    assert "Delete “I pay”?" in text_of(browser.post("/moments/pay/delete/"))
    browser.post("/moments/pay/delete/", {"sure": "1"})
    assert not Moment.objects.filter(code="pay").exists()


def test_home_says_how_many_go_well_and_nothing_where_none_is_written_down(
    stage: Stage, stella: User, browser: Client
) -> None:
    home = "/?period=2011-Q3"
    assert "moments to go well" not in text_of(browser.get(home))
    values = {
        "code": "pay",
        "name": "I pay",
        "stage": "using",
        "role": "buyer",
        "kpis": [(stage.revenue, stage.silver)],
    }
    create_moment(by=stella, values=values)
    assert "Our customers need 1 moment to go well: 1 is measured, 1 kept." in text_of(browser.get(home))


def test_a_theme_of_coverage_shows_its_moments_and_search_finds_them(three: Stage, browser: Client) -> None:
    assert "I need help" in text_of(browser.get("/coverage/?period=2011-Q3"))
    found = browser.get("/api/v1/search/?q=need help").json()["results"]
    assert ("moment of truth", "/moments/help/") in {(one["kind"], one["url"]) for one in found}
