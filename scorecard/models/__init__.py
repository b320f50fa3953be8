"""Scorecards that were closed, and how they are on their way there."""

from scorecard.models.editions import Closing, Edition, EditionName, Waiver

__all__ = ["Closing", "Edition", "EditionName", "Waiver"]
