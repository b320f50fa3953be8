"""Arithmetic: pure, exact, no Django."""
