"""What the scorecard writes, as verbs: closing a period, issuing editions, comparing cells."""
