"""The shapes in which the API reads and answers about initiatives."""
