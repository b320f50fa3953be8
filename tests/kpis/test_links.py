"""Links: written, proposed, decided, tested and shown, and in whole companies beside a second calculation."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry, Job, User
from accounts.services.jobs import run_here
from core.decisions import Decision, ReasonsMissing
from core.periods import FiscalCalendar, Month, Period, month_code, shift
from core.writes import StaleTransition, StaleWrite
from customers.models import Tier
from initiatives.models import InitiativeKpi
from kpis.choices import LinkSign, LinkStage, LinkState, PollStage
from kpis.models import Kpi, Link, LinkEvidence, Poll, PollOption, Step
from kpis.reading.links import LinkBook, kept_of
from kpis.rollup.runs import roll_up_now
from kpis.services import linking
from kpis.services.link_tests import ask_for_tests, check_due, check_links, last_ended
from scorecard.reading.edition_links import frozen_links
from scorecard.reading.editions import sections_that_differ
from tests import factories as make
from tests.kept import kept
from tests.oracle.database import store
from tests.oracle.invented_links import linked_company
from tests.oracle.links import link_told

pytestmark = pytest.mark.django_db

VALUES = {"sign": "opposite", "mechanism": "Who has to ask twice goes elsewhere."}
MONTHS = 36


@kept
def linked(company: Any) -> dict[str, Kpi]:
    """Two tiers in which fewer repeat contacts go with more renewals two months later, to the last ended month."""
    calls = make.kpi("repeat_contacts", indicator="leading", direction="lower")
    renewals = make.kpi("renewals", position=2)
    random, last = Random(7), last_ended()
    for name in ("T1", "T2"):
        customer = make.customer(f"of {name}", tier=make.tier(name))
        moved = [random.randint(0, 90) for _ in range(MONTHS + 2)]
        for place in range(MONTHS):
            month = shift(last, place + 1 - MONTHS)
            make.fact(calls, customer, month, moved[place + 2])
            make.fact(renewals, customer, month, 200 - moved[place] + random.randint(0, 30))
    roll_up_now()
    return {"calls": calls, "renewals": renewals}


def written(linked: dict[str, Kpi], by: User, **values: Any) -> Link:
    pair = {"leading": linked["calls"], "trailing": linked["renewals"]}
    return linking.write_link(by=by, values=VALUES | pair | values)


# -- beside the second calculation


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
def test_a_whole_company_has_the_links_of_the_second_calculator(seed: int, company: Any) -> None:
    invented, link, last, today = linked_company(seed)
    store(invented)
    roll_up_now()
    kpis = {kpi.code: kpi for kpi in Kpi.objects.all()}
    row = make.link(kpis["a"], kpis["b"], sign=link.sign, lags=f"{link.lags[0]}-{link.lags[-1]}")
    book = LinkBook([row], Month(last))
    found = book.evidence(row, Month(last))
    told = link_told(invented, replace(link, undecided=bool(book.seasonal_asked(row, Month(last)))), last, today)
    codes = {tier.pk: tier.code for tier in book.tiers}
    assert (found.state.value, found.best_lag) == (told.state, told.best_lag)
    assert [(codes[one.tier], one.lag, one.pairs, one.passes) for one in found.now.tests] == [
        (one.tier, one.lag, one.pairs, one.passes) for one in told.trials
    ]
    assert [one.p for one in found.now.tests] == [pytest.approx(one.p, abs=1e-9) for one in told.trials]


# -- what may be written


@pytest.mark.parametrize(
    ("fields", "values", "field"),
    [
        ({"direction": "range"}, {}, "leading"),
        ({"time_method": "ttm"}, {}, "leading"),
        ({"formula": "renewals / 2", "customer_method": "", "time_method": ""}, {}, "trailing"),
        ({}, {"sign": "sideways"}, "sign"),
        ({}, {"lags": "0-7"}, "lags"),
        ({}, {"lags": "3-1"}, "lags"),
        ({}, {"mechanism": "  "}, "mechanism"),
    ],
)
def test_what_no_link_may_say_is_refused_at_its_field(
    fields: dict[str, str], values: dict[str, str], field: str, company: Any, stella: User
) -> None:
    pair = {"leading": make.kpi("first", **fields), "trailing": make.kpi("renewals")}
    with pytest.raises(ValidationError) as refused:
        linking.write_link(by=stella, values=VALUES | pair | values)
    assert list(refused.value.message_dict) == [field]


def test_two_kpis_of_the_same_facts_and_one_alone_are_no_link(company: Any, stella: User) -> None:
    renewals = make.kpi("renewals")
    for other in (renewals, make.kpi("of_the_same", facts_of=renewals)):
        with pytest.raises(ValidationError) as refused:
            linking.write_link(by=stella, values=VALUES | {"leading": other, "trailing": renewals})
        assert list(refused.value.message_dict) == ["trailing"]


def test_a_pair_has_one_link(company: Any, stella: User, omar: User) -> None:
    pair = {"leading": make.kpi("calls"), "trailing": make.kpi("renewals")}
    made = linking.propose_link(by=omar, values=VALUES | pair)
    with pytest.raises(ValidationError, match="proposed and waits"):
        linking.write_link(by=stella, values=VALUES | pair)
    linking.decide_links(decisions=[Decision(made.pk, False, "Not now")], by=stella)
    linking.write_link(by=stella, values=VALUES | pair)
    made.refresh_from_db()
    with pytest.raises(StaleTransition, match="another link of the two KPIs"):
        linking.take_back_link(link=made, by=stella)


# -- who writes, proposes and decides


def test_owners_propose_and_stewards_decide(company: Any, stella: User, omar: User, fay: User) -> None:
    pair = {"leading": make.kpi("calls"), "trailing": make.kpi("renewals")}
    for nobody in (fay, stella):
        with pytest.raises(PermissionDenied):
            linking.propose_link(by=nobody, values=VALUES | pair)
    made = linking.propose_link(by=omar, values=VALUES | pair)
    assert check_due() == 0  # what is proposed is not tested
    with pytest.raises(PermissionDenied):
        linking.decide_links(decisions=[Decision(made.pk, True)], by=omar)
    with pytest.raises(ReasonsMissing):
        linking.decide_links(decisions=[Decision(made.pk, False)], by=stella)
    linking.decide_links(decisions=[Decision(made.pk, True)], by=stella)
    with pytest.raises(StaleTransition):
        linking.withdraw_link(link=made, by=omar)
    assert linking.take_back_link(link=made, by=stella, reason="Too soon").waits
    assert linking.withdraw_link(link=made, by=omar).stage == LinkStage.WITHDRAWN
    entries = AuditEntry.objects.filter(object_type="kpis.link").order_by("pk")
    assert list(entries.values_list("verb", flat=True)) == ["proposed", "accepted", "taken back", "withdrawn"]


def test_of_another_sign_it_is_another_question(linked: dict[str, Kpi], stella: User) -> None:
    link = written(linked, stella)
    [first] = check_links([link], last_ended())
    with pytest.raises(StaleWrite):
        linking.change_link(link=link, by=stella, values={"sign": LinkSign.SAME}, seen="another")
    changed = linking.change_link(link=link, by=stella, values={"sign": LinkSign.SAME})
    assert kept_of([changed])[0].latest is None  # nothing is said of it before it is tested anew
    assert check_due() == 1
    assert kept_of([changed])[0].state in {LinkState.HINT, LinkState.NOT_SEEN}
    assert set(changed.evidence.values_list("sign", flat=True)) == {"opposite", "same"}
    linking.delete_link(link=changed, by=stella)
    linking.delete_link(link=changed, by=stella)
    assert not LinkEvidence.objects.filter(pk=first.kept.pk).exists()
    entry = AuditEntry.objects.get(verb="deleted")
    assert (entry.before or {})["mechanism"] == VALUES["mechanism"]


# -- tested


def test_a_link_is_seen_and_says_so_when_it_no_longer_is(linked: dict[str, Kpi], stella: User) -> None:
    link, last = written(linked, stella), last_ended()
    job = run_here(ask_for_tests(stella, link))
    assert (job.result["said"], job.result["seen"]) == ("1 link tested", 1)
    [found] = kept_of([link])
    assert (found.state, found.latest and found.latest.best_lag, found.seen_until) == (LinkState.SEEN, 2, None)
    assert [one["tier"] for one in found.passing] == ["T1", "T2"]
    LinkEvidence.objects.filter(link=link).update(month=shift(last, -1))
    for tier in ("T1", "T2"):  # the process is another one from now on
        column = Tier.objects.get(code=tier)
        Step.objects.create(kpi=linked["calls"], month=shift(last, -2), tier=column, reason="Another process")
    check_links([link], last)
    [found] = kept_of([link])
    assert (found.state, found.seen_until) == (LinkState.TOO_SHORT, shift(last, -1))


def test_nothing_is_tested_again_where_nothing_changed(linked: dict[str, Kpi], stella: User) -> None:
    written(linked, stella)
    assert check_due() == 1
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert check_due() == 0
    assert len(queries) <= 5
    roll_up_now()
    make.fact(linked["calls"], make.customer("late"), last_ended(), 1)
    roll_up_now()
    assert check_due() == 1


# -- shown


def test_the_pages_say_what_went_with_what(linked: dict[str, Kpi], stella: User, ines: User) -> None:
    link = written(linked, stella)
    reader = make.signed_in(ines)
    assert "Not tested yet" in reader.get("/kpis/links/").content.decode()
    check_due()
    listed = reader.get("/kpis/links/").content.decode()
    assert "1 of 1 link is seen" in listed
    said = "n Tier T1 and Tier T2, fewer repeat contacts went with more renewals two months later (r −0."
    page = reader.get(f"/kpis/links/{link.pk}/").content.decode()
    for text in (listed, page, reader.get("/kpis/renewals/").content.decode()):
        assert said in text
        assert "cause" not in text.replace("no proof of a cause", "").replace("what caused what is not", "")
    assert "could have been seen; a weaker link could not" in page
    assert "Test it now" not in page
    other = reader.get(f"/kpis/links/{link.pk}/?lag=5")
    assert other.context["page"].lag == 5
    figure = reader.get(f"/kpis/links/{link.pk}/chart.json").json()["figure"]
    assert [len(trace["x"]) for trace in figure["data"]] == [MONTHS - 3, MONTHS - 3]
    assert reader.get(f"/kpis/links/{link.pk}/?lag=²").status_code == 200


def test_the_list_takes_the_filters_of_the_api(linked: dict[str, Kpi], stella: User, omar: User) -> None:
    link, browser = written(linked, stella), make.signed_in(stella)
    other = make.kpi("other")
    pair = {"leading": linked["calls"], "trailing": other}
    waits = linking.propose_link(by=omar, values=VALUES | pair)
    check_due()
    for query, pks in {
        "": [link.pk],
        "stage=proposed": [waits.pk],
        "trailing=renewals": [link.pk],
        "trailing=other": [],
        "state=seen": [link.pk],
        "state=hint": [],
        "leading=nothing": [link.pk],
        "stage=lost": [link.pk],
    }.items():
        page = browser.get(f"/kpis/links/?{query}")
        assert [line.link.pk for line in page.context["page"].lines] == pks, query
        listed = browser.get(f"/api/v1/links/?{query if 'stage' in query else f'{query}&stage=written'}")
        refused = page.context["page"].list.problems
        assert [listed.status_code, *("It was left out." in page.content.decode() for _ in refused)] == (
            [422, True] if refused else [200]
        ), query
        if not refused:
            assert [row["id"] for row in listed.json()["results"]] == pks, query
    assert "No link is left by these filters" in browser.get("/kpis/links/?trailing=other").content.decode()
    assert "so not tested" in browser.get("/kpis/links/?stage=proposed").content.decode()


def test_a_link_is_written_changed_and_deleted_on_pages(linked: dict[str, Kpi], stella: User) -> None:
    browser = make.signed_in(stella)
    assert browser.get("/kpis/links/new/?leading=repeat_contacts").status_code == 200
    sent = {"leading": "repeat_contacts", "trailing": "renewals", "lags": "", **VALUES}
    refused = browser.post("/kpis/links/new/", sent | {"lags": "9"})
    assert (refused.status_code, "un from 0 to 6 months" in refused.content.decode()) == (400, True)
    assert browser.post("/kpis/links/new/", sent).status_code == 302
    link = Link.objects.get()
    assert (link.by, link.lags, Job.objects.get().asked["link"]) == (stella, "0-6", link.pk)
    edit = f"/kpis/links/{link.pk}/edit/"
    seen = browser.get(edit).context["form"]["seen"].value()
    change = {"sign": "opposite", "lags": "1-3", "mechanism": "Otherwise.", "seen": seen}
    assert browser.post(edit, change).status_code == 302
    assert browser.post(edit, change).status_code == 409
    delete = f"/kpis/links/{link.pk}/delete/"
    assert "goes with it" in browser.post(delete).content.decode()
    assert browser.post(delete, {"sure": "1"}).status_code == 302
    assert not Link.objects.exists()
    entry = AuditEntry.objects.get(verb="deleted")
    assert browser.post(f"/audit/{entry.pk}/revert/", {"sure": "1", "reason": "By mistake"}).status_code == 302
    assert Link.objects.get().mechanism == "Otherwise."


def test_an_owner_proposes_and_a_steward_decides_on_pages(linked: dict[str, Kpi], stella: User, omar: User) -> None:
    owner, steward = make.signed_in(omar), make.signed_in(stella)
    owner.post("/kpis/links/new/", {"leading": "repeat_contacts", "trailing": "renewals", "lags": "2", **VALUES})
    link = Link.objects.get(stage=LinkStage.PROPOSED)
    assert "tested once a steward has written it down" in owner.get(f"/kpis/links/{link.pk}/").content.decode()
    assert VALUES["mechanism"] in steward.get("/kpis/links/proposals/").content.decode()
    assert "1 proposed link waits for a steward" in steward.get("/my/").content.decode()
    steward.post("/kpis/links/proposals/decide/", {f"d-{link.pk}": "approve"})
    link.refresh_from_db()
    assert (link.stands, link.decided_by) == (True, stella)
    assert "Take it back" in steward.post("/kpis/links/proposals/take-back/", {"row": link.pk}).content.decode()
    assert steward.post("/kpis/links/proposals/take-back/", {"row": link.pk, "sure": "1"}).status_code == 302
    link.refresh_from_db()
    assert link.waits


def test_evidence_stands_at_the_short_list_and_in_the_priorities(linked: dict[str, Kpi], stella: User) -> None:
    written(linked, stella)
    check_due()
    poll = Poll.objects.create(question="Which?", opened_by=stella, stage=PollStage.DECIDED)
    PollOption.objects.create(poll=poll, text="Repeat contacts", indicator="leading", shortlisted=True)
    reader = make.signed_in(stella)
    assert "fewer repeat contacts went with more renewals" in reader.get(f"/polls/{poll.pk}/").content.decode()
    initiative = make.initiative("answers", loyalty_impact=5, effort=1)
    assert "what finance counts" not in reader.get("/initiatives/priorities/").content.decode()
    InitiativeKpi.objects.create(initiative=initiative, kpi=linked["calls"])
    assert "moves what finance counts: seen" in reader.get("/initiatives/priorities/").content.decode()


def test_an_edition_keeps_what_was_seen_as_it_stood(linked: dict[str, Kpi], stella: User) -> None:
    period = Period.parse(month_code(last_ended()), FiscalCalendar())
    assert frozen_links(period) == []
    link = written(linked, stella)
    [frozen] = frozen_links(period)
    assert (frozen["state"], frozen["best_lag"], frozen["by"]) == ("seen", 2, {"person": stella.pk})
    assert len(frozen["tests"]) == 14
    assert frozen["month"] == period.code
    before: dict[str, Any] = {
        "matrix": {},
        "growth": {},
        "initiatives": [],
        "report": {},
        "coverage": {},
        "composite": [],
    }
    before |= {"composite": [], "benefits": [], "narratives": []}
    assert sections_that_differ(before, before | {"links": [frozen]}) == []  # an edition from before there were links
    assert sections_that_differ(before | {"links": []}, before | {"links": [frozen]}) == ["links"]
    assert link.stands


# -- by the API


def test_programs_write_and_read_links(linked: dict[str, Kpi], stella: User, omar: User) -> None:
    api, address = make.signed_in(stella), "/api/v1/links/"
    body = {"leading": "repeat_contacts", "trailing": "renewals", **VALUES}
    made = api.post(address, body, "application/json")
    assert (made.status_code, made.json()["state"], made.json()["lags"]) == (201, None, "0-6")
    told = api.get(address, {"leading": "repeat_contacts", "trailing": "renewals"}).json()
    assert (told["state"], told["best_lag"], told["month"]) == ("seen", 2, month_code(last_ended()))
    assert {name for one in told["tests"] for name in one} >= {"tier", "lag", "pairs", "r", "p", "passes"}
    assert api.get(address).json()["results"][0]["leading"] == "repeat_contacts"
    ahead = {"leading": "repeat_contacts", "trailing": "renewals", "month": "2199-01"}
    assert api.get(address, ahead).status_code == 422
    assert api.get(address, {"month": "2020-01"}).status_code == 422
    assert api.get(address, {"leading": "renewals", "trailing": "repeat_contacts"}).status_code == 404
    one = f"{address}{made.json()['id']}/"
    assert make.signed_in(omar).patch(one, {"lags": "2"}, "application/json").status_code == 403
    assert api.patch(one, {"lags": "2"}, "application/json").status_code == 422  # no revision
    change = {"lags": "2", "revision": made.json()["revision"]}
    assert api.patch(one, change, "application/json").json()["lags"] == "2"
    assert api.delete(one).status_code == 204
