"""Requests of people to the task workers: what is sent, and how results are shown."""
