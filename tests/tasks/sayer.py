"""A worker killed in the midst of saying: ``python -m tests.tasks.sayer PORT FOLDER PLACE before|after TEXT``."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from smarthome.settings import MqttSettings
from smarthome.tasks.saying import Line, line_to, say_once


class Deadly:
    """A line on which the worker dies at a message, just before or just after the broker has it."""

    def __init__(self, line: Line, place: int, when: str) -> None:
        self._line = line
        self._left = place
        self._when = when

    def why_not(self) -> str | None:
        """As the protocol says."""
        return self._line.why_not()

    def say(self, payload: str) -> bool:
        """As the protocol says, until it is time."""
        if self._left == 0 and self._when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        said = self._line.say(payload)
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self._left -= 1
        return said


def main() -> None:
    """One attempt at the job ``job``."""
    port, folder, place, when, *texts = sys.argv[1:]
    with line_to(MqttSettings(host="127.0.0.1", port=int(port)), "home") as line:
        say_once(Path(folder), "job", Deadly(line, int(place), when), texts, None)


if __name__ == "__main__":
    main()
