"""Pages about KPIs: parse the address, ask once, answer."""
