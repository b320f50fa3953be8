"""The page of one initiative: its verdict, figures, dates, milestones, history, documents and what can be done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.timezone import localdate

from accounts.models import AuditEntry, User
from accounts.reading.audit import ShownEntry, show_entries
from accounts.rights import Right
from core.formatting import Style, counted, day_name, sentence_list, short_day, times
from initiatives.access import may_edit
from initiatives.choices import Quadrant, Stage, Tracked
from initiatives.models import Document, Initiative, Milestone, TrackedChange
from initiatives.pages.register import days_ago, score_words, slip_sign
from initiatives.pages.stage_moves import Move, moves_of
from initiatives.reading.names import Names
from initiatives.reading.standings import Standing
from initiatives.reading.takeovers import takeovers
from initiatives.wording import load_words, reasons_words, standing_words

TRACK = (Stage.CANDIDATE, Stage.APPROVED, Stage.IN_PROGRESS, Stage.DONE)
_AUDITED = 20


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of the initiative under its name, with a note; ``–`` where there is none."""

    name: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class ShownMilestone:
    """A milestone as its table writes it."""

    row: Milestone
    due: str
    state: str
    css_class: str
    shape: str
    note: str

    @property
    def is_open(self) -> bool:
        """Whether it can still be ticked, moved or dropped."""
        return self.row.done_on is None and self.row.dropped_on is None


@dataclass(frozen=True, slots=True)
class ShownChange:
    """A line of the history: when, who, what, and why."""

    on: str
    by: str
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class InitiativePage:
    """All of the page that is not another part's."""

    standing: Standing
    words: str
    place: str
    customer: str
    figures: tuple[Figure, ...]
    milestones: tuple[ShownMilestone, ...]
    history: tuple[ShownChange, ...]
    documents: tuple[Document, ...]
    about: tuple[tuple[str, str], ...]
    decisions: tuple[str, ...]
    moves: tuple[Move, ...]
    audit: tuple[ShownEntry, ...]
    editable: bool

    @property
    def initiative(self) -> Initiative:
        """The row itself."""
        return self.standing.initiative

    @property
    def counting(self) -> int:
        """Milestones that were not dropped."""
        return sum(shown.row.dropped_on is None for shown in self.milestones)

    @property
    def done(self) -> int:
        """Of those, how many are done."""
        return sum(shown.row.dropped_on is None and shown.row.done_on is not None for shown in self.milestones)

    @property
    def track(self) -> tuple[tuple[Stage, bool], ...]:
        """The way from candidate to done, each stage with whether it is the one now."""
        return tuple((stage, stage == self.standing.stage) for stage in TRACK)

    @property
    def aside(self) -> Stage | None:
        """The stage now where it is none of the way: on hold, cancelled."""
        return None if self.standing.stage in TRACK else self.standing.stage


def show_initiative(standing: Standing, user: User, currency: str) -> InitiativePage:
    """The page for a person: what they may not see is left out."""
    row = standing.initiative
    names = Names.of(user, [row])
    changes = list(row.tracked_changes.select_related("by", "milestone", "load__by").order_by("-on", "-pk"))
    editable = may_edit(user, row)
    return InitiativePage(
        standing=standing,
        words=why(standing, changes),
        place=names.place(row),
        customer=names.customer(row),
        figures=tuple(figures(standing, currency)),
        milestones=show_milestones(row, changes, standing.as_of),
        history=tuple(_change(change) for change in changes),
        documents=tuple(row.documents.all()),
        about=tuple((name, value) for name, value in _about(row, names) if value),
        decisions=tuple(_decided(standing)),
        moves=moves_of(row, user, editable=editable),
        audit=_audit(row, user) if user.has_perm(Right.ADMINISTER) else (),
        editable=editable,
    )


def _about(row: Initiative, names: Names) -> Iterable[tuple[str, str]]:
    """Names and values of what is known about it; empty values are left out."""
    serves = row.serves or row.department
    yield "Level", row.get_level_display()
    yield "Key account", names.customer(row)
    yield "Business unit", _text(row.business_unit)
    yield "Department", row.department.name
    yield "Serves", f"customers of {serves.name}" if row.customer_focused else "the company, not customers directly"
    yield "Tiers", sentence_list(tier.name for tier in row.tiers.all()) or "all"
    yield "Theme", row.theme
    yield "Owner", _text(row.owner)
    yield "Deputy", _text(row.deputy)
    yield "Sponsor", _text(row.sponsor)
    yield "Team", "; ".join(part for part in (row.team_name, sentence_list(str(one) for one in row.team.all())) if part)
    yield "Loyalty", f"impact {row.loyalty_impact} of 5" if row.loyalty_impact else ""
    yield "Vendor choice", f"impact {row.vendor_choice_impact} of 5" if row.vendor_choice_impact else ""
    yield "Effort", f"{row.effort} of 5" if row.effort else ""
    yield "Agreed", span_words(row.baseline_start, row.baseline_due)
    yield "Started", day_name(row.started_on) if row.started_on else ""
    yield "Finished", day_name(row.finished_on) if row.finished_on else ""


def _text(thing: object) -> str:
    return str(thing) if thing else ""


def span_words(first: date | None, last: date | None) -> str:
    """``3 May 2026 to 1 September 2026``; empty where neither is known."""
    return " to ".join(day_name(day) if day else "?" for day in (first, last)) if first or last else ""


def _decided(standing: Standing) -> Iterable[str]:
    """Approval, justification and override, with who gave them when; or which file took it over without."""
    row = standing.initiative
    if taken := takeovers([row]).get(row.pk):
        yield taken.words(row, standing.scores.quadrant)
    if row.approved_by and row.approved_at:
        what = f" as {Quadrant(row.approved_as).label.lower()}" if row.approved_as else ""
        yield f"Approved{what} by {row.approved_by} on {day_name(localdate(row.approved_at))}."
    if row.justification:
        yield f"Why it is worth its burden: {row.justification}"
    if row.override_by and row.override_at:
        yield f"Overridden by {row.override_by} on {day_name(localdate(row.override_at))}: {row.override_reason}"


def why(standing: Standing, changes: Sequence[TrackedChange]) -> str:
    """The verdict's reasons, or how it came to its stage: ``on hold since 3 May 2026, by Omar: no budget``."""
    if standing.verdict:
        return reasons_words(standing.verdict, standing.plan)
    words = standing_words(standing)
    last = next((one for one in changes if one.what == Tracked.STAGE and one.after == standing.stage), None)
    if last is None or standing.not_started or standing.stage == Stage.DONE:
        return words
    by = _by(last)
    since = f"{words} since {day_name(last.on)}{f', by {by}' if by else ''}"
    return f"{since}: {last.reason}" if last.reason else since


def figures(standing: Standing, currency: str) -> list[Figure]:
    """Due date, progress, quadrant, cost and the next milestone."""
    plan, row = standing.plan, standing.initiative
    scores = standing.scores
    return [
        Figure("Due", short_day(plan.due) if plan.due else "–", _due_note(standing)),
        Figure("Progress", f"{standing.progress} %" if standing.progress is not None else "–", _heard_note(standing)),
        Figure("Quadrant", scores.quadrant.label if scores.quadrant else "not scored", score_words(scores)),
        _cost(standing, currency),
        Figure("Owner", str(row.owner) if row.owner else "nobody", f"sponsor {row.sponsor}" if row.sponsor else ""),
    ]


def _due_note(standing: Standing) -> str:
    plan = standing.plan
    if plan.baseline_due is None:
        return "no baseline yet"
    if plan.due == plan.baseline_due:
        return "as agreed at the start"
    redated = f", re-dated {times(plan.redated)}" if plan.redated else ""
    return f"{slip_sign(plan.slip)} against {short_day(plan.baseline_due)}{redated}"


def _heard_note(standing: Standing) -> str:
    if standing.latest is None:
        return "no update yet" if standing.running else ""
    return f"reported {days_ago(standing.latest.on, standing.as_of)}"


def _cost(standing: Standing, currency: str) -> Figure:
    row = standing.initiative
    own = Style("currency", row.currency or currency, 0)
    if row.cost is None:
        return Figure("Cost", "–", "no figure yet")
    spent = f"{own.full(row.spent)} spent" if row.spent is not None else ""
    if standing.without_rate:
        return Figure("Cost", own.full(row.cost), f"left out of sums: no rate for {row.currency}")
    if row.currency in {"", currency}:
        return Figure("Cost", own.full(row.cost), spent)
    ours = Style("currency", currency, 0).full(standing.cost)
    return Figure("Cost", own.full(row.cost), "; ".join(part for part in (f"{ours} at the year’s rate", spent) if part))


def show_milestones(row: Initiative, changes: Sequence[TrackedChange], today: date) -> tuple[ShownMilestone, ...]:
    """All of them by due date, those that were dropped last."""
    moved: dict[int | None, list[TrackedChange]] = {}
    for change in reversed(changes):
        if change.what == Tracked.DUE and change.milestone_id:
            moved.setdefault(change.milestone_id, []).append(change)
    found = sorted(row.milestones.all(), key=lambda one: (one.dropped_on is not None, one.due, one.pk))
    return tuple(_milestone(one, moved.get(one.pk, []), today) for one in found)


def _milestone(row: Milestone, moved: Sequence[TrackedChange], today: date) -> ShownMilestone:
    note = f"re-dated {times(len(moved))}, first {short_day(date.fromisoformat(moved[0].before))}" if moved else ""
    state, css_class, shape = _milestone_state(row, today)
    return ShownMilestone(row, short_day(row.due), state, css_class, shape, row.dropped_reason or note)


def _milestone_state(row: Milestone, today: date) -> tuple[str, str, str]:
    """In words, with the look of the status that it calls for."""
    days = (today - row.due).days
    if row.dropped_on:
        return f"dropped {short_day(row.dropped_on)}", "status-no-data", "×"
    if row.done_on:
        return f"done {short_day(row.done_on)}", "status-met", "●"
    if days > 0:
        late = days > 7
        return f"{counted(days, 'day')} overdue", "status-missed" if late else "status-near", "■" if late else "▲"
    return "today" if days == 0 else f"in {counted(-days, 'day')}", "status-no-target", "○"


_NAMES = {Tracked.DUE: "due date", Tracked.STARTED_ON: "start", Tracked.FINISHED_ON: "finish"}


def _change(change: TrackedChange) -> ShownChange:
    return ShownChange(short_day(change.on), _by(change), change_words(change), change.reason)


def _by(change: TrackedChange) -> str:
    """Who changed it: a person by hand, or a file and who loaded it; empty where nobody is known."""
    return load_words(change.load) if change.load else str(change.by or "")


def change_words(change: TrackedChange) -> str:
    """``Candidate → Approved``; ``due date 3 May 2026 → 1 Sep 2026``; ``milestone “Pilot” done 3 May 2026``."""
    if change.what == Tracked.STAGE:
        before, after = (Stage(text).label if text else "–" for text in (change.before, change.after))
        return f"{before} → {after}"
    before, after = (short_day(date.fromisoformat(text)) if text else "–" for text in (change.before, change.after))
    if change.milestone is None:
        return f"{_NAMES.get(Tracked(change.what), change.what)} {before} → {after}"
    title = f"milestone “{change.milestone.title}”"
    if change.what == Tracked.DUE:
        return f"{title} {before} → {after}"
    verb = "done" if change.what == Tracked.DONE_ON else "dropped"
    return f"{title} {verb} {after}" if change.after else f"{title} no longer {verb}"


def _audit(row: Initiative, reader: User) -> tuple[ShownEntry, ...]:
    found = AuditEntry.objects.filter(object_type=row._meta.label_lower, object_id=str(row.pk))
    return tuple(show_entries(found.select_related("by").order_by("-pk")[:_AUDITED], reader))
