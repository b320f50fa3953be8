"""Kinds of files of the scorecard."""
