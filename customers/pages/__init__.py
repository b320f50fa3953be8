"""What pages about tiers and customers show, as plain values."""
