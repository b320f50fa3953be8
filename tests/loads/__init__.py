"""Tests of files: every kind taken in, refused, written out and taken back."""
