"""``/kpis/weights/``: what KPIs weigh, for everybody; stewards write the next set and take one back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from core.periods import Month
from kpis.models import Kpi, WeightSet
from kpis.services.weights import write_weights
from tests import factories as make
from tests.kept import kept
from tests.scorecard.stage import set_stage

pytestmark = pytest.mark.django_db

URL = "/kpis/weights/"


@kept
def calls(company: Any) -> Kpi:
    return make.kpi("calls")


def sent(browser: Client, **weights: str) -> dict[str, str]:
    """The form as it was shown, with other weights."""
    form = browser.get(URL).context["page"].form
    return {"seen": form["seen"].value(), "from_month": "2011-07", **weights}


def test_a_steward_writes_weights_from_a_month_on_and_everybody_reads_them(
    calls: Kpi, stella: User, ines: User
) -> None:
    make.kpi("visits")
    browser = make.signed_in(stella)
    late = sent(browser, **{"weight-calls": "100"})
    answer = browser.post(URL, sent(browser, **{"weight-calls": "66.7", "weight-visits": "33.3"}), follow=True)
    assert "These weights stand from July 2011 on." in answer.content.decode()
    assert {str(one) for one in WeightSet.objects.get().weights.all()} == {"66.7000 % Calls", "33.3000 % Visits"}
    assert browser.post(URL, late).status_code == 409
    text = make.signed_in(ines).get(URL).content.decode()
    assert "Calls</a> 66.7 %" in text
    assert '<form method="post" class="panel"' not in text


def test_what_is_refused_is_said_and_stays_as_typed(calls: Kpi, stella: User) -> None:
    browser = make.signed_in(stella)
    answer = browser.post(URL, sent(browser, **{"weight-calls": "90"}))
    assert answer.status_code == 400
    text = answer.content.decode()
    assert "Must add up to 100 %, not to 90 %." in text
    assert 'value="90"' in text
    assert not WeightSet.objects.exists()


def test_a_set_is_taken_back_with_a_reason_and_stays_to_be_read(calls: Kpi, stella: User) -> None:
    made = write_weights(from_month=Month(201107), weights={calls: Decimal(100)}, by=stella)
    browser = make.signed_in(stella)
    url = f"{URL}{made.pk}/take-back/"
    assert "say why" in browser.post(url, {}, follow=True).content.decode().lower()
    text = browser.post(url, {f"set-{made.pk}-reason": "A slip.", "sure": "1"}, follow=True).content.decode()
    assert "taken back by Stella: A slip." in text
    assert "there is no composite" in text


def test_the_matrix_shows_one_quiet_row_where_weights_are_written(stella: User, ines: User) -> None:
    stage, browser, url = set_stage(), make.signed_in(ines), "/matrix/2011-Q3/"
    assert "Composite" not in browser.get(url).content.decode()
    weights = {stage.repeats: Decimal(80), stage.revenue: Decimal(20)}
    write_weights(from_month=Month(201104), weights=weights, by=stella)
    answer = browser.get(url).content.decode()
    # Gold: revenue 900 of 1,100 scores 9.09 (before: 960 of 1,000, 80), repeats at twice its limit nothing
    assert "<b>1.8</b><small>−14.2</small>" in answer
    assert answer.count("<b>–</b><small>of 20 %</small>") == 2  # Silver and all have no target of repeats
    assert "; Silver without Repeat &lt;contacts&gt;; All customers without" in answer
