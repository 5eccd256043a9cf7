"""Where running tasks of tests report to, and how a single request is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from smarthome.tasks.task import Job, Stopped, Task, TaskError, TaskRequest


@dataclass
class Notes:
    """Remembers what a task reports; ``stop_after`` many reports it says that nobody waits any more."""

    stop_after: int | None = None
    steps: list[tuple[int, int, str]] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    def progress(self, done: int, total: int, note: str = "") -> None:
        """As the protocol says."""
        self.steps.append((done, total, note))
        if self.stop_after is not None and len(self.steps) >= self.stop_after:
            raise Stopped

    def piece(self, text: str) -> None:
        """As the protocol says."""
        self.pieces.append(text)


def jobs(requests: Sequence[TaskRequest], folder: Path, report: Notes | None = None) -> list[Job[Any]]:
    """A job of each request, with its own folder."""
    made: list[Job[Any]] = []
    for number, request in enumerate(requests):
        own = folder / f"job-{number}"
        own.mkdir(parents=True, exist_ok=True)
        made.append(Job(f"job-{number}", request, report or Notes(), own))
    return made


def only(task: Task[Any], request: TaskRequest, folder: Path, report: Notes | None = None) -> Any:
    """What comes of a single request; raises its TaskError."""
    [result] = task.run(jobs([request], folder, report))
    if isinstance(result, TaskError):
        raise result
    return result
