"""The port between who journals requests and who does them: leases in, outcomes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from smarthome.work.messages import JsonObject, Outcome

LEASE_S = 15.0
"""A worker that is silent for so long has died with what it had leased."""

BEAT_S = 1.0
"""How often a worker says that it lives."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A job that a worker may do. ``key`` is the engine's name of it, ``request`` was checked by its kind."""

    key: str
    kind: str
    id: str
    request: JsonObject


class EngineAwayError(Exception):
    """The engine does not answer just now: it is on another machine, or its disk is full."""


class Engine(Protocol):
    """Where a worker gets its jobs and leaves what came of them, and its supervisor hears what there is to do.

    Everything may raise EngineAwayError; what is asked then is asked again later.
    """

    def lease(self, kind: str, worker: str, count: int) -> list[Lease]:
        """The next jobs of a kind, by priority, then in their order; [] when there is none."""

    def beat(self, leases: Sequence[Lease]) -> dict[str, str]:
        """They go on; returns why some should not: key → ``cancelled``, ``timeout`` or ``lost``."""

    def progress(self, lease: Lease, more: Mapping[str, object]) -> None:
        """Tell how far a job is."""

    def finish(self, lease: Lease, outcome: Outcome) -> bool:
        """What came of a job; False when it was taken away before."""

    def waiting(self) -> dict[str, int]:
        """How many jobs of each kind wait."""

    def abandon(self, worker: str) -> None:
        """A worker has died: its jobs are tried once more, then given up."""

    def give_back(self, worker: str) -> None:
        """A worker is ended in order: its jobs wait again as if it had not begun them."""

    def overdue(self, worker: str, grace_s: float) -> bool:
        """Whether a worker goes on with what it was told to stop so long ago."""

    def busy(self, workers: Sequence[str]) -> dict[str, str]:
        """Which of these workers do what: worker → id of a job."""

    def close(self) -> None:
        """No more."""
