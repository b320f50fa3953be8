"""What is computed of initiatives to be shown."""
