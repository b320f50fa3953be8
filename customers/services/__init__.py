"""Writes of tiers, customers and their lives, and the marks that they leave for the rollup."""
