"""A model and examples in, a better model out: a directory that a setting or ``--model`` can name."""
