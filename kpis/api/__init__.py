"""KPIs, targets and actuals for other programs: the same services and rights as on pages."""
