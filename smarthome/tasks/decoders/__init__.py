"""What reads untrusted files, run by ``cell.py`` in a process of its own. Nothing here imports pydantic or torch."""
