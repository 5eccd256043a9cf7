"""The port of every kind of task: a checked request in, a result out.

Modules of kinds import nothing heavy at their top: the intake imports them for ``request_type`` alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Generic, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict


class TaskRequest(BaseModel):
    """What a request of one kind may say; unknown keys are errors.

    ``longest_s``: so many seconds one of this kind may take, where that is more than ``tasks.timeout_s``.
    """

    longest_s: ClassVar[float] = 0.0

    model_config = ConfigDict(extra="forbid", frozen=True)


class TaskResult(BaseModel):
    """What a kind answers; its fields are the JSON of the result."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class TaskError(Exception):
    """One request cannot be done; the others of its batch can.

    ``code`` is a word for programs (``bad_request``, ``unreadable``, ``too_large``, ``not_found``, ``refused``,
    ``no_model``, ``out_of_memory``, ``timeout``, ``failed``), the message tells people what, where, and what to do.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Stopped(Exception):  # noqa: N818 - not an error: somebody cancelled, or the time is over
    """Raised by a ``Report`` into the running task: nobody waits for the result any more."""


class Report(Protocol):
    """How a running task tells how far it is. Both raise ``Stopped`` when it should end."""

    def progress(self, done: int, total: int, note: str = "") -> None:
        """``done`` of ``total`` units; ``note`` says in Russian what is being done."""

    def piece(self, text: str) -> None:
        """The next piece of an answer that is read while it grows."""


class Unheard:
    """A ``Report`` where nobody waits for progress."""

    def progress(self, done: int, total: int, note: str = "") -> None:
        """As the protocol says."""

    def piece(self, text: str) -> None:
        """As the protocol says."""


Request_contra = TypeVar("Request_contra", bound=TaskRequest, contravariant=True)
Request_co = TypeVar("Request_co", bound=TaskRequest, covariant=True)


@dataclass(frozen=True, slots=True)
class Job(Generic[Request_co]):
    """One request to be done now. ``folder`` (existing, empty, its own) takes the files of its result."""

    id: str
    request: Request_co
    report: Report
    folder: Path


class Task(Protocol[Request_contra]):
    """One kind of task. Constructed from ``Settings`` without loading anything."""

    kind: ClassVar[str]
    request_type: ClassVar[type[TaskRequest]]
    batch: int
    """How many jobs ``run`` takes at once; 1 where nothing is gained by more."""

    def load(self) -> None:
        """Load the model; again after ``unload``. Raises TaskError (``no_model``) with what to install or pull."""

    def unload(self) -> None:
        """Give the memory back."""

    def run(self, jobs: Sequence[Job[Request_contra]]) -> Sequence[TaskResult | TaskError]:
        """An answer per job, in order. Raises Stopped if all are to stop, MemoryError when memory runs out."""
