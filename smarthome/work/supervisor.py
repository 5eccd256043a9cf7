"""Waiting jobs in, running processes out: begins a kind's process, and picks up what one has dropped."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from multiprocessing.context import SpawnProcess

from smarthome.settings import Settings
from smarthome.work.engine import Engine
from smarthome.work.process import Assignment, start

logger = logging.getLogger(__name__)

GRACE_S = 5.0
"""A job that is to stop and does not is ended with its process."""

AGAIN_S = 1.0
"""A process that dies at once is not begun anew at once."""


class Supervisor:
    """Of the processes of one machine. ``kinds`` is kind → ``module:class`` of its task."""

    def __init__(
        self, settings: Settings, name: str, kinds: Mapping[str, str], engine: Engine, *, remote: bool = False
    ) -> None:
        self._settings = settings
        self._name = name
        self._kinds = kinds
        self._engine = engine
        self._remote = remote
        self._processes: dict[str, SpawnProcess] = {}
        self._begun: dict[str, float] = {}

    def begin(self) -> None:
        """Pick up what this worker was in the middle of when it was killed."""
        for kind in self._kinds:
            self._engine.abandon(self._worker(kind))

    def turn(self) -> None:
        """Look after every kind."""
        waiting = self._engine.waiting()
        for kind in self._kinds:
            self._look_after(kind, wanted=bool(waiting.get(kind)))

    def end(self) -> None:
        """End all; what they were doing is done again later, and this was no attempt of theirs to survive."""
        for kind, process in self._processes.items():
            process.kill()
            process.join()
            self._engine.give_back(self._worker(kind))
        self._processes.clear()

    @property
    def running(self) -> tuple[str, ...]:
        """The kinds whose models are in memory, or on their way there."""
        return tuple(self._processes)

    def _look_after(self, kind: str, *, wanted: bool) -> None:
        process = self._processes.get(kind)
        if process is not None and process.is_alive():
            if self._engine.overdue(self._worker(kind), GRACE_S):
                logger.warning("%s does not stop; its process is ended", self._worker(kind))
                process.kill()
            return
        if process is not None:
            if process.exitcode:
                logger.error("%s has died (exit code %s)", self._worker(kind), process.exitcode)
            self._engine.abandon(self._worker(kind))
            del self._processes[kind]
            wanted = bool(self._engine.waiting().get(kind))
        if wanted and time.monotonic() - self._begun.get(kind, float("-inf")) > AGAIN_S:
            self._begun[kind] = time.monotonic()
            self._processes[kind] = start(
                Assignment(self._settings, kind, self._kinds[kind], self._worker(kind), self._remote)
            )

    def _worker(self, kind: str) -> str:
        return f"{self._name}-{kind}"
