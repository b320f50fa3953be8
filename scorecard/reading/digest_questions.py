"""What was asked since about the things that somebody follows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from accounts.choices import WordKind
from accounts.models import Thread, ThreadWord, User
from core.registry import subjects_of
from scorecard.choices import Followed
from scorecard.models import Follow
from scorecard.reading.alerts import Told


def newer_questions(follows: Sequence[Follow], *, after: int, reader: User) -> tuple[int, list[Told]]:
    """The newest word's id, and what was asked, or asked again, after a word about what the reader follows.

    Not what they asked themselves, nor what they may not read. Two queries, and one for each kind of subject.
    """
    words = list(ThreadWord.objects.filter(pk__gt=after).select_related("thread", "by").order_by("pk"))
    asked = [one for one in words if one.kind != WordKind.ANSWERED and one.by_id != reader.pk]
    pairs = [(one, follow) for one in asked if (follow := _follow_of(one.thread, follows)) is not None]
    keys: dict[str, set[str]] = defaultdict(set)
    for word, _ in pairs:
        keys[word.thread.kind].add(word.thread.key)
    subjects = {kind: subjects_of(kind, theirs, reader) for kind, theirs in keys.items()}
    lines = [
        Told(subject.title, f"{word.by} asks: {word.text}", f"{subject.url}#thread-{word.thread_id}", follow)
        for word, follow in pairs
        if (subject := subjects[word.thread.kind].get(word.thread.key)) is not None
    ]
    return (words[-1].pk if words else after), lines


def _follow_of(thread: Thread, follows: Sequence[Follow]) -> Follow | None:
    """The first thing followed that a thread is about; None where it is about none."""
    column, _, _ = thread.key.rpartition("/")
    kpi, _, tier = column.partition("@")
    of_cell = {(Followed.CELL, column), (Followed.KPI, kpi), (Followed.TIER, tier)}
    about = of_cell if thread.kind == Followed.CELL else {(thread.kind, thread.key)}
    return next((one for one in follows if (one.kind, one.key) in about), None)
