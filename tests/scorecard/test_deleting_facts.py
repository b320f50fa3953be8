"""Facts are deleted from their page: asked with their number, with a reason, as a load that is taken back."""

from __future__ import annotations

from accounts.models import Load, User
from kpis.models import Fact
from tests import factories
from tests.factories import signed_in


def test_a_steward_sees_how_many_go_and_takes_them_back(stella: User, ines: User) -> None:
    kpi = factories.kpi("revenue")
    for code in ("C-1", "C-2"):
        factories.fact(kpi, factories.customer(code), 201201, 5)
    browser, sent = signed_in(stella), {"kpi": "revenue", "month": "2012-01", "reason": "Sent twice"}
    assert "Delete the facts of Revenue" in browser.get("/facts/?kpi=revenue&month=2012-01").content.decode()
    assert "Delete the facts" not in signed_in(ines).get("/facts/?kpi=revenue&month=2012-01").content.decode()
    assert "2 facts of 2 customers in January 2012 go." in browser.post("/facts/delete/", sent).content.decode()
    browser.post("/facts/delete/", {**sent, "reason": " ", "sure": "1"})
    assert Fact.objects.count() == 2
    told = browser.post("/facts/delete/", {**sent, "sure": "1"}, follow=True).content.decode()
    load = Load.objects.get()
    assert (Fact.objects.count(), load.removed, load.reason) == (0, 2, "Sent twice")
    assert f'<a href="/imports/{load.pk}/undo/">Undo</a>' in told
    assert "2 facts that it took away will come back" in browser.get(f"/imports/{load.pk}/undo/").content.decode()
    browser.post(f"/imports/{load.pk}/undo/", {"sure": "1"})
    assert Fact.objects.count() == 2
