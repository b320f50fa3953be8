"""What may be written about KPIs: each rule once, asked by every door."""
