"""Customers, their tiers and their lives."""
