"""The process that a model lives in: begun when there is work, ended when there has been none for long.

That it ends gives back all of its memory, which unloading inside a process never does.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import connection, get_context, parent_process
from multiprocessing.context import SpawnProcess
from typing import Any

from smarthome.settings import Settings
from smarthome.tasks.memory import free_ram_mb
from smarthome.tasks.task import Task
from smarthome.work.engines import open_engine
from smarthome.work.worker import Worker

logger = logging.getLogger(__name__)

POLL_S = 0.05
"""How soon a waiting worker sees a new job."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """What a process is to do. ``spec`` is ``module:class`` of the kind's task.

    ``remote``: the journal is on another machine.
    """

    settings: Settings
    kind: str
    spec: str
    worker: str
    remote: bool = False


def start(assignment: Assignment) -> SpawnProcess:
    """A new process, not forked: torch and threads do not survive that."""
    process = get_context("spawn").Process(target=_run, args=(assignment,), name=assignment.worker)
    process.start()
    return process


def _run(assignment: Assignment) -> None:
    logging.basicConfig(level=assignment.settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's business
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    tasks = assignment.settings.tasks
    os.nice(tasks.nice)
    engine = open_engine(assignment.settings, remote=assignment.remote)
    folder = tasks.folder.expanduser() / "results"
    worker = Worker(engine, assignment.worker, assignment.kind, lambda device: _task(assignment, device), folder)
    idle_since = time.monotonic()
    while True:
        if worker.turn():
            idle_since = time.monotonic()
            continue
        idle_s = time.monotonic() - idle_since
        if idle_s > tasks.warm_s or (idle_s > 1 and free_ram_mb() < tasks.least_free_mb):
            logger.info("%s gives its memory back", assignment.worker)
            return
        time.sleep(POLL_S)


def _task(assignment: Assignment, device: str | None) -> Task[Any]:
    settings = assignment.settings
    if device is not None:
        settings = settings.model_copy(update={"tasks": settings.tasks.model_copy(update={"device": device})})
    module, _, name = assignment.spec.partition(":")
    task: Task[Any] = getattr(import_module(module), name)(settings)
    return task


def _end_with_parent() -> None:
    """A worker without a supervisor is nobody's."""
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
