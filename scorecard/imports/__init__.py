"""Pages for files: loads that were taken in, checking and loading a file, taking a load back."""
