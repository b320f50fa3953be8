"""Questions as they stand: about a subject, asked of a person, asked by a person; and open actions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate

from accounts.access import is_asked
from accounts.choices import ThreadState, WordKind
from accounts.company import today
from accounts.models import Action, Thread, ThreadWord, User
from accounts.rights import Right
from core.formatting import day_name
from core.registry import Ask, Subject, Urgency, subjects_of

TOLD_FOR = timedelta(days=30)  # how long an answered question stands on its asker's page


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its subject, as the reader may read it."""

    thread: Thread
    subject: Subject

    @property
    def words(self) -> list[ThreadWord]:
        """What was said, the question first."""
        return list(self.thread.words.all())

    @property
    def question(self) -> ThreadWord:
        """What is asked now: the first word, or why it is asked again."""
        return next(word for word in reversed(self.words) if word.kind != WordKind.ANSWERED)

    @property
    def url(self) -> str:
        """Where it stands on its subject's page."""
        return f"{self.subject.url}#thread-{self.thread.pk}"


def with_words(threads: QuerySet[Thread]) -> QuerySet[Thread]:
    """With all that a page shows of them: four queries, however many."""
    return threads.select_related("asked_by").prefetch_related(
        "words__by", "words__actions__owner", "words__actions__done_by"
    )


def threads_about(subject: Subject) -> list[Thread]:
    """Those about a subject: open ones first, then the newest."""
    found = with_words(Thread.objects.filter(kind=subject.kind, key=subject.key))
    return sorted(found, key=lambda thread: not thread.is_open)


def open_about(kind: str, keys: Collection[str]) -> dict[str, list[Thread]]:
    """Open questions about subjects of a kind, oldest first, by key."""
    found: dict[str, list[Thread]] = defaultdict(list)
    for thread in with_words(Thread.objects.filter(state=ThreadState.OPEN, kind=kind, key__in=keys)).reverse():
        found[thread.key].append(thread)
    return found


def _with_subjects(threads: Iterable[Thread], reader: User) -> list[Asked]:
    """Those whose subject the reader may read, with it: as many queries as there are kinds."""
    threads = list(threads)
    keys: dict[str, set[str]] = defaultdict(set)
    for thread in threads:
        keys[thread.kind].add(thread.key)
    subjects = {(kind, key): one for kind in keys for key, one in subjects_of(kind, keys[kind], reader).items()}
    pairs = ((thread, subjects.get((thread.kind, thread.key))) for thread in threads)
    return [Asked(thread, subject) for thread, subject in pairs if subject is not None]


def asked_of(user: User) -> list[Asked]:
    """Open questions that are this person's to answer, oldest first."""
    if not user.has_perm(Right.COMMENT):
        return []
    waiting = with_words(Thread.objects.filter(state=ThreadState.OPEN).exclude(asked_by=user)).reverse()
    return [one for one in _with_subjects(waiting, user) if is_asked(user, one.thread, one.subject)]


def asked_by(user: User) -> list[Asked]:
    """What the person asked: all that is open, and what was answered within thirty days; open ones first."""
    lately = Q(state=ThreadState.OPEN) | Q(words__at__gte=timezone.now() - TOLD_FOR)
    rows = with_words(Thread.objects.filter(lately, asked_by=user).distinct())
    return sorted(_with_subjects(rows, user), key=lambda one: not one.thread.is_open)


def open_asks(reader: User) -> list[Asked]:
    """Every open question about what the reader may read, oldest first."""
    return _with_subjects(with_words(Thread.objects.filter(state=ThreadState.OPEN)).reverse(), reader)


def open_actions(reader: User) -> list[tuple[Action, Asked]]:
    """Every action that is not done yet about what the reader may read, the first due first, with its question."""
    rows = list(Action.objects.filter(done_at=None).select_related("word__thread", "owner"))
    threads = {action.word.thread_id: action.word.thread for action in rows}
    known = {one.thread.pk: one for one in _with_subjects(threads.values(), reader)}
    return [(row, known[row.word.thread_id]) for row in rows if row.word.thread_id in known]


def answered_since(user: User, moment: datetime) -> list[Asked]:
    """What the person asked and somebody else answered after a moment, the newest question first."""
    words = ThreadWord.objects.filter(kind=WordKind.ANSWERED, at__gt=moment).exclude(by=user)
    rows = with_words(Thread.objects.filter(asked_by=user, pk__in=words.values("thread")))
    return _with_subjects(rows, user)


def thread_asks_of(user: User) -> Iterator[Ask]:
    """Questions on the person's own page and in their weekly mail."""
    for one in asked_of(user):
        question = one.question
        text = f"{question.by} asks: “{question.text}”"
        yield Ask(Urgency.QUESTION, one.subject.title, text, one.url, "Answer", localdate(question.at))


def action_asks_of(user: User) -> Iterator[Ask]:
    """The person's open actions, those that are overdue as late."""
    rows = Action.objects.filter(owner=user, done_at=None).select_related("word__thread", "word__by")
    actions: dict[int, list[Action]] = defaultdict(list)
    day = today() if rows else date.max
    for action in rows:
        actions[action.word.thread_id].append(action)
    for one in _with_subjects({action.word.thread_id: action.word.thread for action in rows}.values(), user):
        yield from (_ask_for(action, one, day) for action in actions[one.thread.pk])


def _ask_for(action: Action, one: Asked, day: date) -> Ask:
    late = action.due < day
    urgency = Urgency.LATE if late else Urgency.ROUTINE
    text = f"{action.text}: {'was due' if late else 'due'} {day_name(action.due)}."
    done = reverse("action_tick", args=[action.pk])
    details = (f"Noted by {action.word.by}.",) if action.word.by_id != action.owner_id else ()
    return Ask(urgency, one.subject.title, text, one.url, "Open", action.due, details, post=done, done="Done")
