"""What is computed about KPIs to be shown: no HTML, no request."""
