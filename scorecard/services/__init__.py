"""What the scorecard writes."""
