"""The API of customers, their tiers and their lives."""
