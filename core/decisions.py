"""One pattern for decisions: what was marked on a page, what is sent of it, and why something decided stays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.http import QueryDict

from core.formatting import counted
from core.forms import id_of
from core.texts import CONTROLS, controls, plain, sentence
from core.writes import TransitionRefused

APPROVE, REJECT = "approve", "reject"
USUAL = "usual"  # the button that marks all of a group
SAY_WHY = "Say why: the proposer reads it."
_NOTHING_MARKED = "Nothing is marked: decide on what you have looked at. Nothing was decided."


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody says to one proposal, by its id; ``batch`` is the one in which they saw it, where that is known."""

    row: int
    approve: bool
    reason: str = ""
    batch: int | None = None


class ReasonsMissing(TransitionRefused):
    """Decisions without their reason; nothing was decided. ``rows`` are their ids; ``noun`` names one, and ``why``
    what to say in each.
    """

    def __init__(self, rows: Sequence[int], why: str | Mapping[int, str] = SAY_WHY, noun: str = "rejection") -> None:
        self.rows, self.noun = tuple(rows), noun
        self.problems: dict[int, str] = {pk: why if isinstance(why, str) else why[pk] for pk in self.rows}
        super().__init__(next(iter(self.problems.values()), SAY_WHY))

    @property
    def summary(self) -> str:
        """``2 rejections lack their reasons``"""
        count = len(self.rows)
        return f"One {self.noun} lacks its reason" if count == 1 else f"{count} {self.noun}s lack their reasons"


class ReasonsUnreadable(ReasonsMissing):
    """Decisions whose reason has what nobody sees: refused rather than dropped, as at every door."""

    def __init__(self, rows: Sequence[int]) -> None:
        super().__init__(rows, sentence(CONTROLS))

    @property
    def summary(self) -> str:
        """``2 reasons have control characters``"""
        count = len(self.rows)
        return f"One reason {CONTROLS}" if count == 1 else f"{count} reasons have control characters"


def require_readable(decisions: Iterable[Decision]) -> None:
    """Raises ReasonsUnreadable where a reason has characters that nobody sees."""
    if unreadable := [one.row for one in decisions if controls(one.reason)]:
        raise ReasonsUnreadable(unreadable)


def reasoned(decisions: Iterable[Decision]) -> dict[int, Decision]:
    """The decisions by the row that each is on. Raises ReasonsMissing for a rejection that does not say why."""
    said = {one.row: one for one in decisions}
    require_readable(said.values())
    if lacking := [pk for pk, one in said.items() if not one.approve and not plain(one.reason)]:
        raise ReasonsMissing(lacking)
    return said


@dataclass(frozen=True, slots=True)
class Choices:
    """What somebody has marked on a page of decisions: a verdict on each proposal by its id, and reasons typed.

    ``seen`` is the batch in which each was shown; ``problems`` what is wrong with a reason.
    """

    verdicts: Mapping[int, str] = field(default_factory=dict)
    reasons: Mapping[int, str] = field(default_factory=dict)
    seen: Mapping[int, int] = field(default_factory=dict)
    problems: Mapping[int, str] = field(default_factory=dict)

    @property
    def approved(self) -> list[int]:
        """The ids of what is marked to be approved."""
        return [pk for pk, verdict in self.verdicts.items() if verdict == APPROVE]

    @property
    def rejected(self) -> list[int]:
        """The ids of what is marked to be rejected."""
        return [pk for pk, verdict in self.verdicts.items() if verdict == REJECT]

    @property
    def decisions(self) -> list[Decision]:
        """What is sent, approvals first. Raises TransitionRefused where nothing is marked."""
        approved = [Decision(pk, True, batch=self.seen.get(pk)) for pk in self.approved]
        rejected = [Decision(pk, False, self.reasons.get(pk, ""), self.seen.get(pk)) for pk in self.rejected]
        if not (approved or rejected):
            raise TransitionRefused(_NOTHING_MARKED)
        return [*approved, *rejected]

    @property
    def spoken(self) -> list[Decision]:
        """The same, where an approval has its words too. Raises TransitionRefused where nothing is marked."""
        return [replace(one, reason=self.reasons.get(one.row, "")) for one in self.decisions]

    def with_approved(self, ids: Iterable[int]) -> Choices:
        """With these marked to be approved too; what is marked already stays."""
        return replace(self, verdicts=dict.fromkeys(ids, APPROVE) | dict(self.verdicts))


def read_choices(post: QueryDict) -> Choices:
    """The choices of a form: ``d-17`` the verdict on proposal 17, ``why-17`` a reason, ``seen`` as ``17:3 18:3``."""
    verdicts = {pk: word for pk, word in _by_id(post, "d-") if word in (APPROVE, REJECT)}
    pairs = (text.partition(":") for text in post.get("seen", "").split())
    seen = {pk: batch for one, _, other in pairs if (pk := id_of(one)) and (batch := id_of(other))}
    return Choices(verdicts, dict(_by_id(post, "why-")), seen)


def _by_id(post: QueryDict, prefix: str) -> Iterator[tuple[int, str]]:
    for name, value in post.items():
        if name.startswith(prefix) and (pk := id_of(name.removeprefix(prefix))):
            yield pk, str(value)


@dataclass(frozen=True, slots=True)
class SendLine:
    """How many of ``total`` are marked, and what sending them ``does``: ``changes no verdict``. ``noun`` names one,
    ``yes`` and ``no`` what the two decisions make of it.
    """

    total: int
    approved: int
    rejected: int
    does: str = ""
    noun: str = "target"
    yes: str = "approved"
    no: str = "rejected"

    @property
    def decided(self) -> int:
        """How many are marked."""
        return self.approved + self.rejected

    @property
    def said(self) -> str:
        """``6 of 28 decided: 4 approved, 2 rejected.``"""
        if not self.decided:
            return f"Nothing of {counted(self.total, self.noun)} is decided yet."
        return f"{self.decided} of {self.total} decided: {self.approved} {self.yes}, {self.rejected} {self.no}."

    @property
    def effect(self) -> str:
        """What changes, and what stays in the inbox."""
        if not self.decided:
            return "Nothing is sent before you press the button."
        stay = self.total - self.decided
        rest = f"{counted(stay, 'stays', 'stay')} in the inbox." if stay else "Nothing stays in the inbox."
        return f"Sending {'them' if self.decided > 1 else 'it'} {self.does}. {rest}"

    @property
    def button(self) -> str:
        """``Send 6 decisions``."""
        return f"Send {counted(self.decided, 'decision')}" if self.decided else "Send"

    @property
    def told(self) -> dict[str, str]:
        """What the page's script asks for while somebody marks."""
        return {"said": self.said, "effect": self.effect, "button": self.button}


def stays_because(state: str, label: str, *, own: bool, overtaken: bool = False) -> str:
    """Why a decision cannot be taken back, as a reason; empty where nothing rests on it.

    ``label`` is the state in words, ``own`` whether the person wrote or proposed it, ``overtaken`` whether a later
    version of what was rejected is there. (An edition that holds it will
    be another reason.)
    """
    if state == "superseded":
        return "a later version counts by now: what should hold instead is proposed anew"
    if state == "rejected" and overtaken:
        return "a later version was written since"
    if state not in {"approved", "rejected"}:
        return f"it is {label.lower()} by now"
    return "it is yours: somebody else from finance takes it back" if own else ""


def decided_words(*parts: tuple[int, str, str], last: str = "") -> str:
    """What sending did: each of ``(2, "benefit", "rejected.")`` of which there are any, then ``last``."""
    told = [f"{counted(number, thing)} {done}" for number, thing, done in parts if number]
    return " ".join([*told, *([last] if last else [])])
