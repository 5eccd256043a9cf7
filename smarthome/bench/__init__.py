"""How well, how fast and how frugally this machine runs it: ``smarthome bench``."""
