"""The register as a list: its headline, its counts, and a row per initiative as it is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from core.formatting import MINUS, Style, counted, number, short_day
from core.scales import scale_for
from core.sentences import Phrase, Sentence, listed
from initiatives.choices import ScheduleStatus, Stage
from initiatives.formulas import GRAVITY, Scores
from initiatives.models import Initiative
from initiatives.reading.names import Names
from initiatives.reading.standings import Standing
from initiatives.wording import reasons_words, slip_words, standing_words

WAITING = (Stage.CANDIDATE, Stage.APPROVED, Stage.ON_HOLD, Stage.DONE, Stage.CANCELLED)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of some initiatives run, how they are, and where the others are."""

    statuses: Counter[ScheduleStatus]
    stages: Counter[Stage]
    not_started: int

    @property
    def running(self) -> int:
        """Those in progress; the four statuses add up to them."""
        return sum(self.statuses.values())

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.stages.values())


def tally(standings: Iterable[Standing]) -> Tally:
    """Count them."""
    statuses: Counter[ScheduleStatus] = Counter()
    stages: Counter[Stage] = Counter()
    not_started = 0
    for one in standings:
        stages[one.stage] += 1
        not_started += one.not_started
        if one.status:
            statuses[one.status] += 1
    return Tally(statuses, stages, not_started)


# The address of the list of what a phrase counts, by the filters that leave it alone.
Link = Callable[..., str]


def headline(found: Tally, link: Link) -> Sentence:
    """``15 of 104 running initiatives are late, 12 at risk, 6 not reported.``"""
    if not found.running:
        return (Phrase("Nothing here is running."),)
    if found.statuses[ScheduleStatus.ON_SCHEDULE] == found.running:
        all_of_them = "The one running initiative is" if found.running == 1 else f"All {found.running} running ones are"
        return (_of_status(f"{all_of_them} on schedule", ScheduleStatus.ON_SCHEDULE, link), Phrase("."))
    worst, *others = [status for status in GRAVITY[:3] if found.statuses[status]]
    verb = "is" if found.statuses[worst] == 1 else "are"
    running = counted(found.running, "running initiative")
    begin = _of_status(f"{number(found.statuses[worst])} of {running} {verb} {worst.label}", worst, link)
    rest = [(Phrase(", "), _of_status(f"{number(found.statuses[one])} {one.label}", one, link)) for one in others]
    return (begin, *(phrase for pair in rest for phrase in pair), Phrase("."))


def _of_status(text: str, status: ScheduleStatus, link: Link) -> Phrase:
    return Phrase(text, status.css_class, link(status=status.value))


def detail(found: Tally, link: Link) -> Sentence:
    """What does not run: ``Beside them 38 candidates, 5 approved (2 not started in time) and 3 on hold.``"""
    words = {Stage.CANDIDATE: "candidate" if found.stages[Stage.CANDIDATE] == 1 else "candidates"}
    told = [
        Phrase(f"{number(found.stages[stage])} {words.get(stage, stage.label.lower())}", "", link(stage=stage.value))
        for stage in WAITING
        if found.stages[stage]
    ]
    if not told:
        return ()
    begin = Phrase("Beside them " if found.running else "There are ")
    return (begin, *_with_overdue(listed(told), found, link), Phrase("."))


def _with_overdue(told: Sentence, found: Tally, link: Link) -> Iterable[Phrase]:
    """After the approved ones, those of them that should have begun."""
    for phrase in told:
        yield phrase
        if found.not_started and phrase.text.endswith(f" {Stage.APPROVED.label.lower()}"):
            words = f"{found.not_started} not started in time"
            yield from (Phrase(" ("), Phrase(words, "", link(not_started="true")), Phrase(")"))


@dataclass(frozen=True, slots=True)
class ShownRow:
    """An initiative as a line of the register. Texts are empty where there is nothing to say."""

    standing: Standing
    url: str
    place: str
    under: str
    words: str
    quadrant: str
    scores: str
    due: str
    slip: str
    cost: str
    heard: str
    progress: int | None

    @property
    def status(self) -> ScheduleStatus | None:
        """The verdict of what runs."""
        return self.standing.status


def show_rows(standings: Sequence[Standing], names: Names, money: Style) -> tuple[ShownRow, ...]:
    """The lines of these initiatives, their costs in the scale of ``money``."""
    address = reverse("initiative", args=["-"]).removesuffix("-/")
    return tuple(_row(one, f"{address}{one.initiative.code}/", names, money) for one in standings)


def money_style(standings: Sequence[Standing], currency: str) -> Style:
    """How the costs of a column are written: in one scale, which its heading names."""
    return Style("currency", currency, 0, scale_for([one.cost for one in standings]))


def _row(one: Standing, url: str, names: Names, money: Style) -> ShownRow:
    return ShownRow(
        standing=one,
        url=url,
        place=(place := names.place(one.initiative)),
        under=department_words(one.initiative, place),
        words=row_words(one),
        quadrant=one.scores.quadrant.label if one.scores.quadrant else "",
        scores=score_words(one.scores),
        due=short_day(one.plan.due) if one.plan.due else "",
        slip=slip_sign(one.plan.slip),
        cost="no rate" if one.without_rate else "" if one.cost is None else money.bare(one.cost),
        heard=heard(one),
        progress=one.progress,
    )


def row_words(one: Standing) -> str:
    """Why, without repeating the status that stands beside it; nothing where nothing is overdue or moved."""
    if one.verdict:
        quiet = one.status == ScheduleStatus.ON_SCHEDULE
        moved = slip_words(one.plan.slip, one.plan.redated) if one.plan.slip or one.plan.redated else ""
        return moved if quiet else reasons_words(one.verdict, one.plan)
    words = standing_words(one)
    return "" if words == one.stage.label.lower() else words


def department_words(row: Initiative, place: str) -> str:
    """``Sales``, ``Sales, serves Services``; not the department again where the place is called so."""
    serves = f"serves {row.serves}" if row.serves and row.serves_id != row.department_id else ""
    department = "" if str(row.department) == place else str(row.department)
    return ", ".join(part for part in (department, serves) if part)


def score_words(scores: Scores) -> str:
    """``impact 4, burden 2``; what is missing says so; empty where neither is known."""
    if scores.impact is None and scores.burden is None:
        return ""
    impact, burden = (value if value is not None else "–" for value in (scores.impact, scores.burden))
    return f"impact {impact}, burden {burden}"


def slip_sign(days: int) -> str:
    """``+74 days``, ``−9 days``; empty for none."""
    return f"{'+' if days > 0 else MINUS}{counted(abs(days), 'day')}" if days else ""


def heard(one: Standing) -> str:
    """When the owner last reported: ``today``, ``5 days ago``; ``never`` for what runs without a word."""
    if one.latest is None:
        return "never" if one.running else ""
    return days_ago(one.latest.on, one.as_of)


def days_ago(day: date, today: date) -> str:
    """``today``, ``yesterday``, ``12 days ago``, the day itself from a year on."""
    age = (today - day).days
    if age <= 1:
        return "yesterday" if age == 1 else "today"
    return f"{age} days ago" if age < 365 else short_day(day)
