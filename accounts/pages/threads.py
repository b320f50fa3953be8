"""The panel of owner and questions, as the rail and the page of a subject's questions show it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.timezone import localdate

from accounts.access import may_answer, may_note_action, may_tick
from accounts.choices import WordKind
from accounts.company import today
from accounts.forms.threads import WordForm
from accounts.models import Action, Thread, ThreadWord, User
from accounts.reading.people import who_can_act
from accounts.reading.threads import threads_about
from accounts.rights import Right
from core.formatting import short_day
from core.registry import Panel, PanelPlace, Subject

SHOWN = 5  # answered ones beside all that is open


@dataclass(frozen=True, slots=True)
class ShownAction:
    """An action under its word. ``may_tick``: this reader may tick it off, or take that back."""

    row: Action
    words: str
    late: bool
    may_tick: bool


@dataclass(frozen=True, slots=True)
class ShownWord:
    """A word with its actions. ``told`` is ``Elif Aydin, 26 Nov 2026``; ``owns``: the subject's own people said it."""

    row: ThreadWord
    told: str
    is_answer: bool
    actions: tuple[ShownAction, ...]


@dataclass(frozen=True, slots=True)
class ShownThread:
    """A question, what was said to it, and the form that comes next for this reader; None where none does."""

    row: Thread
    words: tuple[ShownWord, ...]
    waits: str
    form: WordForm | None
    url: str
    verb: str


@dataclass(frozen=True, slots=True)
class OwnerPanel:
    """Who owns a subject, what was asked, and the form to ask; None where the reader asks nothing."""

    subject: Subject
    initials: str
    threads: tuple[ShownThread, ...]
    more: int
    form: WordForm | None
    ask_url: str
    first_name: str
    reaches: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A form that was refused: of the thread of that id, or (0) of a new question."""

    thread: int
    form: WordForm


def owner_panel(subject: Subject, reader: User) -> Iterator[Panel]:
    """Who owns it, and what was asked."""
    yield Panel(PanelPlace.OWNER, "components/rail_owner.html", show_threads(subject, reader), "asks")


def show_threads(
    subject: Subject, reader: User, *, everything: bool = False, refused: Refused | None = None
) -> OwnerPanel:
    """The questions about a subject, as many as a panel holds or all: the same queries however many there are."""
    found = threads_about(subject)
    shown = found if everything else [*_newest(found)]
    people = who_can_act() if may_note_action(reader, subject) else []
    forms = {refused.thread: refused.form} if refused else {}
    asked, day = subject.asked, today()
    asks = reader.has_perm(Right.COMMENT) and not (asked is not None and asked.pk == reader.pk)
    return OwnerPanel(
        subject=subject,
        initials=initials(str(asked)) if asked else "",
        threads=tuple(_thread(one, subject, reader, people, forms.get(one.pk), day) for one in shown),
        more=len(found) - len(shown),
        form=(forms.get(0) or WordForm(people=people, prefix="ask")) if asks else None,
        ask_url=asks_address(subject),
        first_name=str(asked).split("@")[0].split()[0] if asked else "",
        reaches=_reaches(subject),
    )


def asks_address(subject: Subject) -> str:
    """The page of all questions about a subject, which takes new ones."""
    return reverse("asks", args=[subject.kind, subject.key])


def initials(name: str) -> str:
    """``EA`` for Elif Aydin."""
    words = [word for word in name.split("@", maxsplit=1)[0].split() if word]
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()


def _newest(found: Iterable[Thread]) -> Iterator[Thread]:
    """All that is open, and the newest of the others."""
    left = SHOWN
    for thread in found:
        if thread.is_open or left > 0:
            left -= not thread.is_open
            yield thread


def _reaches(subject: Subject) -> str:
    """Where a question goes, under its button."""
    return "reaches the inbox and stands here" if subject.asked else "stands here, and with those who may take it"


def _thread(
    row: Thread, subject: Subject, reader: User, people: list[User], refused: WordForm | None, day: date
) -> ShownThread:
    words = tuple(_word(word, subject, reader, day) for word in row.words.all())
    url, verb = "", ""
    if row.is_open and may_answer(reader, subject):
        url, verb = reverse("thread_answer", args=[row.pk]), "Answer"
    elif not row.is_open and row.asked_by_id == reader.pk:
        url, verb = reverse("thread_reopen", args=[row.pk]), "Ask again"
    fresh = WordForm(people=people if verb == "Answer" else [], prefix=f"word-{row.pk}")
    form = (refused or fresh) if verb else None
    return ShownThread(row, words, _waits(row, subject), form, url, verb)


def _waits(row: Thread, subject: Subject) -> str:
    """For whom an open question waits; empty for an answered one."""
    if not row.is_open:
        return ""
    return f"waits for {subject.asked}" if subject.asked else "waits for somebody to take it"


def _word(row: ThreadWord, subject: Subject, reader: User, day: date) -> ShownWord:
    told = f"{row.by}, {short_day(localdate(row.at))}"
    actions = tuple(_action(one, row, subject, reader, day) for one in row.actions.all())
    return ShownWord(row, told, row.kind == WordKind.ANSWERED, actions)


def _action(row: Action, word: ThreadWord, subject: Subject, reader: User, day: date) -> ShownAction:
    row.word = word
    if row.done_at:
        words, late = f"done {short_day(localdate(row.done_at))} by {row.done_by}", False
    else:
        words, late = f"{row.owner}, due {short_day(row.due)}", row.due < day
    return ShownAction(row, words, late, may_tick(reader, row, subject))
