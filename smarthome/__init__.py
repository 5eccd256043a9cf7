"""Speak Russian at home, and the right device obeys over MQTT."""

__version__ = "0.1.0"
