"""A person's own page: what is asked, most urgent first; what is theirs; when they are reminded."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.company import today
from accounts.models import Company, User
from core import registry
from core.registry import Ask, Urgency
from initiatives.choices import Stage
from initiatives.models import Initiative, ReminderTime, Thanks, Turnaround
from tests import factories as make


def ago(days: int) -> date:
    return today() - timedelta(days=days)


def page(user: User) -> str:
    return " ".join(make.signed_in(user).get("/my/").content.decode().split())


def silent(owner: User, code: str = "lights", days: int = 50, **fields: Any) -> Initiative:
    return make.initiative(code, owner=owner, baseline_start=ago(days), baseline_due=ago(-300), **fields)


def test_who_is_asked_nothing_is_told_so(omar: User) -> None:
    shown = page(omar)
    assert "Nothing is asked of you" in shown
    assert "You own, stand in for, or work in the team of none." in shown


def test_what_is_asked_comes_most_urgent_first_with_its_link(omar: User) -> None:
    silent(omar, "lights")
    make.milestone(silent(omar, "doors"), due=ago(20))
    shown = page(omar)
    assert '<a href="#asks">2 things</a> are asked of you' in shown
    assert shown.index("20 days overdue: tick it") < shown.index("No word for 50 days: say how it goes.")
    assert 'href="/initiatives/doors/update/"' in shown


def test_other_apps_add_theirs(omar: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def ask_of(user: User) -> list[Ask]:
        return [Ask(Urgency.QUESTION, "Targets of 2027", f"{user} is to propose them.", "/targets/", "Propose")]

    monkeypatch.setattr(registry, "_asks", [*registry._asks, ask_of])
    silent(omar)
    shown = page(omar)
    assert shown.index("Omar is to propose them.") < shown.index("No word for 50 days")


def test_ones_initiatives_are_listed_as_they_stand(omar: User) -> None:
    silent(omar, "lights")
    silent(omar, "plan", stage=Stage.CANDIDATE)
    silent(omar, "ended", stage=Stage.DONE, finished_on=ago(1))
    silent(make.person("Olga", "owner"), "others")
    make.signed_in(omar)
    shown = page(omar)
    assert "not reported" in shown
    assert ">Plan</a>" in shown
    assert ">Ended</a>" not in shown
    assert ">Others</a>" not in shown


def test_thanks_and_turnarounds_of_ones_own_are_shown(omar: User, ines: User) -> None:
    row = silent(omar)
    Thanks.objects.create(initiative=row, by=ines, text="For <the> night.")
    Turnaround.objects.create(
        initiative=row, kind="schedule", what="schedule", evidence="Late, then not.", nominated_on=today()
    )
    shown = page(omar)
    assert "For &lt;the&gt; night." in shown
    assert "Late, then not. Nominated by itself on" in shown
    assert "Confirm" not in shown
    Turnaround.objects.update(state="declined")
    assert "Late, then not." not in page(omar)


def test_an_executive_is_led_to_what_waits(omar: User, ines: User) -> None:
    Turnaround.objects.create(
        initiative=silent(omar), kind="schedule", what="schedule", evidence="Late, then not.", nominated_on=today()
    )
    shown = page(ines)
    assert "1 turnaround nominated for recognition: confirm or decline." in shown
    assert f'href="/initiatives/turnarounds/#row-{Turnaround.objects.get().pk}"' in shown
    assert "Turnarounds to confirm" not in page(omar)


def test_a_person_chooses_when_the_mail_comes(omar: User, time_machine: Any) -> None:
    Company.objects.update(time_zone="Europe/Berlin")
    time_machine.move_to("2026-05-06T10:00:00Z")
    browser = make.signed_in(omar)
    assert "Next: Monday 11 May 2026 at 08:00 (Europe/Berlin)" in page(omar)
    answer = browser.post("/my/reminders/", {"weekday": "4", "hour": "15"}, follow=True)
    assert "The next mail comes on Friday 8 May 2026 at 15:00" in answer.content.decode()
    chosen = ReminderTime.objects.get()
    assert (chosen.user, chosen.weekday, chosen.hour) == (omar, 4, 15)


@pytest.mark.parametrize("data", [{"weekday": "7", "hour": "8"}, {"weekday": "1", "hour": "24"}, {}])
def test_an_hour_that_is_none_is_refused(omar: User, data: dict[str, str]) -> None:
    answer = make.signed_in(omar).post("/my/reminders/", data, follow=True)
    assert "Nothing was changed: choose a day of the week and an hour." in answer.content.decode()
    assert not ReminderTime.objects.exists()


def test_nobody_signs_in_first(client: Client, db: None) -> None:
    assert client.get("/my/")["Location"] == "/accounts/login/?next=/my/"


def test_the_number_of_queries_does_not_grow(omar: User, ines: User, django_assert_max_num_queries: Any) -> None:
    def grow(first: int, last: int) -> None:
        for number in range(first, last):
            row = silent(omar, f"lights-{number}")
            make.milestone(row, due=ago(20))
            make.status_update(row, author=omar, on=ago(40))
            Thanks.objects.create(initiative=row, by=ines, text="Thank you.")

    browser = make.signed_in(omar)
    grow(0, 2)
    with django_assert_max_num_queries(35) as few:
        browser.get("/my/")
    grow(2, 15)
    with django_assert_max_num_queries(len(few)):
        browser.get("/my/")
