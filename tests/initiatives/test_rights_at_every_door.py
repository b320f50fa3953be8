"""The table of roles for initiatives, walked through every door that leads to the same verb.

Whether somebody got in is seen by what is stored afterwards, not by what the answer says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from io import BytesIO
from typing import Any, NamedTuple

import pytest
from django.apps import apps
from django.test import Client
from openpyxl import load_workbook

from accounts.company import today
from accounts.models import ExchangeRate, User
from accounts.services.tokens import create_token
from core.stale import mark_shown
from initiatives.choices import BenefitState, Level, Stage
from initiatives.models import Benefit, Initiative, Milestone, PainPoint, Policy, StatusUpdate
from tests import factories
from tests.factories import signed_in
from tests.kept import kept
from tests.rows import rows_of
from tests.walks import taken_back

JSON = "application/json"
STEWARDS = frozenset({"steward", "administrator"})
EXECUTIVES = frozenset({"executive"})
PEOPLE = frozenset({"executive", "owner", "finance", "steward", "administrator"})
PROPOSERS = PEOPLE - {"executive"}
EVERYBODY = PEOPLE | {"integrator", "none"}


class World(NamedTuple):
    """One of each thing: ``own`` is the owner's initiative, ``other`` somebody else's."""

    own: Initiative
    other: Initiative
    step: Milestone
    other_step: Milestone
    update: StatusUpdate
    pain: PainPoint
    benefit: Benefit
    form: dict[str, Any]


@kept
def world(everyone: dict[str, User]) -> World:
    """Somebody from outside wrote all of it, so that nobody of the walk decides on or reviews the own."""
    outside = factories.person("Olga")
    own, other = factories.initiative("own", owner=everyone["owner"]), factories.initiative("other", owner=outside)
    return World(
        own,
        other,
        factories.milestone(own, due=today()),
        factories.milestone(other, due=today()),
        factories.status_update(other, author=outside, on=today() - timedelta(days=3)),
        factories.pain_point(),
        factories.benefit(other, state=BenefitState.PROPOSED, created_by=outside),
        _form(signed_in(everyone["administrator"]).get("/initiatives/other/edit/")),
    )


def _form(page: Any) -> dict[str, Any]:
    """What the form of a page holds, ready to be sent with another title."""
    form = page.context["form"]
    held = {field.html_name: field.value() for field in form}
    return {name: value for name, value in held.items() if value not in (None, "")} | {"title": "Another title"}


class Door(NamedTuple):
    """A verb through one door: who may, and what is sent."""

    may: frozenset[str]
    send: Callable[[Client, World], Any]


def post(address: str, **body: Any) -> Callable[[Client, World], Any]:
    """A page's form; ``{step}`` and the like in the address are keys of the world's things."""
    return lambda browser, world: browser.post(_at(address, world), _filled(body, world))


def call(address: str, *, method: str = "post", **body: Any) -> Callable[[Client, World], Any]:
    """The same by REST, as who has read the thing just before."""

    def send(browser: Client, world: World) -> Any:
        given = _filled(body, world)
        headers = {"If-Match": "*"} if method in {"patch", "delete"} else {}
        return getattr(browser, method)(_at(address, world), given, content_type=JSON, headers=headers)

    return send


def _at(text: str, world: World) -> str:
    things = ("step", "other_step", "update", "pain", "benefit")
    return text.format(**{name: getattr(world, name).pk for name in things}) if "{" in text else text


def _filled(body: dict[str, Any], world: World) -> dict[str, Any]:
    return {name: _at(value, world) if isinstance(value, str) else value for name, value in body.items()}


def edit_form(browser: Client, world: World) -> Any:
    """The page's form of somebody else's initiative, as an administrator was shown it."""
    return browser.post("/initiatives/other/edit/", world.form)


API = "/api/v1"
PAST, SOON = "2026-01-05", "2031-01-01"
UPDATE: dict[str, Any] = {"health": "at_risk", "progress": 10, "note": "x"}
CANDIDATE: dict[str, Any] = {"title": "Idea", "level": "corporate", "department": "sales"}
POINT: dict[str, Any] = {
    "source": "log",
    "department": "sales",
    "theme": "x",
    "tier": "all",
    "month": "2026-01",
    "mentions": 1,
    "severity": 1,
}
PROMISE: dict[str, Any] = {"name": "Money", "kind": "money", "value_per_year": "5", "from_month": "2026-01"}

DOORS: dict[str, Door] = {
    # create a candidate initiative
    "candidate by REST": Door(PEOPLE, call(f"{API}/initiatives/", **CANDIDATE)),
    # edit, update, tick milestones: somebody else's
    "edit another's by page": Door(STEWARDS, edit_form),
    "edit another's by REST": Door(STEWARDS, call(f"{API}/initiatives/other/", method="patch", title="Mine")),
    "hold another's by page": Door(
        STEWARDS, post("/initiatives/other/stage/?to=on_hold", seen="in_progress", reason="x", sure="1")
    ),
    "hold another's by REST": Door(STEWARDS, call(f"{API}/initiatives/other/hold/", reason="x")),
    "report on another's by page": Door(STEWARDS, post("/initiatives/other/update/", **UPDATE, seen="{update}.1")),
    "report on another's by REST": Door(STEWARDS, call(f"{API}/status-updates/", initiative="other", **UPDATE)),
    "tick another's by page": Door(STEWARDS, post("/initiatives/other/milestones/{other_step}/", verb="tick")),
    "tick another's by REST": Door(STEWARDS, call(f"{API}/milestones/{{other_step}}/", method="patch", done_on=PAST)),
    "add to another's by page": Door(STEWARDS, post("/initiatives/other/milestones/", title="x", due=SOON)),
    "add to another's by REST": Door(STEWARDS, call(f"{API}/milestones/", initiative="other", title="x", due=SOON)),
    "drop another's by REST": Door(STEWARDS, call(f"{API}/milestones/{{other_step}}/drop/", reason="x")),
    "link to another's by page": Door(
        STEWARDS, post("/initiatives/other/documents/", title="x", url="https://tierboard.example")
    ),
    # the same of one's own
    "edit one's own by REST": Door(STEWARDS | {"owner"}, call(f"{API}/initiatives/own/", method="patch", title="Mine")),
    "hold one's own by page": Door(
        STEWARDS | {"owner"}, post("/initiatives/own/stage/?to=on_hold", seen="in_progress", reason="x", sure="1")
    ),
    "finish one's own by REST": Door(STEWARDS | {"owner"}, call(f"{API}/initiatives/own/finish/")),
    "report on one's own by page": Door(STEWARDS | {"owner"}, post("/initiatives/own/update/", **UPDATE, seen="")),
    "report on one's own by REST": Door(
        STEWARDS | {"owner"}, call(f"{API}/status-updates/", initiative="own", **UPDATE)
    ),
    "tick one's own by page": Door(STEWARDS | {"owner"}, post("/initiatives/own/milestones/{step}/", verb="tick")),
    # ask, comment, thank
    "thank by page": Door(PEOPLE, post("/initiatives/other/thanks/", text="Well done.")),
    "thank by REST": Door(PEOPLE, call(f"{API}/initiatives/other/thank/", text="Well done.")),
    "ask back by page": Door(PEOPLE, post("/initiatives/other/updates/{update}/", verb="asked_back", text="Why?")),
    "ask back by REST": Door(PEOPLE, call(f"{API}/status-updates/{{update}}/respond/", verb="asked_back", text="Why?")),
    # pain points
    "enter pain by REST": Door(STEWARDS, call(f"{API}/pain-points/", **POINT)),
    "change pain by REST": Door(STEWARDS, call(f"{API}/pain-points/{{pain}}/", method="patch", mentions=99)),
    "delete pain by page": Door(STEWARDS, post("/coverage/pain/{pain}/delete/", sure="1")),
    "delete pain by REST": Door(STEWARDS, call(f"{API}/pain-points/{{pain}}/", method="delete")),
    # benefits
    "propose for another's by page": Door(
        frozenset({"finance"}) | STEWARDS, post("/initiatives/other/benefits/", **PROMISE)
    ),
    "propose for another's by REST": Door(
        frozenset({"finance"}) | STEWARDS, call(f"{API}/benefits/", initiative="other", **PROMISE)
    ),
    "propose for one's own by page": Door(PROPOSERS, post("/initiatives/own/benefits/", **PROMISE)),
    "approve a benefit by page": Door(
        frozenset({"finance"}),
        lambda browser, world: browser.post("/initiatives/benefits/decide/", {f"d-{world.benefit.pk}": "approve"}),
    ),
    "approve a benefit by REST": Door(frozenset({"finance"}), call(f"{API}/benefits/{{benefit}}/approve/")),
    "reject a benefit by REST": Door(frozenset({"finance"}), call(f"{API}/benefits/{{benefit}}/reject/", reason="x")),
    "withdraw another's benefit by page": Door(
        frozenset({"finance"}) | STEWARDS, post("/initiatives/benefits/{benefit}/withdraw/", sure="1")
    ),
    # company settings; finance's rates
    "thresholds by page": Door(
        frozenset({"administrator"}),
        lambda browser, world: browser.post("/initiatives/settings/policy/", _policy(silence_corporate=9)),
    ),
    "a rate by page": Door(
        frozenset({"administrator", "finance"}),
        post("/initiatives/settings/rates/", currency="USD", year=2026, rate="0.9"),
    ),
    # the admin
    "thresholds by admin": Door(
        frozenset({"administrator"}),
        lambda browser, world: browser.post("/admin/initiatives/policy/1/change/", _policy(silence_corporate=9)),
    ),
    "delete an initiative by admin": Door(
        frozenset(),
        lambda browser, world: browser.post(f"/admin/initiatives/initiative/{world.own.pk}/delete/", {"post": "yes"}),
    ),
}


def _policy(**changes: Any) -> dict[str, Any]:
    row = Policy.objects.get()
    names = [field.name for field in Policy._meta.concrete_fields if field.name != "id"]
    return {name: getattr(row, name) for name in names} | {"seen": mark_shown(row)} | changes


def stored() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the register, and the rates."""
    return rows_of([*apps.get_app_config("initiatives").get_models(), ExchangeRate])


def done_by(browser: Client, world: World, doors: Iterable[str]) -> dict[str, tuple[bool, Any]]:
    """Whether each door's verb, sent by this browser, changed what is stored, and its answer."""
    before, found = stored(), {}
    for name in doors:
        with taken_back():
            answer = DOORS[name].send(browser, world)
            found[name] = (stored() != before, answer)
    return found


@pytest.mark.parametrize("who", sorted(EVERYBODY))
def test_each_door_does_its_verb_for_whom_the_table_names(world: World, everyone: dict[str, User], who: str) -> None:
    done = done_by(signed_in(everyone[who]), world, DOORS)
    wrong = {
        name: (answer.status_code, answer.content[:300])
        for name, (changed, answer) in done.items()
        if changed is not (who in DOORS[name].may)
    }
    assert wrong == {}


def test_nobody_who_has_not_signed_in_does_anything(world: World) -> None:
    assert [name for name, (changed, _) in done_by(Client(), world, DOORS).items() if changed] == []


def test_a_token_that_may_only_read_changes_nothing(world: World, root: User) -> None:
    _, text = create_token(user=root, name="x", scopes=["tierboard.read"], expires_on=None, by=None)
    reader = Client(headers={"Authorization": f"Bearer {text}"})
    by_rest = [name for name in DOORS if "REST" in name]
    done = {name: (changed, answer.status_code) for name, (changed, answer) in done_by(reader, world, by_rest).items()}
    assert done == dict.fromkeys(by_rest, (False, 403))


APPROVALS = {
    "approve by page": post("/initiatives/idea/stage/?to=approve", seen="candidate", reason=""),
    "approve by REST": call(f"{API}/initiatives/idea/approve/"),
    "override by page": post("/initiatives/doubt/stage/?to=override", seen="approved", reason="By law."),
    "override by REST": call(f"{API}/initiatives/doubt/override/", reason="By law."),
}


@pytest.mark.parametrize("door", APPROVALS)
def test_executives_alone_approve_and_override(world: World, everyone: dict[str, User], door: str) -> None:
    owner = everyone["owner"]
    factories.initiative("idea", owner=owner, stage=Stage.CANDIDATE)
    factories.initiative("doubt", owner=owner, stage=Stage.APPROVED, loyalty_impact=1, effort=5)
    before, did = stored(), set()
    for who in EVERYBODY:
        with taken_back():
            APPROVALS[door](signed_in(everyone[who]), world)
            did |= {who} if stored() != before else set()
    assert did == EXECUTIVES


# -- names of customers

SECRET = "Birkmere Laboratories"
PLACES = (
    "/initiatives/",
    "/initiatives/board/",
    "/initiatives/timeline/",
    "/initiatives/timeline/chart.json",
    "/initiatives/priorities/",
    "/initiatives/priorities/chart.json",
    "/initiatives/report/",
    "/initiatives/benefits/",
    "/initiatives/export/csv/",
    "/initiatives/export/xlsx/",
    "/initiatives/account/",
    "/initiatives/account/updates/",
    "/initiatives/?q=Birkmere",
    "/coverage/",
    "/coverage/chart.json",
    "/my/",
    "/api/v1/initiatives/",
    "/api/v1/initiatives/account/",
    "/api/v1/benefits/",
    "/api/v1/status-updates/",
)
NAMING = frozenset(
    {
        "/initiatives/",
        "/initiatives/export/csv/",
        "/initiatives/export/xlsx/",
        "/initiatives/account/",
        "/api/v1/initiatives/",
        "/api/v1/initiatives/account/",
    }
)


@pytest.fixture
def account(db: None) -> Initiative:
    """A key account's initiative that nobody of the walk has a part in."""
    customer = factories.customer("C77", name=SECRET, is_key_account=True)
    row = factories.initiative("account", level=Level.KEY_ACCOUNT, customer=customer)
    factories.status_update(row, author=factories.person("Olaf"))
    factories.benefit(row)
    return row


def text_of(answer: Any) -> str:
    """What an answer says, a workbook's cells included."""
    content: bytes = answer.getvalue()
    if not content.startswith(b"PK"):
        return content.decode()
    book = load_workbook(BytesIO(content))
    return " ".join(str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row)


@pytest.mark.parametrize("place", PLACES)
def test_an_owner_reads_the_customers_name_nowhere(account: Initiative, omar: User, place: str) -> None:
    answer = signed_in(omar).get(place)
    assert answer.status_code == 200
    assert SECRET not in text_of(answer)
    assert "C77" not in text_of(answer)


@pytest.mark.parametrize("place", sorted(NAMING))
@pytest.mark.parametrize("who", ["executive", "finance", "steward", "administrator"])
def test_those_who_read_customers_read_it(account: Initiative, everyone: dict[str, User], place: str, who: str) -> None:
    assert SECRET in text_of(signed_in(everyone[who]).get(place))


@pytest.mark.parametrize("place", sorted(NAMING))
@pytest.mark.parametrize("part", ["owner", "deputy", "team"])
def test_an_owner_reads_it_once_it_is_the_own(account: Initiative, omar: User, place: str, part: str) -> None:
    account.team.set([omar] if part == "team" else [])
    if part != "team":
        Initiative.objects.filter(pk=account.pk).update(**{part: omar})
    assert SECRET in text_of(signed_in(omar).get(place))


def test_an_export_of_the_page_is_the_page_whoever_asks(
    account: Initiative, world: World, everyone: dict[str, User]
) -> None:
    for who in sorted(PEOPLE):
        browser = signed_in(everyone[who])
        listed = {row["code"] for row in browser.get("/api/v1/initiatives/").json()["results"]}
        lines = text_of(browser.get("/initiatives/export/csv/")).splitlines()[1:]
        assert {line.split(",")[0] for line in lines} == listed, who
