"""Sentences whose every part leads to the list that it counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Phrase:
    """A piece of a sentence: underlined in the colour of its status where it carries one, and a link to what it
    counts where that can be listed.
    """

    text: str
    css_class: str = ""
    url: str = ""


Sentence = tuple[Phrase, ...]


def plain(sentence: Iterable[Phrase]) -> str:
    """The words alone."""
    return "".join(phrase.text for phrase in sentence)


def listed(phrases: Sequence[Phrase]) -> Sentence:
    """The phrases with what stands between them: ``a, b and c``; empty for none."""
    last = len(phrases) - 1
    found: list[Phrase] = []
    for place, phrase in enumerate(phrases):
        if place:
            found.append(Phrase(" and " if place == last else ", "))
        found.append(phrase)
    return tuple(found)
