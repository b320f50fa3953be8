"""Early warnings kept, read by whom, and what was done about them."""
