"""What is told of the goals of others, at every door that asks for nothing more than to be opened: nothing.

Each thing that a goal holds is a word or a number that stands nowhere else in the company, so that it is found wherever
it got out: on a page, in a list of the API, an export, a mail, the audit, or what an error says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from accounts.loads import load_file
from accounts.models import AuditEntry, OutgoingMail, User
from core.periods import Period
from scorecard.mails.digest import write_digests
from scorecard.models import GoalVersion, Subscription
from scorecard.reports.digest import compose_letter
from scorecard.services.incentives import agree_goal, approve_goal, decide_goal, write_goal
from scorecard.services.subscriptions import subscribe
from tests import factories
from tests.accounts.test_every_address import addresses
from tests.kept import kept
from tests.scorecard.incentives import CALENDAR, TODAY, World
from tests.scorecard.test_incentive_doors import HEADER
from tests.walks import browser_of

WALKED = ("administrator", "superuser", "steward", "owner", "integrator")
MARKERS = (
    *("quince-bonus", "quince-team", "quince-draft", "Marmalade squad", "bonus-of-zumbro"),
    *("61.37", "87.65", "143.21", "17.29"),  # threshold, target, at the maximum, what was decided
    *("xylophones", "yodelling", "zithers"),  # why it was approved late, a question about it, why it was decided so
)
NAME = "Zumbro"  # of somebody who has goals and has done nothing
LEFT_OUT = ("add/", "new/", "logout/", "password_change/")  # forms that hold nothing yet, and ways out
PEOPLE = ("/people/", "/admin/accounts/user/")  # the lists of all
CHOICES = re.compile(r"<(select|datalist)\b.*?</\1>", re.DOTALL)  # in which all people are offered
DIGEST: dict[str, Any] = {
    "months": True,
    "quarters": True,
    "years": True,
    "day": 1,
    "format": "",
    "tiers": [],
    "departments": [],
}


@kept
def told(everyone: dict[str, User], root: User) -> World:
    """Goals of a person and of a team, loaded, approved late, decided, asked about; a draft; an edition; mails."""
    world = World(everyone)
    person = factories.person(NAME, "owner")
    points = {"threshold": Decimal("61.37"), "target": Decimal("87.65"), "maximum": Decimal(99)}
    common = {**points, "at_maximum": Decimal("143.21"), "members": (person,)}
    goal = write_goal(draft=world.draft(code="quince-bonus", weight=Decimal(60), **common), by=world.finance)
    unmeasured = factories.kpi("unmeasured")
    team = {"team_name": "Marmalade squad", "kpi": unmeasured, "weight": Decimal(40)}
    other = write_goal(draft=world.draft(code="quince-team", **(common | team)), by=world.finance)
    for version in GoalVersion.objects.all():
        approve_goal(version=version, by=world.executive, why="They played xylophones until then.")
    ahead = Period.parse("2027-Q1", CALENDAR)
    write_goal(draft=world.draft(code="quince-draft", period=ahead, **common), by=world.finance)
    wanted = subscribe(person=everyone["owner"], values=DIGEST)
    Subscription.objects.filter(pk=wanted.pk).update(since=date(2011, 9, 1))
    edition = world.close()
    decision = decide_goal(goal=other, edition=edition, percent=Decimal("17.29"), why="No zithers.", by=world.finance)
    agree_goal(decision=decision, by=world.other)
    factories.signed_in(world.other).post(f"/asks/incentive_goal/{goal.code}/", {"text": "Does yodelling count?"})
    assert write_digests(compose_letter, today=TODAY)
    return world


def doors(load: int) -> Iterator[str]:
    """Every address without a parameter, and those behind which goals would be looked for."""
    yield from (f"/{one}" for one in addresses() if "<" not in one and not one.endswith(LEFT_OUT))
    yield from ("/incentives/?period=2011-Q3", "/incentives/goals/quince-bonus/", "/asks/incentive_goal/quince-bonus/")
    yield from ("/search/?q=quince", "/search/?q=Marmalade", "/audit/?q=incentive", "/audit/export/csv/")
    yield from (f"/imports/{load}/", f"/imports/{load}/undo/", f"/admin/accounts/load/{load}/change/")
    yield from ("/imports/kinds/incentive_goals/export.csv", "/imports/kinds/incentive_goals/sample.csv")
    yield from ("/initiatives/export/csv/", "/growth/export/csv/", "/matrix/2011-Q3/", "/matrix/2011-Q3/revenue/T1/")
    yield from (f"/audit/?object={one}" for one in ("scorecard.incentivegoal", "scorecard.goalversion"))
    yield from (f"/audit/{pk}/" for pk in AuditEntry.objects.filter(object_id="0").values_list("pk", flat=True))
    yield from (
        f"/admin/accounts/outgoingmail/{pk}/change/" for pk in OutgoingMail.objects.values_list("pk", flat=True)
    )


def said(answer: Any) -> str:
    """All of what was answered."""
    whole = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return str(whole.decode(errors="replace"))


WRITTEN: list[tuple[str, dict[str, Any]]] = [
    ("/incentives/goals/quince-bonus/approve/", {"version": 1, "why": "x"}),
    ("/incentives/goals/quince-bonus/confirm/", {"edition": 1}),
    ("/incentives/goals/quince-team/decide/", {"edition": 1, "percent": "1", "why": "x"}),
    ("/incentives/goals/quince-draft/drop/", {"version": 1, "sure": 1}),
    ("/incentives/goals/quince-bonus/edit/", {"weight": "1", "seen": 1}),
    ("/asks/incentive_goal/quince-bonus/", {"text": "x"}),
]


def load_goals(told: World, folder: Path) -> int:
    """A file of another goal, by finance: the number of its load."""
    path = folder / "goals.csv"
    row = f"quince-file,{NAME.lower()}@tierboard.example,,,2027-Q2,100,cell,revenue,T1,,61.37,87.65,99,50,143.21"
    path.write_text(f"{HEADER}\n{row}\n")
    load = load_file(kind="incentive_goals", path=path, by=told.finance, source="bonus-of-zumbro.csv").load
    assert load is not None
    return load


def test_finance_reads_each_of_these(told: World, tmp_path: Path) -> None:
    """So that whoever doesn't find them has looked for what is there."""
    load_goals(told, tmp_path)
    browser = browser_of(told.finance)
    goals = [f"/incentives/goals/{code}/" for code in ("quince-bonus", "quince-team", "quince-draft")]
    text = "".join(said(browser.get(one)) for one in (*goals, "/asks/incentive_goal/quince-bonus/", "/imports/"))
    assert [one for one in (*MARKERS, NAME) if one not in text] == []


@pytest.mark.slow
@pytest.mark.parametrize("role", WALKED)
def test_no_door_tells_of_the_goals_of_others(role: str, told: World, tmp_path: Path, root: User) -> None:
    load = load_goals(told, tmp_path)
    browser = browser_of(root if role == "superuser" else told.people[role])
    answers = {address: browser.get(address) for address in doors(load)}
    answers |= {f"POST {address}": browser.post(address, sent) for address, sent in WRITTEN}
    row_of_another = [{"code": "quince-bonus", "person": f"{NAME.lower()}@tierboard.example", "weight": "x"}]
    bulk = "/api/v1/incentive-goals/bulk/"
    answers[f"POST {bulk}"] = browser.post(bulk, row_of_another, content_type="application/json")
    found = []
    for address, answer in answers.items():
        text = said(answer)
        found += [f"{address} {answer.status_code}: {one}" for one in MARKERS if one in text]
        found += (
            [f"{address} {answer.status_code}: {NAME}"]
            if NAME in CHOICES.sub("", text) and address not in PEOPLE
            else []
        )
    assert not found, "\n".join(found)
    refused = {answer.status_code for address, answer in answers.items() if address.startswith("POST")}
    assert refused <= {403, 404}
