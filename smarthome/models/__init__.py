"""Models by name in, their files on this disk out: what there is, fetching it once, finding it without a network."""
