"""Leases in, results out: one kind's model in a process of its own.

What a model does to its process (crash, swallow all memory, never end) happens to nobody else: see ``supervisor``.
"""

from __future__ import annotations

import logging
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from smarthome.tasks.memory import give_back
from smarthome.tasks.task import Job, Stopped, Task, TaskError, TaskResult
from smarthome.work.engine import BEAT_S, Engine, EngineAwayError, Lease
from smarthome.work.messages import Outcome, failed

logger = logging.getLogger(__name__)

AGAIN_S = 1.0
DELIVER_S = 600.0
"""How long it is tried to deliver what came of a job."""

TOLD_EVERY_S = 0.25
"""Progress comes in between this often; pieces of text are collected meanwhile."""


class Standing:
    """The leases that are being worked on, and which of them nobody wants any more. Two threads use it."""

    def __init__(self, engine: Engine, leases: Sequence[Lease]) -> None:
        self._engine = engine
        self.leases = leases
        self.stops: dict[str, str] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="beat", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._over.set()
        self._thread.join()

    @property
    def all_stopped(self) -> bool:
        """Whether nobody waits for any of it."""
        return len(self.stops) == len(self.leases)

    def _beat(self) -> None:
        while not self._over.wait(BEAT_S):
            try:
                self.stops.update(self._engine.beat(self.leases))
            except EngineAwayError as error:
                logger.debug("nobody hears that this worker lives: %s", error)
            except Exception:
                logger.exception("the engine does not hear that this worker lives")


class JobReport:
    """A ``Report`` of one job."""

    def __init__(self, engine: Engine, standing: Standing, lease: Lease) -> None:
        self._engine = engine
        self._standing = standing
        self._lease = lease
        self._told_at = 0.0
        self._pieces = ""
        self._last: dict[str, object] = {}

    def progress(self, done: int, total: int, note: str = "") -> None:
        """As the protocol says."""
        self._last = {"done": done, "total": total, "note": note}
        self._tell(at_once=done >= total)

    def piece(self, text: str) -> None:
        """As the protocol says."""
        self._pieces += text
        self._tell(at_once=False)

    def flush(self) -> None:
        """Tell what was collected; pieces that cannot be told are told with the next ones."""
        if not (self._pieces or self._last):
            return
        more = {**self._last, **({"text": self._pieces} if self._pieces else {})}
        self._told_at = time.monotonic()
        try:
            self._engine.progress(self._lease, more)
            self._pieces, self._last = "", {}
        except EngineAwayError as error:
            logger.debug("progress of %s is not told: %s", self._lease.id, error)

    def _tell(self, *, at_once: bool) -> None:
        if self._standing.all_stopped:
            raise Stopped
        if at_once or time.monotonic() - self._told_at >= TOLD_EVERY_S:
            self.flush()


class Worker:
    """Does one kind's jobs. ``make`` makes its task anew on a device; ``folder`` takes files of results."""

    def __init__(self, engine: Engine, name: str, kind: str, make: Callable[[str | None], Task[Any]], folder: Path):
        self._engine = engine
        self._name = name
        self._kind = kind
        self._make = make
        self._folder = folder
        self._task = make(None)
        self._loaded = False

    def turn(self) -> bool:
        """The next jobs, if there are any."""
        try:
            leases = self._engine.lease(self._kind, self._name, max(1, self._task.batch))
        except EngineAwayError:
            return False
        if not leases:
            return False
        with Standing(self._engine, leases) as standing:
            reports = [JobReport(self._engine, standing, lease) for lease in leases]
            outcomes = self._outcomes(leases, reports)
            for lease, report, outcome in zip(leases, reports, outcomes, strict=True):
                report.flush()
                self._deliver(lease, outcome)
        return True

    def _deliver(self, lease: Lease, outcome: Outcome) -> None:
        """As long as the engine does not take it, again."""
        until = time.monotonic() + DELIVER_S
        while True:
            try:
                self._engine.finish(lease, outcome)
            except EngineAwayError as error:
                if time.monotonic() > until:
                    logger.exception("what came of %s could not be delivered", lease.id)
                    return
                logger.warning("what came of %s is not taken yet: %s", lease.id, error)
                time.sleep(AGAIN_S)
            else:
                return

    def _outcomes(self, leases: Sequence[Lease], reports: Sequence[JobReport]) -> Sequence[Outcome]:
        """What comes of each; whatever goes wrong is an outcome too."""
        try:
            self._load(reports)
        except Stopped:
            return [Outcome("cancelled")] * len(leases)
        except Exception as error:  # noqa: BLE001 (its outcome says it)
            return [self._failure(error)] * len(leases)
        return self._tried(leases, reports)

    def _tried(self, leases: Sequence[Lease], reports: Sequence[JobReport]) -> Sequence[Outcome]:
        """All together; when that fails each alone, since only one of them may be to blame."""
        try:
            jobs = [self._job(lease, report) for lease, report in zip(leases, reports, strict=True)]
            outcomes = [_outcome(answer) for answer in self._run(jobs)]
        except Stopped:
            return [Outcome("cancelled")] * len(leases)
        except Exception as error:  # noqa: BLE001 (its outcome says it)
            if len(leases) == 1:
                return [self._failure(error)]
            logger.warning("%d jobs of kind %s have failed together: %s", len(leases), self._kind, error)
        else:
            for job in jobs:
                with suppress(OSError):
                    job.folder.rmdir()  # most kinds leave no files
            return outcomes
        return [
            outcome for lease, report in zip(leases, reports, strict=True) for outcome in self._tried([lease], [report])
        ]

    def _failure(self, error: Exception) -> Outcome:
        if isinstance(error, TaskError):
            return failed(error.code, str(error))
        logger.error("a job of kind %s has failed", self._kind, exc_info=error)
        if isinstance(error, OSError):
            return failed("failed", f"{error.strerror or error}; its files are in {self._folder}")
        return failed("failed", f"{type(error).__name__}: {error}")

    def _load(self, reports: Sequence[JobReport]) -> None:
        if not self._loaded:
            for report in reports:
                report.progress(0, 1, "загружается модель")
            self._task.load()
            self._loaded = True

    def _job(self, lease: Lease, report: JobReport) -> Job[Any]:
        folder = self._folder / self._kind / lease.id
        shutil.rmtree(folder, ignore_errors=True)  # what an attempt that died has left
        folder.mkdir(parents=True)
        return Job(lease.id, self._task.request_type.model_validate(lease.request), report, folder)

    def _run(self, jobs: Sequence[Job[Any]]) -> Sequence[TaskResult | TaskError]:
        """All at once; when memory runs out one by one, then on the CPU, then not at all."""
        try:
            return self._task.run(jobs)
        except Exception as error:
            if not _out_of_memory(error):
                raise
            logger.warning("memory ran out over %d jobs of kind %s: %s", len(jobs), self._kind, error)
        give_back()
        if len(jobs) > 1:
            return [answer for job in jobs for answer in self._run([job])]
        return [self._run_on_cpu(jobs[0])]

    def _run_on_cpu(self, job: Job[Any]) -> TaskResult | TaskError:
        try:
            self._task.unload()
            self._loaded = False
            on_cpu = self._make("cpu")
            on_cpu.load()
            try:
                return on_cpu.run([job])[0]
            finally:
                on_cpu.unload()
        except Exception as error:
            if not _out_of_memory(error):
                raise
            return TaskError("out_of_memory", "there is not enough memory for this request; make it smaller")


def _outcome(answer: TaskResult | TaskError) -> Outcome:
    if isinstance(answer, TaskError):
        return failed(answer.code, str(answer))
    return Outcome("done", answer.model_dump(mode="json"))


def _out_of_memory(error: Exception) -> bool:
    """Of the machine, or of a GPU (torch.OutOfMemoryError is a RuntimeError)."""
    return isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"
