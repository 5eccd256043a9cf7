"""The kinds of tasks that are done on request: what each takes, what it needs loaded, what it gives."""
