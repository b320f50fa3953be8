"""What may be written of tiers, customers and their lives, asked by every door."""
