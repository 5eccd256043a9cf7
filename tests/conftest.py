"""Fixtures that several test folders share, and which tests may run side by side (``pytest -n 2``)."""

from __future__ import annotations

import pytest

pytest_plugins = ["tests.mosquitto", "tests.pulse", "tests.trained", "tests.vision", "tests.whisper"]

PACED = ("tests/e2e/", "tests/bench/test_e2e.py", "tests/ears/test_microphone.py")
"""These hear sound as it is played: two of them at once would take the processor from each other."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A file's tests stay together, since they share fixtures; the paced ones are all one group."""
    for item in items:
        file = item.nodeid.partition("::")[0]
        item.add_marker(pytest.mark.xdist_group("paced" if file.startswith(PACED) else file))
