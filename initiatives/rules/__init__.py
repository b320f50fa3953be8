"""What may be written of initiatives: asked by pages, API and files alike."""
