"""Writes, as verbs."""
