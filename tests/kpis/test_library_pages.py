"""The KPI library as people use it: the list and its gaps, a KPI's page, creating, redefining, retiring."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import settings
from pytest_django import DjangoAssertNumQueries
from time_machine import TimeMachineFixture

from accounts.models import AuditEntry, User
from core.stale import revision_of
from customers.models import Tier
from kpis.choices import Per
from kpis.models import Kpi, KpiVersion
from kpis.reading.templates import BY_CODE, TEMPLATES
from kpis.rollup.runs import roll_up_now
from tests import factories
from tests.factories import signed_in
from tests.kept import kept

pytestmark = pytest.mark.django_db
TODAY = datetime(2026, 11, 22, 12, tzinfo=UTC)
LEADING = {"indicator": "leading"}


@pytest.fixture(autouse=True)
def stopped_clock(time_machine: TimeMachineFixture) -> None:
    """The last quarter is the third of 2026, and the fiscal year runs."""
    time_machine.move_to(TODAY, tick=False)


@kept
def gold(db: None) -> Tier:
    return factories.tier("T1", name="Gold")


@kept
def shares(gold: Tier) -> tuple[Kpi, Kpi]:
    """Promoters 60 %, detractors 20 % in each month of the third quarter of 2026."""
    share = {"unit": "percent", "customer_method": "ratio", "time_method": "pool", "decimals": 0, **LEADING}
    promoters = factories.kpi("promoters", name="Promoters", **share)
    detractors = factories.kpi("detractors", name="Detractors", **share)
    anna = factories.customer("anna", tier=gold)
    for month in (202607, 202608, 202609):
        factories.fact(promoters, anna, month, 6, 10)
        factories.fact(detractors, anna, month, 2, 10)
    roll_up_now()
    return promoters, detractors


def text(user: User, address: str) -> str:
    answer = signed_in(user).get(address)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def filled(template: str, **more: str) -> dict[str, Any]:
    """The form of a template as it is sent back."""
    values = {name: str(value) for name, value in BY_CODE[template].values.items()}
    return values | more


def seen(code: str) -> str:
    """The revision that a form is shown with."""
    return revision_of(Kpi.objects.get(code=code))


# -- the list


def test_the_header_says_how_many_leading_kpis_are_the_customers_own(ines: User) -> None:
    factories.kpi("a", customer_criterion="It works the first time.", **LEADING)
    factories.kpi("b", **LEADING)
    factories.kpi("gone", customer_criterion="x", retired_from=202601, **LEADING)
    factories.kpi("late", customer_criterion="x")
    assert "1 of 2 leading KPIs are the customer’s own" in text(ines, "/kpis/")
    (own,) = signed_in(ines).get("/kpis/?indicator=leading&customers_own=true").context["page"].page
    assert own.code == "a"


def test_departments_without_a_kpi_are_shown_as_gaps(ines: User) -> None:
    factories.department("hr", name="Personnel")
    factories.kpi(department=factories.department("sales", name="Sales"))
    shown = text(ines, "/kpis/")
    assert "No KPI: Personnel." in shown


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("", {"owned", "aimed", "bare"}),
        ("department=sales", {"owned"}),
        ("indicator=leading", {"owned"}),
        ("no_owner=true", {"aimed", "bare"}),
        ("no_target=true", {"owned", "bare"}),
        ("no_data=true", {"aimed", "bare"}),
        ("no_data=false", {"owned"}),
        ("retired=true", {"gone"}),
        ("q=bar", {"bare"}),
        ("owner=omar@tierboard.example", {"owned"}),
        ("owner=nobody@tierboard.example", {"owned", "aimed", "bare"}),
    ],
)
def test_the_list_is_filtered(query: str, codes: set[str], ines: User, omar: User, gold: Tier) -> None:
    owned = factories.kpi("owned", owner=omar, department=factories.department("sales"), **LEADING)
    factories.fact(owned, factories.customer(tier=gold), 202607, 1)
    factories.target(factories.kpi("aimed"), gold, 202601, 1, per=Per.YEAR)
    factories.kpi("bare")
    factories.kpi("gone", retired_from=202601)
    roll_up_now()
    shown = text(ines, f"/kpis/?{query}")
    found = {code for code in ("owned", "aimed", "bare", "gone") if f'href="/kpis/{code}/"' in shown}
    assert found == codes


def test_the_filters_as_they_are_first_shown_leave_nothing_out(ines: User) -> None:
    factories.kpi("a")
    page = signed_in(ines).get("/kpis/").context["page"]
    fields = [*page.fields, *page.more_fields]
    assert {field.name: field.value() for field in fields if field.value()} == {}
    assert [field.name for field in fields[1:] if next(iter(field.field.choices))[0] != ""] == []


def test_a_calculated_kpi_has_data_where_all_of_its_inputs_have(ines: User, shares: tuple[Kpi, Kpi]) -> None:
    methods = {"customer_method": "", "time_method": ""}
    factories.kpi("nps", formula="promoters - detractors", **methods)
    factories.kpi("half", formula="promoters + other", **methods)
    factories.kpi("other")
    shown = text(ines, "/kpis/?no_data=true")
    assert 'href="/kpis/half/"' in shown
    assert 'href="/kpis/nps/"' not in shown


def test_the_list_takes_the_same_queries_however_many_there_are(
    ines: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    browser = signed_in(ines)
    for _ in range(30):
        factories.kpi(owner=ines, department=factories.department("sales"))
    browser.get("/help/")  # which counts what is asked of the person
    with django_assert_max_num_queries(19):
        browser.get("/kpis/")


def test_a_line_shows_value_target_verdicts_and_twelve_months(ines: User, gold: Tier, shares: tuple[Kpi, Kpi]) -> None:
    for tier, value in ((gold, 70), (factories.all_customers(), 60)):
        factories.target(shares[0], tier, 202607, value)
    lines = signed_in(ines).get("/kpis/").context["page"].lines
    line = lines.rows[0]
    assert (lines.period, line.value, line.target, line.status) == ("Quarter 3, 2026", "60 %", "≥ 60 %", "met")
    assert [(mark.tier.code, mark.status, mark.url) for mark in line.marks] == [
        ("T1", "missed", "/matrix/2026-Q3/promoters/T1/")
    ]
    assert [len(drawn.split()) for drawn in line.spark.lines] == [3]  # July to September, the others left open
    assert line.spark.words == "October 2025 to September 2026: from 60 % to 60 %"
    assert lines.rows[1].marks[0].status == "no_target"


# -- the page of one KPI


def test_the_page_says_what_why_how_and_whose(ines: User, omar: User, shares: tuple[Kpi, Kpi]) -> None:
    Kpi.objects.filter(code="promoters").update(
        definition="Nines and tens.", purpose="They bring others.", owner=omar, data_source="The survey"
    )
    shown = text(ines, "/kpis/promoters/")
    for words in (
        "Nines and tens.",
        "They bring others.",
        "The survey",
        "Omar",
        "divided by the sum of their denominators, times 100; a quarter or a year takes the facts of all its months",
        "this is the company’s own measure",
        "10 % of the target away from it is still near.",
    ):
        assert words in shown


def test_the_row_says_its_units_and_tells_near_from_met(ines: User, shares: tuple[Kpi, Kpi], gold: Tier) -> None:
    factories.target(shares[0], gold, 202601, "60.04", per=Per.YEAR)
    before = factories.fact(shares[0], factories.customer("bo", tier=gold), 202606, 55, 100)
    roll_up_now()
    page = text(ines, f"/kpis/{before.kpi.code}/")
    assert "in percent, higher is better" in page
    assert ">60.00 %<" in page
    assert "≥ 60.04 %" in page
    assert "Since Quarter 2, 2026" in page
    assert "up 5.00 points, better" in page


@pytest.mark.parametrize("address", ["/kpi-templates/blank/", "/kpis/promoters/edit/", "/kpis/promoters/meaning/"])
def test_an_empty_choice_says_what_it_means(stella: User, shares: tuple[Kpi, Kpi], address: str) -> None:
    page = text(stella, address)
    assert "<select" in page
    assert "-----" not in page


def test_no_two_lines_of_the_trend_look_alike(ines: User, shares: tuple[Kpi, Kpi], gold: Tier) -> None:
    for number in range(2, 9):
        member = factories.customer(f"c{number}", tier=factories.tier(f"T{number}"))
        factories.fact(shares[0], member, 202607, number, 10)
    roll_up_now()
    lines = signed_in(ines).get("/kpis/promoters/chart.json").json()["figure"]["data"]
    looks = {(line["line"]["color"], line["line"]["dash"], line["marker"]["symbol"]) for line in lines}
    assert (len(lines), len(looks)) == (9, 9)


def test_a_band_of_a_rate_is_in_percentage_points(ines: User) -> None:
    factories.kpi("rate", unit="percent", near_band_abs="1.5")
    factories.kpi("dso", unit="days", decimals=1, near_band_abs="1.5")
    assert "Up to 1.5 percentage points from the target is still near." in text(ines, "/kpis/rate/")
    assert "Up to 1.5 days from the target is still near." in text(ines, "/kpis/dso/")


def test_the_page_shows_the_row_of_the_last_quarter_and_leads_to_its_cells(ines: User, shares: tuple[Kpi, Kpi]) -> None:
    shown = text(ines, "/kpis/promoters/")
    assert 'href="/matrix/2026-Q3/promoters/T1/"' in shown
    assert '<td role="cell" class="number" data-label="All customers">60 %</td>' in shown


def test_the_trend_has_a_line_per_tier_with_data(ines: User, shares: tuple[Kpi, Kpi]) -> None:
    figure = signed_in(ines).get("/kpis/promoters/chart.json").json()["figure"]
    assert [(line["name"], line["y"][-1]) for line in figure["data"]] == [("Gold", 60.0), ("All customers", 60.0)]


def test_customers_without_a_tier_are_a_line_of_the_trend(ines: User, shares: tuple[Kpi, Kpi]) -> None:
    factories.fact(shares[0], factories.customer("nobodys"), 202608, 1, 2)
    roll_up_now()
    figure = signed_in(ines).get("/kpis/promoters/chart.json").json()["figure"]
    assert [trace["name"] for trace in figure["data"]][-2:] == ["Untiered", "All customers"]


def test_a_calculated_kpi_has_its_page_and_trend(ines: User, shares: tuple[Kpi, Kpi]) -> None:
    factories.kpi("nps", unit="score", customer_method="", time_method="", formula="promoters - detractors")
    assert "“Promoters” − “Detractors”, each in the same tier and period." in text(ines, "/kpis/nps/")
    figure = signed_in(ines).get("/kpis/nps/chart.json").json()["figure"]
    assert figure["data"][0]["y"][-1] == 40.0


def test_a_kpi_without_anything_has_a_page(ines: User) -> None:
    factories.kpi("bare")
    assert "There are no data yet." in text(ines, "/kpis/bare/")


# -- creating


def test_there_are_templates_enough_and_each_makes_a_kpi(stella: User) -> None:
    browser = signed_in(stella)
    assert len(TEMPLATES) >= 25
    measured = [one for one in TEMPLATES if not one.formula]
    for one in [*measured, *(one for one in TEMPLATES if one.formula)]:
        answer = browser.post(f"/kpi-templates/{one.code}/", filled(one.code))
        assert answer.status_code == 302, (one.code, answer.context["form"].errors)
    made = set(Kpi.objects.values_list("code", "direction", "customer_method", "formula"))
    assert made == {(one.code, one.direction, one.customers or "", one.formula) for one in TEMPLATES}


def test_a_rate_has_an_absolute_band_in_every_template() -> None:
    rates = [one for one in TEMPLATES if one.unit == "percent"]
    assert [one.code for one in rates if not one.band] == []


def test_a_form_from_a_template_is_filled_in(stella: User) -> None:
    shown = text(stella, "/kpi-templates/renewal_rate/")
    assert 'value="renewal_rate"' in shown
    assert '<option value="ratio" selected>' in shown


def test_what_is_wrong_is_said_at_its_field(stella: User) -> None:
    factories.kpi("promoters", unit="percent")
    answer = signed_in(stella).post("/kpi-templates/nps/", filled("nps"))
    assert answer.status_code == 400
    assert "there is no KPI detractors" in answer.content.decode()
    assert not Kpi.objects.filter(code="nps").exists()


def test_a_code_that_is_taken_is_refused(stella: User) -> None:
    factories.kpi("complaints")
    answer = signed_in(stella).post("/kpi-templates/complaints/", filled("complaints"))
    assert (answer.status_code, "code" in answer.context["form"].errors) == (400, True)


def test_a_formula_is_tried_on_last_quarter_and_nothing_is_saved(stella: User, shares: tuple[Kpi, Kpi]) -> None:
    answer = signed_in(stella).post("/kpi-templates/nps/", filled("nps", preview="1"))
    preview = answer.context["preview"]
    assert str(preview.period) == "2026-Q3"
    assert next((row.tier.code, row.inputs, row.result) for row in preview.rows) == ("T1", ("60 %", "20 %"), "40")
    assert not Kpi.objects.filter(code="nps").exists()


@pytest.mark.parametrize(
    ("formula", "problem"),
    [
        ("promoters - revenue", "adds a percentage and EUR."),
        ("promoters.__class__", "is not allowed"),
        ("nps - promoters", "leads back to itself"),
        ("promoters - unheard_of", "there is no KPI unheard_of"),
    ],
)
def test_a_preview_says_why_a_formula_cannot_be_taken(
    formula: str, problem: str, stella: User, shares: tuple[Kpi, Kpi]
) -> None:
    factories.kpi("revenue", unit="currency", currency="EUR")
    answer = signed_in(stella).post("/kpi-templates/nps/", filled("nps", formula=formula, preview="1"))
    assert problem in answer.context["preview"].problem


# -- editing, redefining, retiring


def test_a_steward_describes_a_kpi_in_other_words(stella: User) -> None:
    factories.kpi("complaints", name="Old")
    values = filled("complaints", absent="missing", name="Written complaints", definition="By letter")
    values["seen"] = seen("complaints")
    answer = signed_in(stella).post("/kpis/complaints/edit/", values)
    assert answer.status_code == 302, answer.context["form"].errors
    assert Kpi.objects.get().name == "Written complaints"
    before = AuditEntry.objects.get(verb="changed").before
    assert before is not None
    assert before["name"] == "Old"


def test_another_direction_is_a_version_and_the_page_shows_both(
    stella: User, ines: User, shares: tuple[Kpi, Kpi]
) -> None:
    meaning = {"direction": "lower", "customer_method": "ratio", "time_method": "pool", "formula": ""}
    sent = {**meaning, "from_month": "2026-09", "reason": "The survey was turned round.", "seen": seen("promoters")}
    assert signed_in(stella).post("/kpis/promoters/meaning/", sent).status_code == 302
    assert list(KpiVersion.objects.order_by("from_month").values_list("direction", flat=True)) == ["higher", "lower"]
    shown = text(ines, "/kpis/promoters/")
    assert "From September 2026:" in shown
    assert "The survey was turned round." in shown
    assert "From the beginning:" in shown


def test_until_a_meaning_begins_the_page_says_what_holds(stella: User, ines: User, shares: tuple[Kpi, Kpi]) -> None:
    meaning = {"direction": "lower", "customer_method": "ratio", "time_method": "pool", "formula": ""}
    sent = {**meaning, "from_month": "2027-01", "reason": "As agreed for next year.", "seen": seen("promoters")}
    assert signed_in(stella).post("/kpis/promoters/meaning/", sent).status_code == 302
    shown = text(ines, "/kpis/promoters/")
    assert "higher is better. Code" in " ".join(shown.split())
    assert "From January 2027:" in shown


def test_a_change_of_meaning_without_a_reason_is_refused_and_says_so(stella: User, shares: tuple[Kpi, Kpi]) -> None:
    sent = {"direction": "lower", "customer_method": "ratio", "time_method": "pool", "from_month": "2026-09"}
    sent["seen"] = seen("promoters")
    answer = signed_in(stella).post("/kpis/promoters/meaning/", sent)
    assert (answer.status_code, "reason" in answer.context["form"].errors) == (400, True)
    assert not KpiVersion.objects.exists()


def test_another_formula_is_tried_before_it_is_taken(stella: User, shares: tuple[Kpi, Kpi]) -> None:
    methods = {"customer_method": "", "time_method": ""}
    factories.kpi("nps", unit="score", decimals=0, formula="promoters - detractors", **methods)
    sent = {"direction": "higher", "formula": "promoters - 2 * detractors", "from_month": "2026-09", "preview": "1"}
    answer = signed_in(stella).post("/kpis/nps/meaning/", sent)
    assert answer.context["preview"].rows[0].result == "20"
    assert Kpi.objects.get(code="nps").formula == "promoters - detractors"


def test_a_kpi_is_retired_and_brought_back(stella: User) -> None:
    factories.kpi("old")
    browser = signed_in(stella)
    sent = {"from_month": "2026-10", "reason": "Nobody used it.", "seen": seen("old")}
    asked = browser.post("/kpis/old/retire/", sent).content.decode()
    assert "Retire “Old” from October 2026 on?" in asked
    assert "0 approved targets and 0 drafts or proposals" in asked
    assert Kpi.objects.get().retired_from is None
    browser.post("/kpis/old/retire/", {**sent, "sure": "1"})
    assert Kpi.objects.get().retired_from == 202610
    assert "out of the matrix from October 2026" in text(stella, "/kpis/old/")
    browser.post("/kpis/old/bring-back/", {"seen": seen("old")})
    assert Kpi.objects.get().retired_from is None


def test_retiring_without_a_reason_changes_nothing(stella: User) -> None:
    factories.kpi("old")
    answer = signed_in(stella).post("/kpis/old/retire/", {"from_month": "2026-10", "seen": seen("old")})
    assert answer.status_code == 400
    assert "Nothing was changed" in answer.content.decode()
    assert 'value="2026-10"' in answer.content.decode()
    assert Kpi.objects.get().retired_from is None


def test_readers_see_no_buttons_for_stewards(ines: User) -> None:
    factories.kpi("a")
    assert "New KPI" not in text(ines, "/kpis/")
    assert "Change its meaning" not in text(ines, "/kpis/a/")


def test_the_documents_list_every_template() -> None:
    listed = (settings.BASE_DIR / "docs/kpi-templates.md").read_text(encoding="utf-8")
    assert [one.code for one in TEMPLATES if f"| `{one.code}` | {one.name} |" not in listed] == []
