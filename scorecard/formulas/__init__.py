"""Arithmetic of the scorecard, without Django."""
