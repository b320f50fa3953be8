"""Why a write did not happen, for services of every app: nothing was changed, and the message says why."""

from __future__ import annotations


class TransitionRefused(Exception):
    """A state that cannot be reached from here; the message says what is missing."""


class StaleWrite(Exception):
    """Somebody else changed it since it was shown: look at what it is now, then decide again."""


class StaleTransition(StaleWrite):
    """Its state has moved on since it was shown."""
