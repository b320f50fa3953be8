"""Writes about scorecards, as verbs: closing a period, issuing editions."""
