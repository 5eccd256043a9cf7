"""Requests from the bus to their results: journaled, done by workers, answered once."""
