"""``/rollups/``: the runs, one of them, and the button."""

from __future__ import annotations

import io
import json
from typing import Any
from unittest.mock import patch

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts.models import User
from core.periods import Month
from kpis.choices import RunState, Trigger
from kpis.models import RollupRun, RunPart
from kpis.rollup import staging
from tests import factories as make
from tests.scorecard.reading import text_of
from tests.scorecard.stage import Stage


def running(parts: int = 4, staged: int = 1) -> RollupRun:
    run = RollupRun.objects.create(trigger=Trigger.LOAD, slices=12)
    for number in range(parts):
        at = timezone.now() if number < staged else None
        RunPart.objects.create(run=run, period=f"2011-0{number + 1}", kpis=[], staged_at=at)
    return run


def test_runs_are_listed_newest_first(stage: Stage, browser: Client) -> None:
    run = running()
    text = text_of(browser.get("/rollups/"))
    assert text.index(f"Rollup {run.pk} ◌ Running") < text.index("● Done")


def test_a_running_one_shows_how_far_it_is_and_is_asked_again(db: None, browser: Client) -> None:
    run = running()
    response = browser.get(f"/rollups/{run.pk}/")
    page = response.content.decode()
    assert "Computing 12 months of KPIs: 1 of 4 parts done." in text_of(response)
    assert 'hx-trigger="every 1s"' in page
    part = browser.get(f"/rollups/{run.pk}/", headers={"HX-Request": "true"})
    assert part.status_code == 200
    assert "<html" not in part.content.decode()


def test_a_finished_one_says_what_it_did_and_ends_the_asking(stage: Stage, browser: Client) -> None:
    run = RollupRun.objects.get()
    text = text_of(browser.get(f"/rollups/{run.pk}/"))
    assert f"Computed 12 months of KPIs and wrote {run.cells:,} cells in under a second." in text
    assert browser.get(f"/rollups/{run.pk}/", headers={"HX-Request": "true"}).status_code == 286


def test_a_failed_one_shows_its_error_and_what_to_do(db: None, browser: Client) -> None:
    run = running()
    RollupRun.objects.update(state=RunState.FAILED, finished_at=timezone.now(), error="OperationalError: <disk full>")
    text = text_of(browser.get(f"/rollups/{run.pk}/"))
    assert "OperationalError: <disk full>" in text
    assert "Nothing of it was published" in text


def test_a_run_that_a_later_one_overtook_is_no_success(db: None, browser: Client) -> None:
    run = running()
    RollupRun.objects.update(state=RunState.SUPERSEDED, finished_at=timezone.now())
    assert f"Rollup {run.pk} ○ Done by a later run" in text_of(browser.get("/rollups/"))
    assert "A later run had done its work already" in text_of(browser.get(f"/rollups/{run.pk}/"))


def test_an_empty_list_says_how_a_run_begins(db: None, browser: Client) -> None:
    assert "Nothing has been rolled up yet." in text_of(browser.get("/rollups/"))


def test_an_unknown_run_is_not_found(db: None, browser: Client) -> None:
    assert browser.get("/rollups/99/").status_code == 404


def test_the_button_wakes_a_worker_in_the_persons_name(db: None, stella: User) -> None:
    steward = make.signed_in(stella)
    with patch("scorecard.views.rollups.request_rollup") as wake:
        response = steward.post("/rollups/now/", follow=True)
    wake.assert_called_once_with(trigger=Trigger.PERSON, by=stella)
    assert "A rollup was asked for." in text_of(response)


def test_the_button_is_for_those_who_may_load(db: None, browser: Client) -> None:
    assert "Roll up now" not in text_of(browser.get("/rollups/"))
    assert browser.post("/rollups/now/").status_code == 403


def test_30_runs_cost_as_many_queries_as_one(db: None, browser: Client, django_assert_num_queries: object) -> None:
    for _ in range(30):
        running(1, 1)
    browser.get("/rollups/")
    with django_assert_num_queries(6):  # type: ignore[operator]
        browser.get("/rollups/")


def test_one_that_failed_in_part_names_what_failed_and_what_became_of_it(db: None, browser: Client) -> None:
    run = running()
    RollupRun.objects.update(
        state=RunState.PARTIAL, finished_at=timezone.now(), error="Revenue, January 2026: MemoryError"
    )
    text = text_of(browser.get(f"/rollups/{run.pk}/"))
    assert "Computed 12 months of KPIs, but for those below" in text
    assert "Revenue, January 2026: MemoryError" in text
    assert "stay as they were" in text
    assert browser.get(f"/rollups/{run.pk}/", headers={"HX-Request": "true"}).status_code == 286
    assert f"Rollup {run.pk} ▲ Done in part" in text_of(browser.get("/rollups/"))


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_the_command_prints_what_there_is_and_ends_with_what_failed(stage: Stage, options: list[str]) -> None:
    make.touch(stage.revenue, 201107)
    make.touch(stage.repeats, 201107)
    real, said = staging._sums, io.StringIO()

    def sums(month: Month, kpis: list[int], memberships: str) -> Any:
        if stage.revenue.pk in kpis:
            raise MemoryError
        return real(month, kpis, memberships)

    with patch.object(staging, "_sums", sums), pytest.raises(CommandError) as caught:
        call_command("rollup", "2011-Q3", *options, stdout=said)
    assert caught.value.returncode == 1
    assert "Revenue, July 2011: MemoryError" in str(caught.value)
    if options:
        assert [matrix["period"] for matrix in json.loads(said.getvalue())] == ["2011-Q3"]
    else:
        assert "but for those named below" in said.getvalue()


def test_a_rollup_of_nothing_but_failures_says_so(stage: Stage) -> None:
    make.touch(stage.revenue, 201107)
    said = io.StringIO()
    with patch.object(staging, "_sums", side_effect=MemoryError), pytest.raises(CommandError):
        call_command("rollup", "2011-Q3", stdout=said)
    assert said.getvalue().startswith("Nothing was rolled up.")
