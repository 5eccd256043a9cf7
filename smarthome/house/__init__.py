"""Meaning to devices: which devices an intent reaches, what they are told, what they say of themselves. Pure."""
