"""``smarthome work``: the intake, if this machine has it, and the processes of the kinds that it does."""

from __future__ import annotations

import fcntl
import json
import logging
import platform
import queue
import re
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from smarthome.bus.client import Bus
from smarthome.bus.topics import TaskTopics
from smarthome.errors import ConfigurationError, FailureError
from smarthome.events import Event, Stop
from smarthome.service import ServiceManager
from smarthome.settings import Settings
from smarthome.tasks.task import TaskRequest
from smarthome.work import rivals
from smarthome.work.engine import Engine, EngineAwayError
from smarthome.work.engines import open_engine, open_journal, served
from smarthome.work.intake import Chosen, Intake
from smarthome.work.journal import Journal
from smarthome.work.leftovers import Leftovers
from smarthome.work.supervisor import Supervisor

logger = logging.getLogger(__name__)

TURN_S = 0.1
"""How often the journal is looked at when nothing rings."""


class Service:
    """One machine's share of the work. ``kinds`` is kind → ``module:class``; ``requests`` what the intake takes."""

    def __init__(
        self,
        settings: Settings,
        kinds: Mapping[str, str],
        requests: Mapping[str, type[TaskRequest]] | None,
        chosen: Chosen | None = None,
    ) -> None:
        self._settings = settings
        self._kinds = kinds
        self._requests = requests
        self._chosen = chosen
        self._name = settings.tasks.worker or re.sub(r"[^A-Za-z0-9._-]", "-", platform.node())[:64] or "worker"
        self._inbox: queue.SimpleQueue[Stop | None] = queue.SimpleQueue()
        self._told = ""
        self._trouble = ""

    def put(self, event: Event) -> None:
        """From any thread or signal handler; a ``Stop`` ends the service."""
        self._inbox.put(event if isinstance(event, Stop) else None)

    def run(self) -> int:
        """Until a Stop. Raises FailureError when this work is done already, or the folder cannot be used."""
        manager = ServiceManager()
        with ExitStack() as stack:
            folder = self._folder()
            stack.enter_context(_only_one(folder / f"worker-{self._name}.lock", f"a worker called {self._name}"))
            intake, engine, remote = self._open_sides(stack, folder)
            bus = self._open_bus(stack)
            leftovers = Leftovers(folder / "results", self._settings.tasks.keep_days)
            supervisor = Supervisor(self._settings, self._name, self._kinds, engine, remote=remote)
            supervisor.begin()
            stack.callback(supervisor.end)
            manager.ready()
            while not self._stopped():
                manager.alive()
                try:
                    while intake is not None and intake.turn():
                        pass
                    supervisor.turn()
                    self._tell(bus, engine, supervisor.running)
                    leftovers.turn()
                    self._trouble = ""
                except EngineAwayError as error:
                    self._wait_for_better(str(error))
            manager.stopping()
            self._say(bus, {"state": "offline"})
            bus.flush(1.0)
        return 0

    def _wait_for_better(self, trouble: str) -> None:
        """Nothing is lost: all that could not be written is done again."""
        if trouble != self._trouble:
            logger.error("%s; trying again until it works", trouble)
        self._trouble = trouble

    def _folder(self) -> Path:
        folder = self._settings.tasks.folder.expanduser()
        try:
            (folder / "spool").mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigurationError(f"tasks.folder = {folder}: {error.strerror}") from None
        return folder

    def _open_sides(self, stack: ExitStack, folder: Path) -> tuple[Intake | None, Engine, bool]:
        """The intake, if it is here; the engine; whether that is on another machine."""
        tasks = self._settings.tasks
        if self._requests is None and tasks.engine is not None:
            remote = open_engine(self._settings, remote=True)
            stack.callback(remote.close)
            return None, remote, True
        journal = open_journal(self._settings)
        stack.callback(journal.close)
        if self._requests is None:
            return None, journal, False
        intake = self._open_intake(stack, folder, journal, self._requests)
        stack.enter_context(served(self._settings, journal, self._ring))
        return intake, journal, False

    def _open_intake(
        self, stack: ExitStack, folder: Path, journal: Journal, requests: Mapping[str, type[TaskRequest]]
    ) -> Intake:
        stack.enter_context(_only_one(folder / "intake.lock", "an intake"))
        if rivals.takes_requests(self._settings.mqtt):
            raise FailureError(
                "another machine's intake takes the requests on this broker; start this one with --no-intake"
            )
        try:
            journal.recover()
        except EngineAwayError as error:
            raise FailureError(f"{error}; make room on the disk") from None
        intake = Intake(self._settings.tasks, journal, requests, self._chosen, ring=self._ring)
        intake.bus = stack.enter_context(
            Bus(
                self._settings.mqtt,
                intake.receive,
                client="tasks-intake",
                commands=(TaskTopics.submits, TaskTopics.cancels, TaskTopics.choices),
                availability=TaskTopics.intake,
                journaled=True,
            )
        )
        return intake

    def _ring(self) -> None:
        self._inbox.put(None)

    def _open_bus(self, stack: ExitStack) -> Bus:
        """The worker's own connection, so that its last will tells of its death."""
        topic = TaskTopics.worker(self._name)
        will = json.dumps({"state": "offline"})
        return stack.enter_context(
            Bus(self._settings.mqtt, self._forget_told, client=f"work-{self._name}", availability=topic, will=will)
        )

    def _forget_told(self, _event: Event) -> None:
        """After each connection the state is told anew."""
        self._told = ""

    def _stopped(self) -> bool:
        try:
            item = self._inbox.get(timeout=TURN_S)
        except queue.Empty:
            return False
        return isinstance(item, Stop)

    def _tell(self, bus: Bus, engine: Engine, running: Sequence[str]) -> None:
        """The worker's state, when it has changed."""
        busy = engine.busy([f"{self._name}-{kind}" for kind in self._kinds])
        state = "busy" if busy else "loading" if any(engine.waiting().get(kind) for kind in running) else "idle"
        jobs = {worker.removeprefix(f"{self._name}-"): job for worker, job in busy.items()}
        record: dict[str, object] = {"state": state, "kinds": list(self._kinds), "loaded": list(running), "jobs": jobs}
        text = json.dumps(record)
        if text != self._told and self._say(bus, record):
            self._told = text

    def _say(self, bus: Bus, record: Mapping[str, object]) -> bool:
        return bus.publish(TaskTopics.worker(self._name), json.dumps(record, ensure_ascii=False), retain=True)


class _only_one(ExitStack):  # noqa: N801 (reads as what it does)
    """A lock that the kernel lets go of however the process ends."""

    def __init__(self, file: Path, what: str) -> None:
        super().__init__()
        self._held: IO[str] = self.enter_context(file.open("w", encoding="ascii"))
        try:
            fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self.close()
            raise FailureError(f"{what} runs already in {file.parent}; stop it, or set tasks.folder") from None
