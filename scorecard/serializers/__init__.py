"""The shapes in which the API reads and answers about scorecards, and what people wrote of cells."""
