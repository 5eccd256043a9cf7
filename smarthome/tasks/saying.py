"""Texts in, each said once to a site's microphone topic; which of them arrived out.

They go to ``smarthome/<site>/say``, as if they had been spoken there; ``smarthome listen`` understands and obeys them.
"""

from __future__ import annotations

import json
import os
import queue
import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from smarthome.bus.client import BrokerUnreachableError, Bus
from smarthome.bus.topics import Topics
from smarthome.events import Event, Message
from smarthome.settings import MqttSettings
from smarthome.tasks.ledger import Ledger
from smarthome.tasks.task import TaskResult

CONNECT_S = 5.0
ONLINE_S = 1.0
"""How long after connecting the site's retained availability may take."""

ACKNOWLEDGE_S = 5.0
LONGEST = 500
"""Characters that the say topic takes."""


class Executed(TaskResult):
    """One recognised text. ``sent``: the broker has it and the site was there to obey it; else ``note`` says why."""

    text: str
    sent: bool
    note: str | None = None


class Line(Protocol):
    """A connection to a site."""

    def why_not(self) -> str | None:
        """In Russian, why nothing can be said now; None: it can."""

    def say(self, payload: str) -> bool:
        """Whether the broker has acknowledged it in time."""


class _BusLine:
    def __init__(self, bus: Bus, topics: Topics, events: queue.SimpleQueue[Event], reachable: str | None) -> None:
        self._bus = bus
        self._topics = topics
        self._events = events
        self._trouble = reachable
        self._online = False
        self._told_by = time.monotonic() + ONLINE_S

    def why_not(self) -> str | None:
        """As the protocol says."""
        if self._trouble:
            return self._trouble
        while not self._online or not self._events.empty():
            try:
                event = self._events.get(timeout=max(0.0, self._told_by - time.monotonic()))
            except queue.Empty:
                break
            if isinstance(event, Message) and event.topic == self._topics.availability:
                self._online = event.payload == b"online"
        return None if self._online else f"площадка «{self._topics.site}» не слушает: команда не отправлена"

    def say(self, payload: str) -> bool:
        """As the protocol says."""
        return self._bus.publish(self._topics.say, payload) and self._bus.flush(ACKNOWLEDGE_S)


@contextmanager
def line_to(mqtt: MqttSettings, site: str) -> Iterator[Line]:
    """A connection of its own, while entered; a broker that is away shows in ``why_not``."""
    topics = Topics(site)
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    name = f"transcribe-{os.getpid()}-{secrets.token_hex(4)}"
    with Bus(mqtt, events.put, client=name, states=(topics.availability,)) as bus:
        trouble = None
        try:
            bus.wait_connected(CONNECT_S)
        except BrokerUnreachableError as error:
            trouble = f"брокер недоступен, команда не отправлена ({error})"
        yield _BusLine(bus, topics, events, trouble)


def say_once(folder: Path, key: str, line: Line, texts: Sequence[str], area: str | None) -> tuple[Executed, ...]:
    """Say every text, in order; what an earlier attempt at the job has tried is not tried again."""
    with Ledger(folder, key) as ledger:
        texts = ledger.begin(texts)
        for place, text in enumerate(texts):
            if place not in ledger.states:
                _say(ledger, place, line, _payload(text, area))
        return tuple(_executed(text, ledger.states.get(place), line) for place, text in enumerate(texts))


def _say(ledger: Ledger, place: int, line: Line, payload: str | None) -> None:
    if payload is None or line.why_not() is not None:
        ledger.mark(place, "lost")
        return
    ledger.mark(place, "begun")
    if line.say(payload):
        ledger.mark(place, "sent")


def _payload(text: str, area: str | None) -> str | None:
    """None: the topic takes no text of that length."""
    if len(text) > LONGEST:
        return None
    return json.dumps({"text": text, "area": area} if area else {"text": text}, ensure_ascii=False)


def _executed(text: str, state: str | None, line: Line) -> Executed:
    if state == "sent":
        return Executed(text=text, sent=True)
    if state == "begun":
        return Executed(text=text, sent=False, note="неизвестно, дошла ли команда; она не повторяется")
    if len(text) > LONGEST:
        return Executed(text=text, sent=False, note=f"длиннее {LONGEST} символов: это не команда")
    return Executed(text=text, sent=False, note=line.why_not() or "команда не отправлена: не было связи с домом")
