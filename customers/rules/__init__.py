"""What may be written of tiers and customers: each rule once, asked by every door."""
