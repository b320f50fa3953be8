"""Nothing is given to somebody who is deactivated, by whichever door; who was named before may stay."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from accounts.models import User
from customers.services.customers import CustomerRows
from initiatives.services.register import create_initiative
from kpis.services.definitions import validate_kpi
from tests import factories as make
from tests.loads.files import Loader
from tests.loads.reading import wrong

pytestmark = pytest.mark.django_db
WORDS = "names somebody who is deactivated; name somebody who is active"


@pytest.fixture
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
        lambda: validate_kpi(kpi),
    ):
        with pytest.raises(ValidationError) as refused:
            write()
        assert any(WORDS[1:] in text for text in refused.value.messages)
