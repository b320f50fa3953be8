"""The API of the scorecard: matrix and cells, what is found, scorecards and their editions."""
