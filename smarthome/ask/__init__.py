"""A request out, its result in: what clients of the task workers do, and how results look to people."""
