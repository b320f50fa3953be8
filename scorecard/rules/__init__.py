"""What may be written about scorecards: each rule once, asked by every door."""
