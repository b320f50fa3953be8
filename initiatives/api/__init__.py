"""Initiatives and what hangs off them, for other programs: the same services and rights as on pages."""
