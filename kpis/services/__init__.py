"""Writes about KPIs, as verbs: definitions, targets, actuals, polls."""
