"""Initiatives and what belongs to them as files."""
