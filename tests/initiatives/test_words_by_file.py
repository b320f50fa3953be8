"""Status updates by file: one's own word, or one in another's name that says who loaded it and answers nothing."""

from __future__ import annotations

from datetime import date, timedelta
from html import unescape
from pathlib import Path

import pytest

from accounts.company import today
from accounts.loads import undo_load
from accounts.models import LoadChange, Thread, User
from initiatives.choices import LONGEST_NOTE
from initiatives.models import Initiative, StatusUpdate
from initiatives.services.status_updates import give_update, latest_mark, respond
from tests import factories as make
from tests.factories import signed_in
from tests.kept import kept
from tests.loads.files import Loader, by_page, command, contents, write

HEADER = "initiative,on,health,progress,note,author\n"


@pytest.fixture
def load(company: object, tmp_path: Path) -> Loader:
    return Loader(tmp_path)


@kept
def lights(omar: User) -> Initiative:
    return make.initiative("lights", owner=omar)


def ago(days: int) -> date:
    return today() - timedelta(days=days)


def word(days: int, author: User, note: str = "Going well", health: str = "at_risk") -> str:
    return f"{HEADER}lights,{ago(days)},{health},40,{note},{author.email}"


def said_by_hand(row: Initiative, by: User) -> StatusUpdate:
    return give_update(
        initiative=row, by=by, health="late", progress=20, note="By hand", seen=latest_mark(row), due_reason=""
    )[0]


def page(user: User, address: str = "/initiatives/lights/") -> str:
    return " ".join(unescape(signed_in(user).get(address).content.decode()).split())


# In somebody else's name


@pytest.mark.parametrize("days", [0, -1, -400])
@pytest.mark.parametrize("door", ["page", "command"])
def test_refuses_a_word_of_today_or_later_in_anothers_name(
    load: Loader, lights: Initiative, omar: User, stella: User, days: int, door: str
) -> None:
    before = contents()
    if door == "page":
        assert "is not before today" in by_page(signed_in(stella), "status_updates", word(days, omar))
    else:
        path = write(load.folder / "words.csv", word(days, omar))
        status, said = command("load", "status_updates", str(path))
        assert (status, "line 2, on" in said) == (1, True)
    assert contents() == before


@pytest.mark.parametrize("days", [3, 2])
@pytest.mark.parametrize("by_command", [True, False])
def test_refuses_a_word_in_anothers_name_from_when_on_the_owner_spoke(
    load: Loader, lights: Initiative, omar: User, stella: User, days: int, by_command: bool
) -> None:
    make.status_update(lights, author=omar, on=ago(3), note="Mine")
    by = None if by_command else stella
    assert load.bad("status_updates", word(days, omar), by=by) == [(2, "on")]
    load.good("status_updates", word(4, omar), by=by)
    assert StatusUpdate.objects.get(on=ago(3)).note == "Mine"


def test_what_a_file_said_for_the_owner_is_no_word_of_the_owners_own(
    load: Loader, lights: Initiative, omar: User, stella: User, ada: User
) -> None:
    load.good("status_updates", word(9, omar), by=stella)
    load.good("status_updates", word(5, omar), by=ada)
    load.good("status_updates", word(9, omar, note="Corrected"), by=ada)
    assert StatusUpdate.objects.get(on=ago(9)).loaded_by == "Ada"


@pytest.mark.parametrize("by_command", [True, False])
def test_it_says_who_loaded_it_wherever_it_is_shown(
    load: Loader, lights: Initiative, omar: User, ines: User, stella: User, by_command: bool
) -> None:
    load.good("status_updates", word(2, omar), by=None if by_command else stella)
    who = "command" if by_command else "Stella"
    for address in ("/initiatives/lights/", "/initiatives/lights/updates/"):
        assert f"loaded by {who}" in page(ines, address), address
    assert f"loaded by {who}: change what is different now" in page(omar, "/initiatives/lights/update/")
    browser = signed_in(ines)
    assert browser.get("/api/v1/initiatives/lights/").json()["latest_update"]["loaded_by"] == who
    assert browser.get("/api/v1/status-updates/").json()["results"][0]["loaded_by"] == who
    exported = b"".join(browser.get("/initiatives/export/csv/")).decode().splitlines()
    assert f",{who}," in exported[1]
    late = signed_in(omar).post(
        "/initiatives/lights/update/", {"health": "late", "progress": 1, "note": "", "seen": ""}
    )
    assert f"loaded by {who}" in " ".join(late.content.decode().split())


def test_it_counts_as_the_owners_word(load: Loader, lights: Initiative, omar: User, stella: User, ines: User) -> None:
    load.good("status_updates", word(2, omar, health="late"), by=stella)
    shown = signed_in(ines).get("/api/v1/initiatives/lights/").json()
    assert (shown["status"], shown["latest_update"]["author"]) == ("late", "Omar")


@pytest.mark.parametrize("by_command", [True, False])
def test_it_answers_no_question(
    load: Loader, lights: Initiative, omar: User, ines: User, stella: User, by_command: bool
) -> None:
    load.good("status_updates", word(9, omar), by=stella)
    respond(update=StatusUpdate.objects.get(), by=ines, verb="asked_back", text="When?")
    load.good("status_updates", word(2, omar), by=None if by_command else stella)
    assert Thread.objects.get().is_open
    assert "When?" in page(omar, "/my/")
    assert "waits for Omar" in page(ines)


# One's own


def test_ones_own_word_is_taken_as_by_page(load: Loader, lights: Initiative, ines: User, stella: User) -> None:
    load.good("status_updates", word(9, stella), by=stella)
    assert "has been loaded" in by_page(signed_in(stella), "status_updates", word(0, stella, note="In May"))
    assert "loaded by" not in page(ines)


def test_ones_own_word_is_the_first_from_which_on_nobody_speaks_for_one(
    load: Loader, lights: Initiative, omar: User, stella: User
) -> None:
    load.good("status_updates", word(5, stella), by=stella)
    assert load.bad("status_updates", word(4, omar), by=stella) == [(2, "on")]
    assert load.bad("status_updates", word(5, omar), by=stella) == [(2, "on")]


@pytest.mark.parametrize("stage", ["candidate", "done", "cancelled"])
def test_refuses_ones_own_word_of_today_where_there_is_nothing_to_report(
    load: Loader, stella: User, stage: str
) -> None:
    make.initiative("lights", stage=stage)
    assert load.bad("status_updates", word(0, stella), by=stella) == [(2, "on")]
    load.good("status_updates", word(1, stella), by=stella)


def test_refuses_ones_own_word_of_a_day_that_lies_ahead(load: Loader, lights: Initiative, stella: User) -> None:
    assert load.bad("status_updates", word(-1, stella), by=stella) == [(2, "on")]


def test_a_note_is_no_longer_by_file_than_by_page(load: Loader, lights: Initiative, omar: User) -> None:
    load.good("status_updates", word(2, omar, note="x" * LONGEST_NOTE))
    assert load.bad("status_updates", word(1, omar, note="x" * (LONGEST_NOTE + 1))) == [(2, "note")]


# Again, and back


def test_an_export_with_all_words_changes_nothing_whoever_loads_it(
    load: Loader, lights: Initiative, omar: User, stella: User
) -> None:
    load.good("status_updates", word(5, omar), by=stella)
    said_by_hand(lights, omar)
    text = load.export("status_updates").read_text("utf-8")
    report = load("status_updates", text, by=stella)
    assert (report.ok, report.counts.unchanged, report.counts.changed) == (True, 2, 0)


def test_a_word_by_hand_on_the_same_day_is_loaded_no_more(
    load: Loader, lights: Initiative, omar: User, stella: User
) -> None:
    load.good("status_updates", word(5, omar), by=stella)
    StatusUpdate.objects.update(on=today())  # as files could do before
    update = said_by_hand(lights, omar)
    assert (StatusUpdate.objects.count(), update.loaded_by, update.load) == (1, "", None)


def test_taking_a_correction_back_brings_the_load_before_back(
    load: Loader, lights: Initiative, omar: User, stella: User, ada: User
) -> None:
    load.good("status_updates", word(5, omar), by=stella)
    before = list(StatusUpdate.objects.values())
    found = load.good("status_updates", word(5, omar, note="Corrected"), by=ada)
    undo_load(load=found, by=ada)
    after = list(StatusUpdate.objects.values())
    assert [{**row, "revision": 0} for row in after] == [{**row, "revision": 0} for row in before]


def test_a_load_from_before_words_kept_their_load_beside_them_is_taken_back(
    load: Loader, lights: Initiative, omar: User
) -> None:
    found = load.good("status_updates", word(5, omar))
    change = LoadChange.objects.get(load=found)
    del (change.after or {})["load"]
    change.save()
    undo_load(load=found)
    assert not StatusUpdate.objects.exists()
