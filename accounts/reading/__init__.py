"""What is computed to be shown."""
