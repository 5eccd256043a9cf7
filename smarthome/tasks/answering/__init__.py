"""A prompt in, an answer out: which model has room, and the server that runs it."""
