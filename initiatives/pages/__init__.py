"""What the pages of initiatives show, as plain values."""
