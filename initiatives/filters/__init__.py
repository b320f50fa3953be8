"""What lists of initiatives and of what belongs to them are filtered by, on pages and in the API."""
