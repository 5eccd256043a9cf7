"""Fixtures that several test folders share."""

pytest_plugins = ["tests.mosquitto", "tests.pulse", "tests.whisper"]
