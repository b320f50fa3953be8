"""What may be written, and by whom: asked by every door."""
