"""Mails of the scorecard: who is told what, once."""
