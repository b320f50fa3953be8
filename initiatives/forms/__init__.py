"""What the pages of initiatives take from people."""
