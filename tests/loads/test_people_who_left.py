"""Nothing is given to somebody who is deactivated, by whichever door; who was named before may stay."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from accounts.models import User
from customers.services.customers import CustomerRows
from initiatives.services.register import create_initiative, edit_initiative
from kpis.services.definitions import validate_kpi
from tests import factories as make
from tests.factories import signed_in
from tests.kept import kept
from tests.loads.files import Loader
from tests.loads.reading import wrong

pytestmark = pytest.mark.django_db
WORDS = "names somebody who is deactivated; name somebody who is active"


@kept
def gone(omar: User) -> User:
    """Who was deactivated."""
    User.objects.filter(pk=omar.pk).update(is_active=False)
    omar.refresh_from_db()
    return omar


@pytest.mark.parametrize(
    ("kind", "header", "first", "column"),
    [
        ("customers", "external_id,name,account_manager", "C1,Acme", "account_manager"),
        (
            "initiatives",
            "code,title,level,stage,baseline_start,baseline_due,department,owner",
            "A,A,corporate,candidate,,,sales",
            "owner",
        ),
        (
            "initiatives",
            "code,title,level,stage,baseline_start,baseline_due,department,team",
            "A,A,corporate,candidate,,,sales",
            "team",
        ),
    ],
)
def test_a_file_names_nobody_anew_who_left(
    gone: User, load: Loader, kind: str, header: str, first: str, column: str
) -> None:
    make.department("sales")
    assert wrong(load(kind, f"{header}\n{first},{gone.email}")) == [(2, column, WORDS)]


def test_who_was_named_before_may_stay(gone: User, load: Loader) -> None:
    make.customer("C1", name="Acme", account_manager=gone)
    load.good("customers", f"external_id,name,account_manager\nC1,Acme Ltd,{gone.email}")


def test_services_refuse_in_the_same_words(gone: User, stella: User) -> None:
    acme, other = make.customer("C1", account_manager=gone), make.customer("C2")
    CustomerRows().change(row=acme, by=stella, values={"name": "Acme Ltd"})
    kpi = make.kpi("sales")
    kpi.owner = gone
    for write in (
        lambda: CustomerRows().change(row=other, by=stella, values={"account_manager": gone}),
        lambda: create_initiative(by=stella, values={"title": "A", "owner": gone}),
        lambda: create_initiative(by=stella, values={"title": "A", "deputy": gone}),
        lambda: create_initiative(by=stella, values={"title": "A", "team": [stella, gone]}),
        lambda: validate_kpi(kpi),
    ):
        with pytest.raises(ValidationError) as refused:
            write()
        assert any(WORDS[1:] in text for text in refused.value.messages)


@pytest.mark.parametrize("field", ["owner", "deputy", "sponsor", "team"])
def test_programs_and_pages_give_an_initiative_to_nobody_who_left(gone: User, stella: User, field: str) -> None:
    row = make.initiative("lights")
    browser, named = signed_in(stella), [gone.email] if field == "team" else gone.email
    body = {field: named, "revision": row.revision}
    told = browser.patch("/api/v1/initiatives/lights/", body, "application/json")
    assert [(one["field"], WORDS[1:] in one["detail"]) for one in told.json()["errors"]] == [(field, True)]
    page = browser.get("/initiatives/lights/edit/").context["form"]
    assert gone not in page.fields[field].queryset


def test_a_deputy_and_a_member_who_left_stay_until_they_are_replaced(
    gone: User, stella: User, load: Loader, ines: User
) -> None:
    row = make.initiative("lights", deputy=gone)
    row.team.add(gone)
    edit_initiative(initiative=row, by=stella, values={"theme": "x", "team": [gone, ines]}, seen=str(row.revision))
    assert set(row.team.all()) == {gone, ines}
    form = signed_in(stella).get("/initiatives/lights/edit/").context["form"]
    assert gone in form.fields["team"].queryset
    assert gone in form.fields["deputy"].queryset
    load.good(
        "initiatives",
        "code,title,level,stage,baseline_start,baseline_due,department,team\n"
        f"lights,Lights,corporate,in_progress,{row.baseline_start},{row.baseline_due},{row.department.code},{gone.email}",
    )
    assert set(row.team.all()) == {gone}
