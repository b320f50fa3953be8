"""Figures for Plotly, built from values. Pure."""
