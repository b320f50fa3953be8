"""``make bench``: each figure of the product's speed beside its limit on the same data in the same run."""
