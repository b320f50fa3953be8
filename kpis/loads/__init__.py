"""KPIs, facts, tier actuals, complete months and targets as files."""
