"""A long text in, three short ones out: lengths, what the model writes, which of it is offered."""
