"""The pages of files: bring one, see what it would do, load it, take it back."""

from __future__ import annotations

from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.choices import LoadState, Role
from accounts.loads import importing
from accounts.models import Job, Load, RoleGrant, User
from accounts.services import jobs
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


def bring(client: Client, text: str, kind: str = "tiers") -> str:
    """Upload a file; answers the address of its check."""
    file = SimpleUploadedFile(f"{kind}.csv", text.encode())
    answer = client.post("/imports/", {"kind": kind, "file": file})
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


def load(client: Client, address: str, act: str = "load") -> str:
    """Load what was looked at; answers the page that comes then."""
    answer = client.post(address, {"act": act}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_file_is_looked_at_first_and_then_loaded(company: object, steward: Client, stella: User) -> None:
    address = bring(steward, GOOD, kind="")
    page = steward.get(address).content.decode()
    assert "Read as tiers</b>, because its first line has code, name and rank" in page
    assert not Tier.objects.real().exists()
    assert "has been loaded" in load(steward, address)
    done = Load.objects.get()
    assert (done.source, done.by, done.created) == (".csv", stella, 2)
    assert steward.get(address)["Location"] == f"/imports/{done.pk}/"
    assert load(steward, address)
    assert Load.objects.count() == 1
    assert not any(importing.upload_of(job).exists() for job in Job.objects.all())
    assert "says nothing new" in steward.get(bring(steward, GOOD)).content.decode()


def test_bad_rows_come_first_and_as_a_file_and_can_be_taken_out(company: object, steward: Client) -> None:
    address = bring(steward, "code,name,rank\nT1,Platinum,best\nT2,=Gold,2\nT3,=Tin,x\n")
    page = steward.get(address).content.decode()
    assert "2 bad rows: nothing is loaded while there is one" in page
    assert "is no whole number" in page
    assert 'value="load"' not in page
    assert steward.post(address, {"act": "load"})["Location"] == address
    assert not Tier.objects.real().exists()
    rows = b"".join(steward.get(f"{address}bad-rows.csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert rows.splitlines() == [
        "\ufeffline,reason,code,name,rank",
        "2,rank: is no whole number from 0 to 30000,T1,Platinum,best",
        "4,rank: is no whole number from 0 to 30000,T3,'=Tin,x",
    ]
    done = load(steward, address, "take_out")
    assert "2 rows were taken out" in unescape(done)
    assert list(Tier.objects.real().values_list("code", flat=True)) == ["T2"]


def test_what_changed_since_the_preview_is_shown_again_and_not_loaded(company: object, steward: Client) -> None:
    address = bring(steward, GOOD)
    Tier.objects.create(code="T1", name="Diamond", rank=1)
    page = load(steward, address)
    assert "have changed since you looked" in page
    assert "Diamond" in page
    assert not Load.objects.exists()
    assert Tier.objects.get(code="T1").name == "Diamond"


def test_a_file_that_is_unfit_says_in_a_sentence_what_to_do(company: object, steward: Client) -> None:
    file = SimpleUploadedFile("tiers.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    page = steward.post("/imports/", {"kind": "tiers", "file": file}, follow=True).content.decode()
    assert "tiers.xlsx is an old Excel file" in page
    page = unescape(steward.get(bring(steward, "code,nam,rank\nT1,x,1\n", "")).content.decode())
    assert "its first line does not fit: name is missing, and “nam” is no column of it" in page
    page = unescape(steward.get(bring(steward, "a,b\n1,2\n", "")).content.decode())
    assert "Say what it is, or correct its first line" in page
    assert "file is empty" in steward.get(bring(steward, "\n", "tiers")).content.decode()


def test_it_is_read_otherwise_as_its_person_says(filled: Loader, steward: Client) -> None:
    address = bring(steward, "kpi;customer;month;numerator\nclaims;C1;2011-03;45.000\n", "")
    assert "may be two numbers" in steward.get(address).content.decode()
    page = steward.post(address, {"kind": "facts", "decimal": ","}, follow=True).content.decode()
    assert "numerator 45,000, line 2" in page
    assert steward.post(address, {"kind": "nothing"}).status_code == 400


def test_a_file_is_its_persons_and_gone_after_a_day(company: object, steward: Client, ada: User, fay: User) -> None:
    address = bring(steward, GOOD)
    RoleGrant.objects.create(user=fay, role=Role.STEWARD)
    assert factories.signed_in(User.objects.get(pk=fay.pk)).get(address).status_code == 404
    assert factories.signed_in(ada).get(address).status_code == 200
    Job.objects.update(expires_at=timezone.now())
    jobs.expire()
    assert "expired" in steward.get(address).content.decode()
    assert "not here any more" in steward.post(address, {"act": "read", "kind": "tiers"}, follow=True).content.decode()


def test_one_comes_from_the_setup_and_goes_back_there_alone(company: object, steward: Client) -> None:
    page = steward.get("/imports/?kind=tiers&next=/my/").content.decode()
    assert '<option value="tiers" selected>' in page
    assert 'value="/my/"' in page
    for strange in ("https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example"):
        assert "evil" not in steward.get("/imports/", {"next": strange}).content.decode()
    file = SimpleUploadedFile("tiers.csv", GOOD.encode())
    address = steward.post("/imports/", {"file": file, "next": "/my/"})["Location"]
    assert 'href="/my/"' in load(steward, address)


def test_a_large_file_waits_for_a_worker_and_says_so_where_there_is_none(
    company: object, steward: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "AT_ONCE", 10)
    address = bring(steward, GOOD)
    assert "No worker is running" in steward.get(address).content.decode()
    jobs.run_in_worker(Job.objects.get().pk)
    assert 'value="load"' in steward.get(address).content.decode()


@pytest.mark.parametrize("kind", FILES)
def test_an_export_and_a_sample_say_nothing_new(filled: Loader, steward: Client, kind: str) -> None:
    for name in ("sample", "export"):
        answer = steward.get(f"/imports/kinds/{kind}/{name}.csv")
        text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
        assert "says nothing new" in steward.get(bring(steward, text, kind)).content.decode()


def test_a_load_is_taken_back_after_a_question(company: object, steward: Client, stella: User) -> None:
    load(steward, bring(steward, GOOD))
    made = Load.objects.get()
    assert "Platinum" in steward.get(f"/imports/{made.pk}/").content.decode()
    assert "2 rows that it created will go" in steward.get(f"/imports/{made.pk}/undo/").content.decode()
    assert Tier.objects.real().count() == 2
    assert (
        "has been taken back" in steward.post(f"/imports/{made.pk}/undo/", {"sure": "1"}, follow=True).content.decode()
    )
    made.refresh_from_db()
    assert (made.state, made.undone_by) == (LoadState.UNDONE, stella)


def test_what_stands_in_the_way_of_taking_back_is_told_before_one_asks(filled: Loader, steward: Client) -> None:
    made = Load.objects.get(kind="tiers")
    assert "cannot be taken back" in steward.get(f"/imports/{made.pk}/undo/").content.decode()
    assert (
        "cannot be taken back" in steward.post(f"/imports/{made.pk}/undo/", {"sure": "1"}, follow=True).content.decode()
    )
    made.refresh_from_db()
    assert made.state == LoadState.APPLIED


def test_only_who_may_approve_targets_can_say_so(filled: Loader, steward: Client, stella: User, fay: User) -> None:
    target = "kpi,tier,from_month,per,value\nclaims,T1,2012-0{},month,5"
    address = bring(steward, target.format(1), "targets")
    assert "I approve" not in steward.get(address).content.decode()
    load(steward, steward.post(address, {"kind": "targets", "approve": "on"})["Location"])
    assert Target.objects.get(from_month=201201).state == "draft"
    RoleGrant.objects.create(user=fay, role=Role.STEWARD)
    both = factories.signed_in(User.objects.get(pk=fay.pk))
    address = bring(both, target.format(2), "targets")
    assert "I approve" in both.get(address).content.decode()
    load(both, both.post(address, {"kind": "targets", "approve": "on"})["Location"])
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
