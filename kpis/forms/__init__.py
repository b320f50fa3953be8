"""What pages take from people."""
