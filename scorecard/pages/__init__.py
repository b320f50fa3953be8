"""What the pages show, worked out from values: every number is rounded and worded here, templates only place it."""
