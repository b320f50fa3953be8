"""What may be written about people: asked by every door."""
