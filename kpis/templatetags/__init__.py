"""Tags of pages about KPIs."""
