"""What is computed to be shown: no page, no request."""
