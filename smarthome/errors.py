"""What a command ends with when it cannot go on; standard library only, so that the command line stays light."""

from __future__ import annotations


class ConfigurationError(Exception):
    """Settings, devices.yaml or weights cannot be used; the message says what, where and what to do. Exit code 2."""


class FailureError(Exception):
    """Something outside did not work (no broker, no microphone); the message says what and what to do. Exit code 1."""
