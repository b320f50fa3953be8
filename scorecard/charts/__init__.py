"""Figures for Plotly, built from what the pages show."""
