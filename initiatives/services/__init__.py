"""Writes about initiatives, as verbs: each checks who may, validates, saves, tracks and records."""
