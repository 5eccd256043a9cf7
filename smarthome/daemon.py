"""The world around the voice flow: threads and signals put events into one inbox, one loop performs the effects.

The microphone's, the broker client's and the recogniser's threads do nothing but put values there.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from types import FrameType
from typing import Protocol, TypeAlias

from smarthome.bus.client import Broker
from smarthome.bus.inbox import Inbox, Lane, Latest, Place, event_place
from smarthome.bus.topics import Topics
from smarthome.ears.captured import Captured
from smarthome.ears.vad import VoiceDetector
from smarthome.events import (
    Effect,
    Event,
    FileDone,
    FileStarted,
    Frame,
    Message,
    Publish,
    Reply,
    Report,
    Said,
    Stop,
    Tick,
    Transcribe,
    Utterance,
    Warn,
)
from smarthome.listen import Listener
from smarthome.recognition import Recognition
from smarthome.record import PublishText, public_record
from smarthome.service import ServiceManager

logger = logging.getLogger(__name__)

Item: TypeAlias = Event | Captured
HEARTBEAT_S = 10.0
BACKLOG = 10
"""States are published while the broker has fewer messages than this to acknowledge, so that no command queues."""
BACKLOG_S = 0.01


class Source(Protocol):
    """Where sound comes from, once entered: a microphone, or files."""

    def taken(self) -> None:
        """One captured frame is done with."""

    def file_done(self) -> None:
        """Every utterance of the current file is reported: the next one may begin."""


class Outlet(Protocol):
    """Who watches: the terminal, a program reading JSON lines, the demo's table."""

    def utterance(self, report: Report, ms: dict[str, float]) -> None:
        """An utterance is done."""

    def file_failed(self, path: str, reason: str) -> None:
        """An audio file could not be read (to its end)."""

    def reply(self, text: str) -> None:
        """The house speaks."""


def place(item: Item) -> Place:
    """Where something waits in the inbox: captured sound like frames, everything else as an event."""
    match item:
        case Captured():
            return Lane.SOUND
        case Said():
            return Latest("said")  # behind the states that came before it: it may ask for them
    return event_place(item)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a daemon works with. ``bus`` is None when nothing shall be published (``--dry-run``).

    Only who ``owns_site``, the one that announces its availability, publishes the site's retained states.
    """

    inbox: Inbox[Item]
    topics: Topics
    outlet: Outlet
    bus: Broker | None
    publish_text: PublishText
    vad: VoiceDetector
    recognition: Recognition | None = None
    owns_site: bool = True


class Daemon:
    """Runs a Listener until a Stop comes, or until its ``jobs`` are done: files heard, or, without a source, texts."""

    def __init__(self, listener: Listener, around: Surroundings, source: Source | None = None) -> None:
        self._listener = listener
        self._around = around
        self._source = source
        self._service = ServiceManager()
        self._failed = False
        self._jobs: int | None = None
        self._states: dict[str, Publish] = {}

    def run(self, jobs: int | None = None) -> int:
        """The loop; returns the exit code: 1 when a file could not be read or something broke, else 0."""
        self._jobs = jobs
        self._service.ready()
        while not (self._jobs == 0 and self._listener.idle and not self._states):
            item = self._around.inbox.get(self._patience())
            self._service.alive()
            if isinstance(item, Stop):
                self._failed |= self._end(item)
                break
            if item is not None:
                self._take(item)
            self._tick()
            self._publish_states()
        self._service.stopping()
        return 1 if self._failed else 0

    def _end(self, stop: Stop) -> bool:
        if stop.error:
            logger.error("%s", stop.error)
        return stop.error is not None

    def _take(self, item: Item) -> None:
        match item:
            case Captured(pcm=pcm, captured_at=at):
                self._handle(Frame(pcm, self._around.vad.voiced(pcm), at))
                if self._source is not None:
                    self._source.taken()
            case FileStarted():
                self._around.vad.reset()
                self._handle(item)
            case _:
                self._handle(item)

    def _patience(self) -> float:
        longest = BACKLOG_S if self._states else HEARTBEAT_S
        deadline = self._listener.next_deadline
        return longest if deadline is None else min(longest, max(0.0, deadline - time.monotonic()))

    def _tick(self) -> None:
        deadline = self._listener.next_deadline
        if deadline is not None and deadline <= time.monotonic():
            self._handle(Tick())

    def _handle(self, event: Event) -> None:
        try:
            effects = self._listener.handle(event, time.monotonic())
        except Exception:
            logger.exception("a %s could not be handled", type(event).__name__)
            self._failed |= self._jobs is not None
            effects = self._listener.recover(event, "see the log")
        self._perform(effects)

    def _perform(self, effects: Sequence[Effect]) -> None:
        began = time.monotonic()
        for effect in effects:
            match effect:
                case Transcribe(utterance=utterance):
                    self._transcribe(utterance)
                case Publish():
                    self._publish(effect)
                case Report():
                    self._report(effect, began)
                case Reply(text=text):
                    self._around.outlet.reply(text)
                    if self._around.publish_text != "none":
                        self._publish(Publish(self._around.topics.reply, text))
                case FileDone(path=path, error=error):
                    self._finish_file(path, error)
                case Warn(text=text):
                    logger.warning("%s", text)

    def _transcribe(self, utterance: Utterance) -> None:
        if self._around.recognition is not None:
            self._around.recognition.transcribe(utterance)

    def _publish(self, what: Publish) -> None:
        bus = self._around.bus
        if bus is None:
            return
        if what.retain:
            if self._around.owns_site:
                self._states[what.topic] = what
        elif not bus.publish(what.topic, what.payload, retain=what.retain, command=what.command) and what.command:
            logger.warning("the broker went away at this moment: not sent, and not kept: %s", what.topic)

    def _publish_states(self) -> None:
        """Retained states, the newest of each topic, as far as there is room behind what is urgent."""
        bus = self._around.bus
        while bus is not None and self._states and bus.backlog < BACKLOG:
            what = self._states.pop(next(iter(self._states)))
            bus.publish(what.topic, what.payload, retain=True)

    def _report(self, report: Report, began: float) -> None:
        """Tell what became of an utterance, with the times that only the outside knows."""
        done = time.monotonic()
        ms = {"publish": (done - began) * 1000}
        if report.ended_at is not None:
            ms["total"] = (done - report.ended_at) * 1000
        stages = " ".join(f"{stage}={value:.0f}" for stage, value in {**report.ms, **ms}.items())
        reason = report.reason.partition(":")[0] if report.reason else "-"
        logger.info("%s %s %s, %d commands, ms: %s", report.id, report.status, reason, len(report.commands), stages)
        self._around.outlet.utterance(report, ms)
        self._publish(Publish(self._around.topics.event, public_record(report, ms, self._around.publish_text)))
        if self._source is None:
            self._job_done()

    def _finish_file(self, path: str, error: str | None) -> None:
        if error:
            self._failed = True
            self._around.outlet.file_failed(path, error)
        if self._source is not None:
            self._source.file_done()
        self._job_done()

    def _job_done(self) -> None:
        if self._jobs:
            self._jobs -= 1


def new_inbox() -> Inbox[Item]:
    """An inbox that keeps this process's order of importance."""
    return Inbox(place, merge=merged)


def merged(old: Item, new: Item) -> Item:
    """Two waiting states of one topic as one: devices may report only what changed."""
    if not (isinstance(old, Message) and isinstance(new, Message)):
        return new
    try:
        before, after = json.loads(old.payload), json.loads(new.payload)
    except (ValueError, RecursionError):
        return new
    if not (isinstance(before, dict) and isinstance(after, dict)):
        return new
    return replace(new, payload=json.dumps({**before, **after}).encode(), retained=old.retained and new.retained)


def leave_on_signals() -> None:
    """While nothing runs yet that would have to be ended in order: SIGTERM and Ctrl-C end the process at once."""

    def leave(_number: int, _frame: FrameType | None) -> None:
        os._exit(0)

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)


def stop_on_signals(put: Callable[[Stop], None]) -> None:
    """SIGTERM and Ctrl-C put a Stop into the inbox; nothing is raised in the middle of anything."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        put(Stop())

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
