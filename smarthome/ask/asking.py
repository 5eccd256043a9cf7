"""One request on its way: sent, followed, its result out. Progress and streamed text are shown meanwhile."""

from __future__ import annotations

import json
import logging
import queue
import signal
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from smarthome.bus.client import Bus
from smarthome.bus.topics import TaskTopics
from smarthome.errors import FailureError
from smarthome.events import Connected, Event, Message
from smarthome.settings import Settings

CONNECTED_WITHIN_S = 10.0
ACCEPTED_WITHIN_S = 10.0
AGAIN_S = 3.0
"""An unanswered request is sent again: with its id it is done only once."""

_STATES = {"accepted": "ждёт в очереди", "running": "выполняется"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a request. ``status`` is done, error or cancelled; ``error`` is (code, message)."""

    id: str
    status: str
    result: dict[str, Any] | None
    error: tuple[str, str] | None


def ask(
    settings: Settings,
    kind: str,
    request: Mapping[str, object],
    console: Console,
    *,
    priority: int = 5,
    timeout_s: float | None = None,
) -> Answer:
    """Send a request, show on ``console`` how it goes, wait for what comes of it; Ctrl-C cancels it.

    Raises FailureError when there is no broker, or nobody takes the request within ACCEPTED_WITHIN_S.
    """
    job = uuid.uuid4().hex
    submit = {"id": job, "request": dict(request), "priority": priority}
    if timeout_s is not None:
        submit["timeout_s"] = timeout_s
    inbox: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
    logging.getLogger("smarthome.bus").setLevel(logging.WARNING)  # that it is connected is nothing to tell who asks
    topics = (TaskTopics.event(kind, job), TaskTopics.result(kind, job))
    with (
        Bus(settings.mqtt, inbox.put, client=f"ask-{job[:12]}", commands=topics) as bus,
        _cancelled_by_ctrl_c(inbox),
        _Display(console) as display,
    ):
        bus.wait_connected(CONNECTED_WITHIN_S)
        return _Asked(bus, kind, job, json.dumps(submit, ensure_ascii=False), display).follow(inbox)


class _Asked:
    """A request that was sent."""

    def __init__(self, bus: Bus, kind: str, job: str, submit: str, display: _Display) -> None:
        self._bus = bus
        self._kind = kind
        self._job = job
        self._submit = submit
        self._display = display
        self._heard = self._taken = False
        self._began = time.monotonic()

    def follow(self, inbox: queue.SimpleQueue[Event | None]) -> Answer:
        """Sent at each connection, the first of which is in the ``inbox`` already."""
        while True:
            try:
                event = inbox.get(timeout=AGAIN_S)
            except queue.Empty:
                self._hurry()
                continue
            if event is None:
                self._bus.publish(TaskTopics.cancel(self._kind, self._job), "{}")
            elif isinstance(event, Connected):
                self._send()
            elif isinstance(event, Message) and (answer := self._hear(event)):
                return answer

    def _send(self) -> None:
        self._bus.publish(TaskTopics.submit(self._kind), self._submit)

    def _hurry(self) -> None:
        if self._heard:
            return
        if time.monotonic() - self._began > ACCEPTED_WITHIN_S:
            raise FailureError(
                f"nobody takes requests of kind {self._kind}: start `smarthome work`, or look at the topic"
                f" {TaskTopics.intake}"
            )
        self._send()

    def _hear(self, message: Message) -> Answer | None:
        told = json.loads(message.payload)
        if message.topic == TaskTopics.result(self._kind, self._job):
            return Answer(self._job, told["status"], told["result"], _error(told["error"]))
        self._heard = True
        if told.get("refused") and not self._taken:
            return Answer(self._job, "error", None, _error(told["error"]))
        self._taken = True  # what is refused from now on was sent by somebody else
        self._display.show(told)
        return None


class _Display:
    """Bars and streamed text."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._bar: TaskID | None = None
        self._streams = False

    def __enter__(self) -> Self:
        self._progress.start()
        self._bar = self._progress.add_task("отправлено", total=None)
        return self

    def __exit__(self, *exc: object) -> None:
        self._progress.stop()
        if self._streams:
            self._console.print()

    def show(self, told: Mapping[str, Any]) -> None:
        """An event of the request."""
        if self._bar is None:
            return
        if (text := told.get("text")) and self._console.is_terminal:
            if not self._streams:
                self._progress.stop()
            self._streams = True
            self._console.print(text, end="", markup=False, highlight=False, soft_wrap=True)
        elif "done" in told and not self._streams:
            self._progress.update(
                self._bar, description=told.get("note") or "выполняется", completed=told["done"], total=told["total"]
            )
        elif told["event"] in _STATES:
            self._progress.update(self._bar, description=_STATES[told["event"]])


@contextmanager
def _cancelled_by_ctrl_c(inbox: queue.SimpleQueue[Event | None]) -> Iterator[None]:
    """The first Ctrl-C asks for the end, the second one ends."""

    def cancel(_number: int, _frame: FrameType | None) -> None:
        inbox.put(None)
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = signal.signal(signal.SIGINT, cancel)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _error(told: Mapping[str, str] | None) -> tuple[str, str] | None:
    return None if told is None else (told["code"], told["message"])
