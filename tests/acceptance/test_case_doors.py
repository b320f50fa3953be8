"""The inputs of ``cases`` that are no files: what is typed, searched for, called and set."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.http import QueryDict
from django.test import Client

from accounts.models import Company, User
from accounts.tasks import send_mails
from config import environment
from customers.models import Tier
from kpis.models import Kpi
from tests import factories
from tests.acceptance.cases import DATA, OVER, calls, take
from tests.factories import signed_in
from tests.kpis.grid import stored
from tests.kpis.grid import write as type_in
from tests.loads.files import Loader

pytestmark = pytest.mark.django_db
JSON = "application/json"
CALLS = [line.split()[1] for line in (DATA / "api-unknown-parameter-names.txt").read_text().splitlines() if line]
BY_MONTH = "/api/v1/tier-actuals/?month=2026-01"  # the month became a filter, for it is a part of what names a row


@pytest.fixture(autouse=True)
def small_company(company: Company, tmp_path: Path) -> Loader:
    """What the inputs were tried on."""
    load = Loader(tmp_path)
    for kind, text in OVER.items():
        load.good(kind, text)
    return load


def test_the_german_block_is_what_was_copied(stella: User) -> None:
    kpi, tier = Kpi.objects.get(code="revenue"), Tier.objects.get(code="T1")
    texts = (DATA / "grid-german-block.tsv").read_text("utf-8").strip().split("\t")
    months = (201201, 201204, 201207, 201210)
    cells = {f"value-{kpi.pk}-{tier.pk}-{month}": text for month, text in zip(months, texts, strict=True)}
    assert type_in(stella, cells).status_code == 302
    assert [value for _, value, _ in stored()] == ["45000", "47500.5", "52250", "1045000"]


def test_a_search_finds_umlauts_of_either_case(ines: User) -> None:
    take("kpis", "umlaut-kpis.csv")
    for asked in ("überfällig", "ÜBERFÄLLIG"):
        page = signed_in(ines).get("/kpis/", {"q": asked}).content.decode()
        assert ("Überfällige Rechnungen" in page, "Complaints" in page) == (True, False)


def test_a_month_that_is_asked_for_is_not_everything(ines: User) -> None:
    kpi, tier = Kpi.objects.get(code="share"), Tier.objects.get(code="T1")
    for month in (202601, 202602):
        factories.tier_actual(kpi, tier, month, 1, 2)
    assert [row["month"] for row in signed_in(ines).get(BY_MONTH).json()["results"]] == ["2026-01"]


@pytest.mark.parametrize("address", [call for call in CALLS if call != BY_MONTH])
def test_a_parameter_that_nobody_knows_is_named(address: str, ines: User) -> None:
    answer = signed_in(ines).get(address)
    asked = QueryDict(address.partition("?")[2])
    wrong = {name for name in asked if name not in {"by", "period"} or len(asked.getlist(name)) > 1}
    assert (answer.status_code, {error["field"] for error in answer.json()["errors"]}) == (422, wrong)


@pytest.mark.parametrize("call", list(calls()))
def test_a_field_that_nobody_knows_is_named(call: str, stella: User) -> None:
    verb, address = call.split()
    body: dict[str, Any] = calls()[call]
    plan = factories.initiative("lights")
    if "revision" in body:
        body["revision"] = plan.revision
    sent = getattr(signed_in(stella), verb.lower())(address.replace("CODE", "lights"), body, content_type=JSON)
    known = {"kpi", "tier", "from_month", "per", "value", "revision"}
    assert (sent.status_code, {error["field"] for error in sent.json()["errors"]}) == (422, set(body) - known)


def test_mails_and_signing_in_follow_the_port_of_base_url(
    settings: Any, monkeypatch: pytest.MonkeyPatch, ines: User
) -> None:
    lines = (DATA / "base-url-with-port.env").read_text().splitlines()
    env = dict(line.split("=", 1) for line in lines if line)
    host, url = env["ALLOWED_HOSTS"], env["BASE_URL"]
    monkeypatch.setenv("BASE_URL", url)
    assert environment.base_url(environment.read_environment(), [host], 8000, production=True) == url
    settings.ALLOWED_HOSTS, settings.BASE_URL, settings.PROXY_COUNT = [host], url, int(env["PROXY_COUNT"])
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.CSRF_TRUSTED_ORIGINS = environment.trusted_origins([host], url, production=True)
    browser = Client(enforce_csrf_checks=True, headers={"host": host, "x-forwarded-proto": "https", "origin": url})
    for address, sent in (
        ("/accounts/reset/", {"email": ines.email}),
        ("/accounts/login/", {"username": ines.email, "password": factories.PASSWORD}),
    ):
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', browser.get(address).content.decode())
        assert token
        assert browser.post(address, {"csrfmiddlewaretoken": token[1], **sent}).status_code == 302, address
    send_mails()
    assert f"{url}/accounts/reset/" in mail.outbox[0].body
