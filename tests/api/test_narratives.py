"""Narratives by the API: one of each cell, by whose it is, with a revision."""

from __future__ import annotations

from accounts.models import User
from tests import factories
from tests.kept import kept
from tests.scorecard.test_narratives import World


@kept
def world(everyone: dict[str, User]) -> World:
    return World(everyone)


def test_the_api_creates_lists_and_changes(world: World) -> None:
    browser = factories.signed_in(world.people["owner"])
    body = {"period": "2011-Q3", "kpi": "calls", "tier": "T1", "analysis": "Up to [[calls@T1]]."}
    made = browser.post("/api/v1/narratives/", body, content_type="application/json")
    assert made.status_code == 201
    assert (made.json()["reads"], made.json()["owner"]) == ("Up to 83.00.", None)
    again = browser.post("/api/v1/narratives/", body, content_type="application/json")
    assert again.status_code == 409
    wrong = browser.post(
        "/api/v1/narratives/", body | {"tier": "all", "analysis": "[[nps@T1]]"}, content_type="application/json"
    )
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "analysis")
    foreign = browser.post("/api/v1/narratives/", body | {"kpi": "errors"}, content_type="application/json")
    assert foreign.status_code == 403
    found = browser.get("/api/v1/narratives/?period=2011-Q3&kpi=calls").json()["results"]
    assert [one["id"] for one in found] == [made.json()["id"]]
    assert browser.get("/api/v1/narratives/?period=soon").status_code == 422
    address = f"/api/v1/narratives/{found[0]['id']}/"
    assert browser.patch(address, {"analysis": "So."}, content_type="application/json").status_code == 422
    done = browser.patch(address, {"analysis": "So.", "revision": "1"}, content_type="application/json")
    assert (done.status_code, done.json()["analysis"], done.json()["revision"]) == (200, "So.", "2")
    stays = browser.patch(address, {"kpi": "errors", "revision": "2"}, content_type="application/json")
    assert stays.status_code == 422


def test_an_action_is_changed_in_part_and_blanked_as_a_whole(world: World) -> None:
    row = world.write(action=world.action())
    browser, address = factories.signed_in(world.people["owner"]), f"/api/v1/narratives/{row.pk}/"

    def patched(revision: int, **values: object) -> dict[str, object]:
        body = {"revision": str(revision), **values}
        found: dict[str, object] = browser.patch(address, body, content_type="application/json").json()
        return found

    assert patched(1, action="Open two desks")["owner"] == world.people["steward"].email
    assert patched(2, owner=world.people["finance"].email)["action"] == "Open two desks"
    blank = patched(3, action="")
    assert (blank["action"], blank["owner"], blank["due"]) == ("", None, None)
