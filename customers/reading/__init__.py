"""What is computed of customers to be shown."""
