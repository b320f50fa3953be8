"""Thanks, and turnarounds that nominate themselves."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from accounts.choices import Role
from accounts.models import AuditEntry, OutgoingMail, User
from core.decisions import Decision
from core.writes import StaleTransition
from initiatives.choices import ScheduleStatus, Stage, TurnaroundKind, TurnaroundState
from initiatives.models import Initiative, Thanks, Turnaround
from initiatives.reading.turnarounds import turning_days
from initiatives.services.recognition import decide_turnarounds, nominate_turnarounds, take_back_turnaround, thank
from initiatives.tasks import nominate
from kpis.choices import CustomerMethod, Direction, TimeMethod, Unit
from kpis.models import Fact, Kpi
from kpis.rollup.runs import roll_up_now
from tests import factories as make
from tests.kept import kept

TODAY = date(2026, 5, 20)


def decide_turnaround(*, turnaround: Turnaround, by: User, confirm: bool, reason: str = "") -> None:
    decide_turnarounds(decisions=[Decision(turnaround.pk, confirm, reason)], by=by)


@kept
def lights(omar: User) -> Initiative:
    return make.initiative("lights", owner=omar)


# Thanks


def send_thanks(user: User, text: str = "For the quick night.") -> Any:
    return make.signed_in(user).post("/initiatives/lights/thanks/", {"text": text}, follow=True)


def test_an_executive_and_a_peer_thank(lights: Initiative, ines: User, fay: User) -> None:
    for person in (ines, fay):
        answer = send_thanks(person)
        assert answer.redirect_chain == [("/initiatives/lights/#recognition", 302)]
    assert {row.by for row in Thanks.objects.all()} == {ines, fay}
    assert AuditEntry.objects.filter(verb="thanked").count() == 2


def test_thanks_sent_twice_are_one(lights: Initiative, ines: User) -> None:
    send_thanks(ines)
    send_thanks(ines)
    assert Thanks.objects.count() == 1


def test_nobody_thanks_themselves(lights: Initiative, omar: User) -> None:
    assert send_thanks(omar).status_code == 403
    member = make.person("Tim", Role.OWNER)
    lights.team.add(member)
    with pytest.raises(PermissionDenied, match="your own initiative"):
        thank(initiative=lights, by=member, text="Well done")


@pytest.mark.parametrize("text", ["", "  ", "x" * 501])
def test_thanks_have_words(lights: Initiative, ines: User, text: str) -> None:
    assert "Nothing was sent" in send_thanks(ines, text).content.decode()
    assert not Thanks.objects.exists()


# Late, on schedule, done


def finished(owner: User, code: str = "lights", **fields: Any) -> Initiative:
    """Done ten days ago, within its baseline."""
    defaults: dict[str, Any] = {
        "stage": Stage.DONE,
        "baseline_start": TODAY - timedelta(days=100),
        "baseline_due": TODAY,
        "finished_on": TODAY - timedelta(days=10),
    }
    return make.initiative(code, owner=owner, **(defaults | fields))


def say(row: Initiative, days_ago: int, health: str) -> None:
    make.status_update(row, health, on=TODAY - timedelta(days=days_ago), author=row.owner)


def kinds() -> list[tuple[str, str]]:
    return [(row.initiative.code, row.kind) for row in Turnaround.objects.order_by("initiative__code", "pk")]


def test_late_then_on_schedule_then_done_is_nominated(omar: User) -> None:
    row = finished(omar)
    for days_ago, health in ((60, "late"), (40, "at_risk"), (20, "on_schedule")):
        say(row, days_ago, health)
    (turned,) = nominate_turnarounds(today=TODAY)
    assert (turned.initiative, turned.kind, turned.state) == (row, "schedule", TurnaroundState.NOMINATED)
    assert turned.evidence == "Late on 9 April 2026, on schedule again on 30 April 2026, done on 10 May 2026."
    assert AuditEntry.objects.filter(verb="nominated").count() == 1


def test_an_overdue_milestone_that_was_ticked_counts_as_much_as_the_owners_word(omar: User) -> None:
    row = finished(omar)
    done = TODAY - timedelta(days=20)
    make.milestone(row, due=done - timedelta(days=30), done_on=done)
    say(row, 21, "on_schedule")
    assert len(nominate_turnarounds(today=TODAY)) == 1


@pytest.mark.parametrize(
    "words",
    [
        [(60, "on_schedule"), (20, "on_schedule")],
        [(60, "at_risk"), (20, "on_schedule")],
        [(60, "on_schedule"), (20, "late")],
        [(60, "late"), (20, "at_risk")],
    ],
)
def test_what_did_not_turn_is_not_nominated(omar: User, words: list[tuple[int, str]]) -> None:
    row = finished(omar)
    for days_ago, health in words:
        say(row, days_ago, health)
    assert nominate_turnarounds(today=TODAY) == []


@pytest.mark.parametrize("stage", [Stage.IN_PROGRESS, Stage.CANCELLED, Stage.ON_HOLD])
def test_what_is_not_done_has_not_turned_yet(omar: User, stage: Stage) -> None:
    row = finished(omar, stage=stage, finished_on=None)
    say(row, 60, "late")
    say(row, 20, "on_schedule")
    assert nominate_turnarounds(today=TODAY) == []


def test_what_was_done_long_ago_is_history(omar: User) -> None:
    row = finished(omar, finished_on=TODAY - timedelta(days=31))
    say(row, 60, "late")
    say(row, 40, "on_schedule")
    assert nominate_turnarounds(today=TODAY) == []


def test_redating_is_no_turnaround(omar: User) -> None:
    row = finished(omar, due=TODAY + timedelta(days=200))
    say(row, 60, "late")
    say(row, 20, "on_schedule")
    assert nominate_turnarounds(today=TODAY) == []  # 200 days of slip stay late


def test_it_is_nominated_once_also_after_it_was_declined(omar: User, ines: User) -> None:
    row = finished(omar)
    say(row, 60, "late")
    say(row, 20, "on_schedule")
    (turned,) = nominate_turnarounds(today=TODAY)
    decide_turnaround(turnaround=turned, by=ines, confirm=False, reason="By luck.")
    assert nominate_turnarounds(today=TODAY + timedelta(days=1)) == []
    assert Turnaround.objects.count() == 1


def test_silence_is_no_verdict() -> None:
    days = [date(2026, 1, number) for number in range(1, 5)]
    late, silent, good = ScheduleStatus.LATE, ScheduleStatus.NOT_REPORTED, ScheduleStatus.ON_SCHEDULE
    assert turning_days(list(zip(days, [late, good, silent, silent], strict=True))) == (days[0], days[1])
    assert turning_days(list(zip(days, [late, silent, silent, silent], strict=True))) is None
    assert turning_days([]) is None


# A KPI from missed to met


@kept
def renewal(db: None) -> Kpi:
    """98 of 100 is wanted of tier T1: 90 in the last quarter of 2025, 99 in the first of 2026."""
    kpi = make.kpi(
        "renewal",
        name="Renewal rate",
        unit=Unit.PERCENT,
        direction=Direction.HIGHER,
        customer_method=CustomerMethod.RATIO,
        time_method=TimeMethod.POOL,
        near_band_abs=1,
    )
    tier = make.tier("T1", name="Gold")
    customer = make.customer(tier=tier)
    for month, number in ((202510, 90), (202511, 90), (202512, 90), (202601, 99), (202602, 99), (202603, 99)):
        make.fact(kpi, customer, month, number, 100)
    make.target(kpi, tier, 202501, 98)
    make.target(kpi, make.all_customers(), 202501, 98)
    roll_up_now()
    return kpi


def working(owner: User, code: str = "lights", **fields: Any) -> Initiative:
    fields = {"baseline_start": date(2025, 9, 1), "baseline_due": date(2026, 12, 1)} | fields
    return make.initiative(code, owner=owner, **fields)


def tier_of(code: str = "T1") -> Any:
    from customers.models import Tier

    return Tier.objects.get(code=code)


def test_a_linked_kpi_from_missed_to_met_is_nominated(renewal: Kpi, omar: User) -> None:
    working(omar, kpis=((renewal, tier_of()),))
    (turned,) = nominate_turnarounds(today=TODAY)
    assert (turned.kind, turned.what) == (TurnaroundKind.KPI, "renewal@T1 2026-Q1")
    assert turned.evidence == (
        "Renewal rate, Gold: 90.00 % in Quarter 4, 2025 (at least 98 %: missed), "
        "99.00 % in Quarter 1, 2026 (at least 98 %: met)."
    )
    assert nominate_turnarounds(today=TODAY + timedelta(days=1)) == []


def test_a_link_without_a_tier_counts_where_the_initiative_does(renewal: Kpi, omar: User) -> None:
    working(omar, "for-one", kpis=(renewal,), tiers=(tier_of(),))
    working(omar, "for-all", kpis=(renewal,))
    nominate_turnarounds(today=TODAY)
    found = {row.initiative.code: row.what for row in Turnaround.objects.all()}
    assert found == {"for-one": "renewal@T1 2026-Q1", "for-all": "renewal@all 2026-Q1"}


def test_only_two_whole_quarters_are_compared(renewal: Kpi, omar: User) -> None:
    working(omar, kpis=((renewal, tier_of()),))
    assert nominate_turnarounds(today=date(2026, 3, 31)) == []  # the quarter has not ended
    make.fact(renewal, make.customer(tier=tier_of()), 202604, 99, 100)
    assert nominate_turnarounds(today=date(2026, 7, 1)) == []  # a month of three, and met before it


def test_work_that_began_within_the_quarter_gets_no_credit_for_it(renewal: Kpi, omar: User) -> None:
    working(omar, "began", baseline_start=date(2026, 1, 2), kpis=((renewal, tier_of()),))
    working(omar, "candidate", stage=Stage.CANDIDATE, kpis=((renewal, tier_of()),))
    ended = date(2025, 12, 31)
    working(omar, "ended", stage=Stage.DONE, finished_on=ended, kpis=((renewal, tier_of()),))
    working(omar, "served", stage=Stage.DONE, finished_on=date(2026, 2, 1), kpis=((renewal, tier_of()),))
    nominate_turnarounds(today=TODAY)
    assert kinds() == [("served", "kpi")]


def test_the_daily_task_nominates(renewal: Kpi, omar: User, time_machine: Any) -> None:
    time_machine.move_to("2026-05-20")
    working(omar, kpis=((renewal, tier_of()),))
    nominate()
    assert Turnaround.objects.count() == 1


# An executive decides


@kept
def nominated(lights: Initiative) -> Turnaround:
    return Turnaround.objects.create(
        initiative=lights, kind="schedule", what="schedule", evidence="Late, then not.", nominated_on=TODAY
    )


PAGE, DECIDE, BACK = (f"/initiatives/turnarounds/{step}" for step in ("", "decide/", "take-back/"))


def decide(user: User, turnaround: Turnaround, verdict: str, why: str = "By luck.") -> Any:
    sent = {f"d-{turnaround.pk}": verdict, f"why-{turnaround.pk}": why}
    return make.signed_in(user).post(DECIDE, sent, follow=True)


def page(user: User) -> str:
    return " ".join(make.signed_in(user).get(PAGE).content.decode().split())


@pytest.mark.parametrize(("verdict", "state"), [("approve", "confirmed"), ("reject", "declined")])
def test_an_executive_confirms_or_declines(nominated: Turnaround, ines: User, verdict: str, state: str) -> None:
    answer = decide(ines, nominated, verdict)
    assert answer.redirect_chain == [(PAGE, 302)]
    nominated.refresh_from_db()
    assert (nominated.state, nominated.decided_by) == (state, ines)
    assert nominated.decision_note == ("By luck." if verdict == "reject" else "")
    assert AuditEntry.objects.get(verb=state).by == ines
    mail = OutgoingMail.objects.get()
    assert (mail.to, state in mail.body, "Late, then not." in mail.body) == (nominated.initiative.owner, True, True)


@pytest.mark.parametrize("who", ["owner", "finance", "steward", "administrator", "none"])
def test_nobody_else_decides(nominated: Turnaround, everyone: dict[str, User], who: str) -> None:
    assert decide(everyone[who], nominated, "approve").status_code == 403
    assert make.signed_in(everyone[who]).post(BACK, {"row": nominated.pk}).status_code == 403


def test_who_has_a_part_in_it_reads_and_does_not_decide(nominated: Turnaround, ines: User) -> None:
    Initiative.objects.update(owner=ines)
    assert ("Of your own initiatives · 1" in page(ines), 'type="radio"' in page(ines)) == (True, False)
    assert decide(ines, nominated, "approve").status_code == 403


def test_two_executives_do_not_both_decide(nominated: Turnaround, ines: User) -> None:
    other = make.person("Ida", Role.EXECUTIVE)
    decide_turnaround(turnaround=nominated, by=ines, confirm=True)
    decide_turnaround(turnaround=nominated, by=ines, confirm=True)  # sent twice
    assert OutgoingMail.objects.count() == 1
    with pytest.raises(StaleTransition, match="Ines has confirmed it meanwhile"):
        decide_turnaround(turnaround=nominated, by=other, confirm=False, reason="No.")
    assert "Ines has confirmed it meanwhile." in decide(other, nominated, "reject").content.decode()


def test_no_decision_is_none_and_a_decline_says_why(nominated: Turnaround, ines: User) -> None:
    assert "Nothing is marked" in decide(ines, nominated, "perhaps").content.decode()
    answer = decide(ines, nominated, "reject", why="")
    assert (answer.status_code, f'href="#why-{nominated.pk}"' in answer.content.decode()) == (400, True)
    nominated.refresh_from_db()
    assert nominated.state == TurnaroundState.NOMINATED


def test_what_is_no_longer_so_stands_first_and_in_no_batch(nominated: Turnaround, ines: User, omar: User) -> None:
    Initiative.objects.update(stage=Stage.IN_PROGRESS)
    done = make.initiative("done", owner=omar, stage=Stage.DONE, finished_on=TODAY)
    usual = Turnaround.objects.create(
        initiative=done, kind="schedule", what="schedule", evidence="Late, then not.", nominated_on=TODAY
    )
    assert "The initiative is “in progress” again." in page(ines)
    marked = make.signed_in(ines).post(DECIDE, {"mark": "usual"}).content.decode()
    assert marked.count(" checked") == 1
    told = make.signed_in(ines).post("/initiatives/turnarounds/effect/", {f"d-{usual.pk}": "approve"}).json()
    assert told["said"] == "1 of 2 decided: 1 confirmed, 0 declined."
    assert told["effect"] == "Sending it recognises 1 turnaround and changes no number. 1 stays in the inbox."


def test_a_turned_kpi_that_missed_after_all_stands_first(
    renewal: Kpi, omar: User, ines: User, time_machine: Any
) -> None:
    time_machine.move_to(TODAY)
    working(omar, kpis=((renewal, tier_of()),))
    nominate_turnarounds(today=TODAY)
    assert "Look at these first" not in page(ines)
    Fact.objects.update(numerator=90)
    for month in (202601, 202602, 202603):
        make.touch(renewal, month)
    roll_up_now()
    assert "The KPI is “missed” in that quarter by now." in page(ines)


@pytest.mark.parametrize("confirm", [True, False])
def test_a_decision_is_taken_back(nominated: Turnaround, ines: User, omar: User, confirm: bool) -> None:
    decide_turnaround(turnaround=nominated, by=ines, confirm=confirm, reason="By luck.")
    assert "It waits for an executive again" in page(ines)
    assert "an executive takes decisions back" in page(omar)
    make.signed_in(ines).post(BACK, {"row": nominated.pk, "reason": "Wrong one", "sure": "1"})
    nominated.refresh_from_db()
    assert (nominated.state, nominated.decided_by, nominated.decision_note) == ("nominated", None, "")
    assert AuditEntry.objects.get(verb="taken back").after == {"state": "nominated", "reason": "Wrong one"}
    mail = OutgoingMail.objects.order_by("pk").last()
    assert mail is not None
    assert ("taken back by Ines" in mail.subject, "Wrong one" in mail.body) == (True, True)
    late = make.signed_in(ines).post(BACK, {"row": nominated.pk, "sure": "1"}, follow=True)
    assert "waits already" in late.content.decode()


def test_who_has_a_part_in_it_takes_nothing_back(nominated: Turnaround, ines: User) -> None:
    decide_turnaround(turnaround=nominated, by=ines, confirm=True)
    Initiative.objects.update(deputy=ines)
    assert "you have a part in it: another executive takes it back" in page(ines)
    with pytest.raises(PermissionDenied, match="another executive"):
        take_back_turnaround(turnaround=nominated, by=ines)
