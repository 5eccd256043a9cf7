"""A kind of task and examples with their truth in, its figures out: `smarthome evaluate`."""
