"""What is computed of KPIs to be shown: no page, no request."""
