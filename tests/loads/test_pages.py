"""The pages of files: bring one, see what it would do, load it, take it back."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.choices import LoadState, Role
from accounts.models import Load, RoleGrant, User
from customers.models import Tier
from kpis.models import Target
from tests import factories
from tests.loads.conftest import FILES
from tests.loads.files import Loader

GOOD = "code,name,rank\nT1,Platinum,1\nT2,Gold,2\n"


@pytest.fixture
def steward(stella: User) -> Client:
    """Stella, signed in."""
    return factories.signed_in(stella)


def bring(client: Client, text: str, kind: str = "tiers", **fields: str) -> str:
    """Upload a file; answers the address of its check."""
    file = SimpleUploadedFile(f"{kind}.csv", text.encode())
    answer = client.post("/imports/", {"kind": kind, "file": file, **fields})
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


def waiting_files() -> list[Path]:
    return list((Path(settings.VAR_DIR) / "uploads").glob("*"))


def test_a_file_is_checked_first_and_then_loaded(company: object, steward: Client, stella: User) -> None:
    address = bring(steward, GOOD)
    page = steward.get(address)
    assert "Nothing has changed yet" in page.content.decode()
    assert not Tier.objects.real().exists()
    done = steward.post(address, follow=True)
    assert "tiers.csv has been loaded" in done.content.decode()
    load = Load.objects.get()
    assert (load.source, load.by, load.created) == ("tiers.csv", stella, 2)
    assert steward.get(address).status_code == 404
    assert steward.get("/imports/").status_code == 200


def test_bad_rows_are_shown_and_can_be_downloaded(company: object, steward: Client) -> None:
    address = bring(steward, "code,name,rank\nT1,Platinum,best\nT2,=Gold,\n")
    page = steward.get(address).content.decode()
    assert "is no whole number" in page
    assert "Load it" not in page
    assert steward.post(address).status_code == 200
    rows = b"".join(steward.get(f"{address}bad-rows.csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert rows.splitlines()[:2] == ["\ufeffline,column,value,reason", "2,rank,best,is no whole number from 0 to 30000"]
    assert not Tier.objects.real().exists()


def test_an_unreadable_file_is_told_in_a_sentence(company: object, steward: Client) -> None:
    file = SimpleUploadedFile("tiers.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    page = steward.post("/imports/", {"kind": "tiers", "file": file}, follow=True).content.decode()
    assert "is an old Excel file" in page


def test_a_file_waits_for_its_own_session_alone(company: object, steward: Client, ada: User) -> None:
    address = bring(steward, GOOD)
    assert factories.signed_in(ada).get(address).status_code == 404
    before = len(waiting_files())
    bring(steward, GOOD)
    assert len(waiting_files()) == before


def test_a_load_is_taken_back_after_a_question(company: object, steward: Client, stella: User) -> None:
    steward.post(bring(steward, GOOD))
    load = Load.objects.get()
    assert "Platinum" in steward.get(f"/imports/{load.pk}/").content.decode()
    assert "Take load" in steward.get(f"/imports/{load.pk}/undo/").content.decode()
    assert Tier.objects.real().count() == 2
    assert "has been taken back" in steward.post(f"/imports/{load.pk}/undo/", follow=True).content.decode()
    load.refresh_from_db()
    assert (load.state, load.undone_by) == (LoadState.UNDONE, stella)


def test_what_stands_in_the_way_of_taking_back_is_told(filled: Loader, steward: Client) -> None:
    load = Load.objects.get(kind="tiers")
    page = steward.post(f"/imports/{load.pk}/undo/", follow=True).content.decode()
    assert "cannot be taken back" in page
    load.refresh_from_db()
    assert load.state == LoadState.APPLIED


def test_only_who_may_approve_targets_can_say_so(filled: Loader, steward: Client, stella: User, fay: User) -> None:
    assert "I approve" not in steward.get("/imports/").content.decode()
    steward.post(bring(steward, "kpi,tier,from_month,per,value\nclaims,T1,2012-01,month,5", "targets", approve="on"))
    assert Target.objects.get(from_month=201201).state == "draft"
    RoleGrant.objects.create(user=fay, role=Role.STEWARD)
    both = factories.signed_in(User.objects.get(pk=fay.pk))
    assert "I approve" in both.get("/imports/").content.decode()
    both.post(bring(both, "kpi,tier,from_month,per,value\nclaims,T1,2012-02,month,5", "targets", approve="on"))
    assert Target.objects.get(from_month=201202).state == "draft"


def test_three_loads_and_thirty_ask_the_database_as_often(filled: Loader, steward: Client) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert steward.get("/imports/").status_code == 200
        return len(seen)

    queries()
    few = queries()
    for name in range(20):
        filled.good("departments", f"code,name\nd{name},Department {name}")
    steward.get("/help/")  # which counts what is asked of the person
    assert queries() == few


def test_a_load_shows_a_sample_of_each_kind(filled: Loader, steward: Client) -> None:
    for load in Load.objects.all():
        page = steward.get(f"/imports/{load.pk}/")
        assert page.status_code == 200
        assert "What it changed" in page.content.decode()
    assert len(FILES) == Load.objects.count()
