"""The pages of initiatives: parse the address, ask once, answer."""
