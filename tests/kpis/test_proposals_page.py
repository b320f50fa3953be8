"""Proposed KPIs on their pages: the owner's form, the strip, what a steward decides, and what the owner sees of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.choices import Role
from accounts.models import User
from kpis.models import Kpi, KpiProposal
from kpis.services.proposals import accept_proposal, decline_proposal, propose_kpi
from tests import factories
from tests.factories import signed_in
from tests.kept import kept
from tests.kpis.test_definition_services import values
from tests.kpis.test_library_pages import filled, text

pytestmark = pytest.mark.django_db

PROPOSE, WHY = "/kpi-proposals/new/complaints/", "Complaints come before the leaving."


@kept
def proposal(omar: User) -> KpiProposal:
    return propose_kpi(by=omar, values=values(definition="Each visit <once>"), why="Nobody counts them.")


def address(proposal: KpiProposal, verb: str = "") -> str:
    return f"/kpi-proposals/{proposal.pk}/{verb}/" if verb else f"/kpi-proposals/{proposal.pk}/"


def filled_form(answer: Any) -> dict[str, Any]:
    return {field.html_name: "" if (value := field.value()) is None else value for field in answer.context["form"]}


def test_an_owner_begins_with_a_template_and_proposes(omar: User) -> None:
    shown = text(omar, "/kpi-templates/")
    assert f'href="{PROPOSE}"' in shown
    browser = signed_in(omar)
    form = browser.get(PROPOSE).context["form"]
    assert (form["code"].value(), form["owner"].value()) == ("complaints", omar.pk)
    answer = browser.post(PROPOSE, filled("complaints", why=WHY), follow=True)
    assert "is proposed. A steward decides" in answer.content.decode()
    made = KpiProposal.objects.get()
    assert (made.proposed_by, made.why, made.values["absent"]) == (omar, WHY, "zero")


def test_an_owner_proposes_a_kpi_from_events_and_a_steward_tries_its_rule(omar: User, stella: User) -> None:
    begin = "/kpi-proposals/new/repeat_contacts/?from=events"
    assert f'href="{begin}"' in text(omar, "/kpi-templates/")
    browser = signed_in(omar)
    sent = filled_form(browser.get(begin)) | {"why": WHY}
    assert browser.post(begin, sent | {"preview": "rule"}).context["rule_preview"].words[0]
    browser.post(begin, sent)
    made = KpiProposal.objects.get()
    assert (made.values["source"], made.values["rule"]) == ("events", "repeat_contacts(days=30)")
    assert "repeat_contacts(days=30)" in text(omar, address(made))
    api = browser.get(f"/api/v1/kpi-proposals/{made.pk}/").json()
    assert api["values"]["rule"] == "repeat_contacts(days=30)"
    steward = signed_in(stella)
    accepting = filled_form(steward.get(address(made, "accept")))
    assert steward.post(address(made, "accept"), accepting | {"preview": "1"}).context["rule_preview"].words[0]
    steward.post(address(made, "accept"), accepting)
    assert Kpi.objects.get().rule == "repeat_contacts(days=30)"


def test_a_proposal_without_a_reason_keeps_what_was_typed(omar: User) -> None:
    answer = signed_in(omar).post(PROPOSE, filled("complaints", name="My complaints"))
    assert (answer.status_code, list(answer.context["form"].errors)) == (400, ["why"])
    assert 'value="My complaints"' in answer.content.decode()


def test_what_the_service_refuses_is_said_at_its_field(omar: User) -> None:
    factories.kpi("complaints")
    answer = signed_in(omar).post(PROPOSE, filled("complaints", why=WHY))
    assert (answer.status_code, list(answer.context["form"].errors)) == (400, ["code"])


def test_a_formula_is_tried_before_it_is_proposed(omar: User) -> None:
    sent = filled("nps", why=WHY, preview="1")
    answer = signed_in(omar).post("/kpi-proposals/new/nps/", sent)
    assert "there is no KPI" in answer.context["preview"].problem
    assert not KpiProposal.objects.exists()


@pytest.mark.parametrize(
    ("query", "status"), [("?again=x", 200), ("?again=" + "9" * 30, 200), ("?again=999999", 404), ("?again=²", 200)]
)
def test_what_is_no_proposal_of_ones_own_fills_nothing_in(query: str, status: int, omar: User) -> None:
    assert signed_in(omar).get(f"/kpi-proposals/new/blank/{query}").status_code == status


def test_there_is_no_such_template(omar: User) -> None:
    assert signed_in(omar).get("/kpi-proposals/new/nothing/").status_code == 404


# -- the strip


def test_stewards_see_how_many_wait_and_owners_their_own(
    proposal: KpiProposal, omar: User, stella: User, ines: User
) -> None:
    other = factories.person("Olga", Role.OWNER)
    propose_kpi(by=other, values=values("calls"), why="So")
    assert "2 proposed KPIs wait</a> for a decision." in text(stella, "/kpis/")
    assert "1 KPI</a> that you proposed waits for a steward." in text(omar, "/kpis/")
    for reader in (ines, factories.person("Oda", Role.OWNER)):
        assert "waiting-strip" not in text(reader, "/kpis/")


# -- what is listed


def test_owners_see_their_own_and_what_became_of_them(proposal: KpiProposal, omar: User, stella: User) -> None:
    other = propose_kpi(by=factories.person("Olga", Role.OWNER), values=values("calls", name="Calls"), why="So")
    decline_proposal(proposal=proposal, by=stella, reason="We have that twice.")
    shown = text(omar, "/kpi-proposals/")
    assert "We have that twice." in shown
    assert "declined" in shown
    assert "Calls" not in shown
    assert signed_in(omar).get(address(other)).status_code == 404
    assert "Calls" in text(stella, "/kpi-proposals/")


def test_the_list_costs_the_same_for_many(omar: User, stella: User, django_assert_max_num_queries: Any) -> None:
    browser = signed_in(stella)
    for code in ("waits", "done"):
        made = propose_kpi(by=omar, values=values(code), why="So")
    accept_proposal(proposal=made, by=stella)
    browser.get("/help/")  # which counts what is asked of the person
    with django_assert_max_num_queries(13) as few:
        browser.get("/kpi-proposals/")
    cost = len(few.captured_queries)
    for number in range(30):
        made = propose_kpi(by=omar, values=values(f"v{number}"), why="So")
        if number % 2:
            accept_proposal(proposal=made, by=stella)
    browser.get("/help/")
    with django_assert_max_num_queries(cost):
        browser.get("/kpi-proposals/")


def test_what_was_decided_comes_in_pages(omar: User, stella: User) -> None:
    for number in range(51):
        decline_proposal(
            proposal=propose_kpi(by=omar, values=values(f"v{number}"), why="So"), by=stella, reason=f"No {number}."
        )
    KpiProposal.objects.update(decided_at=timezone.now() - timedelta(days=40))
    assert "No 0." not in text(stella, "/kpi-proposals/")
    assert "No 0." in text(stella, "/kpi-proposals/?page=2")
    assert "No 50." in text(stella, "/kpi-proposals/?page=x9")


# -- deciding


def test_a_steward_looks_over_changes_and_accepts(proposal: KpiProposal, stella: User, omar: User) -> None:
    shown = text(stella, address(proposal))
    assert "Each visit &lt;once&gt;" in shown
    assert "“Nobody counts them.”" in shown
    browser = signed_in(stella)
    sent = filled_form(browser.get(address(proposal, "accept")))
    answer = browser.post(address(proposal, "accept"), sent | {"name": "Visits by customers"})
    assert answer["Location"] == "/kpis/visits/"
    assert Kpi.objects.get().name == "Visits by customers"
    shown = text(omar, address(proposal))
    assert "Stella took it into the library" in shown
    assert 'href="/kpis/visits/"' in shown


def test_a_steward_tries_a_proposed_formula_before_accepting(omar: User, stella: User) -> None:
    factories.kpi("promoters", unit="percent")
    made = propose_kpi(
        by=omar,
        values=values(
            "loyal", unit="percent", formula="2 * promoters", customer_method="", time_method="", direction="higher"
        ),
        why="So",
    )
    browser = signed_in(stella)
    sent = filled_form(browser.get(address(made, "accept"))) | {"preview": "1"}
    assert browser.post(address(made, "accept"), sent).context["preview"].names == ("Promoters",)
    assert KpiProposal.objects.get().waits


def test_what_cannot_be_accepted_as_it_is_says_so_at_its_field(proposal: KpiProposal, stella: User) -> None:
    factories.kpi("visits")
    browser = signed_in(stella)
    answer = browser.post(address(proposal, "accept"), filled_form(browser.get(address(proposal, "accept"))))
    assert (answer.status_code, list(answer.context["form"].errors)) == (400, ["code"])
    assert KpiProposal.objects.get().waits


def test_who_comes_second_is_told(proposal: KpiProposal, stella: User) -> None:
    browser = signed_in(stella)
    sent = filled_form(browser.get(address(proposal, "accept")))
    decline_proposal(proposal=proposal, by=factories.person("Steve", Role.STEWARD), reason="Twice.")
    for verb, data in (("accept", sent), ("decline", {"reason": "Mine"})):
        answer = browser.post(address(proposal, verb), data, follow=True)
        said = answer.content.decode()
        assert "“Visits” was declined meanwhile. Nothing of yours was changed." in said
        assert "Twice." in said


def test_a_decline_without_a_reason_is_refused_on_the_page(proposal: KpiProposal, stella: User) -> None:
    browser = signed_in(stella)
    for reason in ("", "\x07"):
        answer = browser.post(address(proposal, "decline"), {"reason": reason})
        assert (answer.status_code, list(answer.context["decline"].errors)) == (400, ["reason"])
    asked = browser.post(address(proposal, "decline"), {"reason": "Twice."})
    assert "stays out of the library" in asked.content.decode()
    assert KpiProposal.objects.get().waits
    sent = {"reason": "Twice.", "sure": "1"}
    assert browser.post(address(proposal, "decline"), sent)["Location"] == "/kpi-proposals/"
    assert KpiProposal.objects.get().decision_note == "Twice."


def test_an_owner_takes_back_what_waits_and_proposes_it_again(proposal: KpiProposal, omar: User) -> None:
    browser = signed_in(omar)
    assert "Take it back" in text(omar, address(proposal))
    assert "1 proposed KPI goes" in browser.post(address(proposal, "withdraw")).content.decode()
    browser.post(address(proposal, "withdraw"), {"sure": "1"})
    shown = text(omar, address(proposal))
    assert "Take it back" not in shown
    again = f"/kpi-proposals/new/blank/?again={proposal.pk}"
    assert f'href="{again}"' in shown
    assert filled_form(browser.get(again))["definition"] == "Each visit <once>"
    answer = browser.post(address(proposal, "withdraw"), follow=True)
    assert "was withdrawn meanwhile" in answer.content.decode()


def test_others_take_nothing_back_and_decide_nothing(proposal: KpiProposal, omar: User, ines: User) -> None:
    assert signed_in(ines).post(address(proposal, "withdraw")).status_code == 404
    for verb in ("accept", "decline"):
        assert signed_in(omar).post(address(proposal, verb), {"reason": "x"}).status_code == 403
    assert KpiProposal.objects.get().waits
