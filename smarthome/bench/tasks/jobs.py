"""Requests in, jobs for a task out, and a stopwatch for both ways of doing them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from smarthome.tasks.task import Job, Task, TaskError, TaskRequest, Unheard


def run(task: Task[Any], requests: Sequence[TaskRequest], at_once: int) -> None:
    """Do all, so many at once; raises the first TaskError."""
    for start in range(0, len(requests), at_once):
        some = requests[start : start + at_once]
        for result in task.run([Job(f"bench-{start}", each, Unheard(), Path()) for each in some]):
            if isinstance(result, TaskError):
                raise result


@dataclass(frozen=True, slots=True)
class Race:
    """Seconds that two ways took, round by round, one after the other."""

    naive_s: list[float]
    ours_s: list[float]

    @property
    def ratio(self) -> float:
        """How many times faster ours is, median of the rounds."""
        return statistics.median(n / o for n, o in zip(self.naive_s, self.ours_s, strict=True))

    def figures(self) -> dict[str, object]:
        """For JSON."""
        return {
            "naive_s": [round(each, 3) for each in self.naive_s],
            "ours_s": [round(each, 3) for each in self.ours_s],
            "times_faster": round(self.ratio, 2),
        }


def race(naive: Callable[[], float], ours: Callable[[], float], rounds: int) -> Race:
    """Take turns, so that a busy machine slows both; each tells the seconds it took."""
    found = Race([], [])
    for _ in range(rounds):
        found.naive_s.append(naive())
        found.ours_s.append(ours())
    return found


def seconds(do: Callable[[], object]) -> float:
    """Wall time."""
    began = time.perf_counter()
    do()
    return time.perf_counter() - began
