"""Home's line about moments of truth: how many go well, by the cells that home shows."""

from __future__ import annotations

from core.sentences import Sentence
from initiatives.pages.moments import moments_sentence
from initiatives.reading.moments import moments_to_read, read_moments
from scorecard.pages.home_headline import places_of
from scorecard.reading.home import Home


def moments_line(home: Home) -> Sentence:
    """``Our customers need 14 moments to go well: …``; empty, for one query, where none is written down."""
    moments = list(moments_to_read())
    found = read_moments(moments, home.matrix, home.today, home.served, home.serving)
    return moments_sentence(found, places_of(home).page("moments"))
