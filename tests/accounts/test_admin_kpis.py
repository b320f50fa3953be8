"""KPIs in the admin: the services of their pages write them, and what has a history keeps its meaning."""

from __future__ import annotations

import pytest

from accounts.models import User
from core.stale import revision_of
from kpis.models import Kpi, SliceTouch
from kpis.rollup.runs import roll_up_now
from kpis.services.definitions import edit_kpi
from tests import factories
from tests.accounts.test_admin_audit import browser_of, entry, save

KPI = {
    "code": "churn",
    "name": "Churn",
    "indicator": "trailing",
    "unit": "percent",
    "direction": "lower",
    "customer_method": "ratio",
    "time_method": "pool",
    "absent": "missing",
    "decimals": "1",
    "position": "3",
}


def test_adding_a_kpi(stella: User) -> None:
    save(stella, "kpis/kpi/add/", **KPI)
    found = entry("created", "kpis.kpi")
    assert (found.by, found.before) == (stella, None)
    assert found.after["time_method"] == "pool"


def test_a_kpi_that_takes_anothers_facts_is_rolled_up_where_that_one_has_facts(stella: User) -> None:
    revenue = factories.kpi("revenue")
    factories.fact(revenue, factories.customer("C1"), 201109, 1)
    SliceTouch.objects.all().delete()
    fields = {**KPI, "customer_method": "sum", "time_method": "ttm", "facts_of": revenue.pk}
    save(stella, "kpis/kpi/add/", **fields)
    assert [*SliceTouch.objects.values_list("kpi__code", "month")] == [("revenue", 201109)]


MEANINGS = [
    ("direction", "higher"),
    ("customer_method", "mean"),
    ("time_method", "last"),
    ("formula", "2 * revenue"),
    ("absent", "zero"),
]


def churn(*, with_data: bool = True) -> Kpi:
    """The KPI of these forms as it is stored."""
    kpi = Kpi.objects.create(**{**KPI, "decimals": 1, "position": 3})
    if with_data:
        factories.fact(kpi, factories.customer("C1"), 201109, 1, 2)
    return kpi


def shown(kpi: Kpi, **changed: str) -> dict[str, str]:
    """The KPI's form as it is sent back."""
    return {**KPI, "seen": revision_of(Kpi.objects.get(pk=kpi.pk)), **changed}


@pytest.mark.parametrize(("field", "value"), MEANINGS)
def test_the_meaning_of_a_kpi_with_data_is_read_only_and_its_form_leads_to_where_it_changes(
    field: str, value: str, stella: User
) -> None:
    kpi = churn()
    page = browser_of(stella).get(f"/admin/kpis/kpi/{kpi.pk}/change/").content.decode()
    assert f'name="{field}"' not in page
    assert 'href="/kpis/churn/meaning/"' in page
    save(stella, f"kpis/kpi/{kpi.pk}/change/", **shown(kpi, **{field: value}))
    assert getattr(Kpi.objects.get(), field) == KPI.get(field, "")


def test_the_meaning_of_a_kpi_without_data_may_still_change(stella: User) -> None:
    kpi = churn(with_data=False)
    factories.kpi("revenue", unit="percent")
    made_of = {"customer_method": "", "time_method": "", "formula": "2 * revenue"}
    save(stella, f"kpis/kpi/{kpi.pk}/change/", **shown(kpi, direction="higher", **made_of))
    found = Kpi.objects.get(code="churn")
    assert (found.direction, found.formula, found.versions_from) == ("higher", "2 * revenue", None)
    assert entry("changed", "kpis.kpi").after["formula"] == "2 * revenue"


def test_a_calculated_kpi_is_made_here_and_a_formula_that_cannot_be_taken_is_refused(stella: User) -> None:
    factories.kpi("revenue", unit="percent")
    calculated = {**KPI, "customer_method": "", "time_method": "", "formula": "2 * revenue", "position": ""}
    answer = browser_of(stella).post("/admin/kpis/kpi/add/", {**calculated, "formula": "2 * nothing"})
    assert "there is no KPI nothing" in str(answer.context_data["adminform"].form.errors["formula"])
    save(stella, "kpis/kpi/add/", **calculated)
    made = Kpi.objects.get(code="churn")
    assert (made.formula, made.position > Kpi.objects.get(code="revenue").position) == ("2 * revenue", True)


def test_its_name_and_band_change_at_any_time(stella: User) -> None:
    kpi = churn()
    save(stella, f"kpis/kpi/{kpi.pk}/change/", **shown(kpi, name="Churn rate", near_band_abs="1.5", position="7"))
    found = Kpi.objects.get()
    assert (str(found.near_band_abs), found.position) == ("1.5000", 7)
    assert entry("changed", "kpis.kpi").after["name"] == "Churn rate"


def test_a_form_of_a_kpi_that_somebody_else_changed_is_kept_and_not_written(stella: User) -> None:
    kpi = churn()
    late = shown(kpi, name="Mine")
    edit_kpi(kpi=kpi, by=stella, values={"name": "Theirs"})
    answer = browser_of(stella).post(f"/admin/kpis/kpi/{kpi.pk}/change/", late)
    form = answer.context_data["adminform"].form
    assert "changed by somebody else while this form was open" in str(form.non_field_errors())
    assert (Kpi.objects.get().name, form["name"].value()) == ("Theirs", "Mine")
    save(stella, f"kpis/kpi/{kpi.pk}/change/", **{**late, "seen": form["seen"].value()})
    assert Kpi.objects.get().name == "Mine"


@pytest.mark.parametrize("position", ["-1", "99999999999999999999", "x"])
def test_a_place_that_is_none_is_refused(position: str, stella: User) -> None:
    answer = browser_of(stella).post("/admin/kpis/kpi/add/", {**KPI, "position": position})
    assert "position" in answer.context_data["adminform"].form.errors


def test_the_unit_of_what_was_measured_changes_from_a_month_on_and_not_here(stella: User) -> None:
    kpi = churn()
    page = browser_of(stella).get(f"/admin/kpis/kpi/{kpi.pk}/change/")
    assert {"unit", "currency"}.isdisjoint(page.context_data["adminform"].form.fields)
    save(stella, f"kpis/kpi/{kpi.pk}/change/", **shown(kpi, unit="score"))
    assert Kpi.objects.get().unit == "percent"


@pytest.mark.slow
def test_a_band_that_turns_verdicts_is_changed_where_they_are_shown(stella: User) -> None:
    kpi = churn()
    factories.target(kpi, factories.all_customers(), 201109, 40)
    roll_up_now()
    late = shown(kpi, near_band_abs="1000")
    answer = browser_of(stella).post(f"/admin/kpis/kpi/{kpi.pk}/change/", late)
    assert "on its page" in str(answer.context_data["adminform"].form.errors["near_band_abs"])
    assert Kpi.objects.get().near_band_abs != 1000


def test_facts_are_taken_in_one_step(stella: User) -> None:
    revenue = factories.kpi("revenue")
    yearly = factories.kpi("yearly", facts_of=revenue)
    answer = browser_of(stella).post("/admin/kpis/kpi/add/", {**KPI, "facts_of": yearly.pk})
    assert "facts_of" in answer.context_data["adminform"].form.errors


def test_what_a_constraint_forbids_is_an_error_of_the_form(stella: User) -> None:
    answer = browser_of(stella).post("/admin/kpis/kpi/add/", {**KPI, "absent": "zero"})
    assert answer.status_code == 200
    assert answer.context_data["adminform"].form.errors
