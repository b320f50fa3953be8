"""The soak: everything at once for half an hour, while processes are killed and servers go away."""
