"""Texts that a process keeps: never older than what the conditional request would notice, and nobody's own."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import caches
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from time_machine import TimeMachineFixture

from accounts.models import AuditEntry, Company, User
from accounts.models.frozen import lifted
from kpis.choices import RunState, Trigger
from kpis.models import RollupRun
from kpis.rollup.runs import roll_up_now
from scorecard.reading.caching import kept
from tests import factories as make
from tests.loads.files import Loader
from tests.scorecard.reading import text_of
from tests.scorecard.stage import Stage

URL = "/matrix/2011-Q3/"
ADDRESSES = (URL, f"{URL}chart.json", "/api/v1/matrix/?period=2011-Q3")
KPIS = "code,name,department,indicator,unit,direction,customer_method,time_method,decimals,near_band\n"

Change = Callable[["World"], object]


class World:
    """What a change may need."""

    def __init__(self, stage: Stage, folder: Path, finance: User, steward: User, admin: User) -> None:
        self.stage, self.load, self.finance = stage, Loader(folder), finance
        self.steward, self.admin = make.signed_in(steward), make.signed_in(admin)

    def approve(self) -> None:
        """Finance agrees to another target of gold's revenue."""
        rows = "kpi,tier,from_month,per,value\nrevenue,T1,2011-07,quarter,850\n"
        self.load.good("targets", rows, approved_by=self.finance)

    def change_revenue(self, line: str) -> None:
        """A steward loads the KPI anew."""
        self.load.good("kpis", KPIS + line)

    def roll_up(self) -> None:
        """A fact comes, and a rollup is published."""
        make.fact(self.stage.revenue, make.customer(tier=self.stage.gold), 201109, 1)
        roll_up_now(trigger=Trigger.COMMAND)

    def in_the_admin(self, browser: Client, model: str, number: int, **fields: str) -> None:
        """Somebody fills a form of the admin in."""
        answer = browser.post(f"/admin/{model}/{number}/change/", fields)
        assert answer.status_code == 302, answer.context["adminform"].errors


CHANGES: dict[str, tuple[Change, str]] = {
    "a target was approved": (lambda world: world.approve(), "900 ≥ 850"),
    "a rollup was published": (lambda world: world.roll_up(), "■ 901 ≥"),
    "a KPI was renamed": (
        lambda world: world.change_revenue("revenue,Turnover,sales,trailing,currency,higher,sum,sum,0,"),
        "Turnover €",
    ),
    "a band was widened": (
        lambda world: world.change_revenue("revenue,Revenue,sales,trailing,currency,higher,sum,sum,0,40"),
        "▲ 900 ≥ 1,100",
    ),
    "a tier was renamed": (
        lambda world: world.load.good("tiers", "code,name,rank\nT1,Golden,1\n"),
        "actual, target, change Golden",
    ),
    "a department was renamed": (
        lambda world: world.in_the_admin(
            world.steward, "accounts/department", make.department("sales").pk, name="Trade"
        ),
        "Trade",
    ),
    "the company was renamed": (
        lambda world: world.in_the_admin(
            world.admin, "accounts/company", 1, name="Meyer & Sons", currency="EUR", time_zone="UTC", kpi_mail_day="5"
        ),
        "Meyer & Sons, Quarter 3, 2011",
    ),
    "the company's row was changed by hand": (
        lambda world: Company.objects.update(name="Meyer & Sons"),
        "Meyer & Sons, Quarter 3, 2011",
    ),
}


@pytest.fixture
def world(stage: Stage, tmp_path: Path, fay: User, stella: User, ada: User) -> World:
    """The small company, and who may change something in it."""
    return World(stage, tmp_path, fay, stella, ada)


def answers(browser: Client) -> list[str]:
    """What each address says; the table's text, for the page's form carries a token that is new each time."""
    return [_text(browser.get(address)) for address in ADDRESSES]


def _text(answer: Any) -> str:
    assert answer.status_code == 200
    return text_of(answer) if "html" in answer["Content-Type"] else answer.content.decode()


def tags(browser: Client) -> list[str]:
    return [browser.get(address)["ETag"] for address in ADDRESSES]


def seen(browser: Client) -> tuple[list[str], list[str]]:
    """What each address says, and the tag of it."""
    found = [browser.get(address) for address in ADDRESSES]
    return [_text(one) for one in found], [one["ETag"] for one in found]


def assert_noticed(browser: Client, before: tuple[list[str], list[str]], words: str) -> None:
    """Nothing of before is called unchanged, and what is said now is what a fresh process says."""
    asked = zip(ADDRESSES, before[1], strict=True)
    now = [_text(browser.get(address, headers={"If-None-Match": tag})) for address, tag in asked]
    caches["texts"].clear()
    assert now == answers(browser)
    assert words in now[0]
    assert words not in before[0][0]


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_is_on_the_page_in_the_heatmap_and_in_the_json_at_once(
    world: World, browser: Client, what: str
) -> None:
    change, words = CHANGES[what]
    before = seen(browser)
    change(world)
    assert_noticed(browser, before, words)


def test_the_company_s_day_ends_the_quarter(stage: Stage, browser: Client, time_machine: TimeMachineFixture) -> None:
    RollupRun.objects.update(finished_at=datetime(2011, 9, 1, tzinfo=UTC))  # from then on the tag tells days
    time_machine.move_to("2011-09-30 21:30Z", tick=False)
    Company.objects.update(time_zone="Europe/Berlin")
    before = seen(browser)
    assert "has not ended" in before[0][0]
    time_machine.move_to("2011-09-30 22:30Z", tick=False)
    assert_noticed(browser, before, "Gold missed all of its 2 targets and Silver none of 1.")


def test_another_time_zone_is_another_day(world: World, browser: Client, time_machine: TimeMachineFixture) -> None:
    time_machine.move_to("2011-09-30 23:30Z", tick=False)
    before = seen(browser)
    world.in_the_admin(
        world.admin,
        "accounts/company",
        1,
        name="Our company",
        currency="EUR",
        time_zone="Europe/Berlin",
        kpi_mail_day="5",
    )
    assert_noticed(browser, before, "Gold missed all of its 2 targets and Silver none of 1.")


def test_freshness_goes_on(stage: Stage, browser: Client, time_machine: TimeMachineFixture) -> None:
    assert "computed just now" in answers(browser)[0]
    time_machine.move_to(datetime.now(UTC) + timedelta(minutes=2))
    assert "computed 2 minutes ago" in answers(browser)[0]


def test_a_rollup_after_the_clock_was_put_back_is_noticed(
    world: World, browser: Client, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to(datetime.now(UTC), tick=False)
    RollupRun.objects.update(finished_at=datetime.now(UTC) + timedelta(hours=1))
    before = seen(browser)
    world.roll_up()
    assert_noticed(browser, before, "■ 901 ≥")


def test_a_rollup_that_ends_behind_a_later_failed_one_is_noticed(stage: Stage, browser: Client) -> None:
    early = RollupRun.objects.create(trigger=Trigger.COMMAND)
    at = datetime.now(UTC)
    RollupRun.objects.create(trigger=Trigger.COMMAND, state=RunState.FAILED, finished_at=at)
    before = tags(browser)
    RollupRun.objects.filter(pk=early.pk).update(state=RunState.DONE, finished_at=at)
    assert not set(before) & set(tags(browser))


@pytest.mark.parametrize("address", ADDRESSES)
def test_what_has_not_changed_is_not_computed_again(stage: Stage, browser: Client, address: str) -> None:
    browser.get("/help/")  # which counts what is asked of the person
    with CaptureQueriesContext(connection) as first:
        browser.get(address)
    with CaptureQueriesContext(connection) as again:
        browser.get(address)
    made = {URL: 10, f"{URL}chart.json": 7}.get(address, 9)  # but for the chart with edition and prepared text
    assert (len(first), len(again)) == (made, 3)


def test_each_address_has_a_text_of_its_own(stage: Stage, browser: Client) -> None:
    pages = [URL, f"{URL}?status=missed&department=service", "/matrix/2011-Q2/", "/matrix/2011/", "/matrix/2011-09/"]
    once = [text_of(browser.get(page)) for page in pages]
    assert len(set(once)) == len(pages)
    assert once == [text_of(browser.get(page)) for page in pages]


def test_nothing_of_the_person_who_asked_first_is_kept(stage: Stage, browser: Client, stella: User) -> None:
    hers = text_of(browser.get(URL))
    steward = text_of(make.signed_in(stella).get(URL))
    assert ("Ines" in hers, "Stella" in hers) == (True, False)
    assert ("Ines" in steward, "Stella" in steward) == (False, True)
    assert all("Ines" not in text and "csrf" not in text for text in everything_kept())


def test_a_kept_text_opens_no_door(stage: Stage, browser: Client, noor: User) -> None:
    stranger, nobody = make.signed_in(noor), Client()
    for address in ADDRESSES:
        assert browser.get(address).status_code == 200
        assert stranger.get(address).status_code == 403
        assert nobody.get(address).status_code in {302, 401}


def test_an_empty_period_is_told_to_each_person_apart(company: Company, ines: User, stella: User) -> None:
    make.kpi("lonely")
    assert "Roll up now" in text_of(make.signed_in(stella).get(URL))
    assert "Roll up now" not in text_of(make.signed_in(ines).get(URL))
    assert set(everything_kept()) == {""}


def test_no_more_than_a_few_are_kept() -> None:
    most = settings.CACHES["texts"]["OPTIONS"]["MAX_ENTRIES"]  # type: ignore[index]
    for number in range(most + 5):
        assert kept(asked(f"{URL}chart.json?x={number}"), lambda: "text") == "text"
    assert 1 < len(everything_kept()) <= most


def asked(address: str) -> Any:
    """A request whose answer's tag has been told."""
    request: Any = RequestFactory().get(address)
    request._shared_tag = "of this moment"
    return request


def test_who_asks_while_a_text_is_made_waits_for_it() -> None:
    made = []

    def slowly() -> str:
        made.append("text")
        time.sleep(0.1)
        return "text"

    def ask(number: int) -> str:
        return kept(asked(URL), slowly)

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(ask, range(8))) == ["text"] * 8
    assert made == ["text"]


def test_a_text_that_could_not_be_made_stands_in_nobodys_way() -> None:
    request = asked(URL)
    with pytest.raises(ZeroDivisionError):
        kept(request, lambda: str(1 // 0))
    assert kept(request, lambda: "text") == "text"


def everything_kept() -> list[str]:
    store = caches["texts"]
    return [store.get(key.rsplit(":", 1)[1]) for key in list(store._cache)]  # type: ignore[attr-defined]


def test_an_entry_committed_late_is_noticed_behind_forty_others(stage: Stage, browser: Client, ines: User) -> None:
    early = AuditEntry.objects.create(by=ines, verb="x", object_type="x", object_id="1", object_label="x")
    number = early.pk
    AuditEntry.objects.bulk_create(
        AuditEntry(by=ines, verb="x", object_type="x", object_id="1", object_label="x") for _ in range(40)
    )
    with lifted():
        early.delete()  # as though its transaction were still open
    before = tags(browser)
    AuditEntry.objects.create(pk=number, by=ines, verb="x", object_type="x", object_id="1", object_label="x")
    assert not set(before) & set(tags(browser))
