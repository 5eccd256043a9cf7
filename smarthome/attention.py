"""Frames in, whether they are heard out: mute, the house's own output, levels, the microphone's health.

Pure like ``listen``, whose part it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from smarthome.bus.payloads import parse_switch
from smarthome.bus.topics import Topics
from smarthome.ears.gate import Closed, Gate
from smarthome.ears.health import Health
from smarthome.ears.level import LevelMeter, level
from smarthome.events import Effect, Frame, Loudness, Message, Publish, Warn
from smarthome.record import microphone_record


class Attention:
    """One microphone's, or that of the files in its place."""

    def __init__(self, gate: Gate, topics: Topics, counters: Counter[str]) -> None:
        self.meter = LevelMeter()
        self._gate = gate
        self._topics = topics
        self._counters = counters
        self._health: Health | None = Health()
        self._loudness: Loudness | None = None

    def begin_file(self) -> None:
        """Sound of a file follows: recordings are as they are."""
        self.meter.reset()
        self._health = None

    def lose(self, frames: int) -> Effect:
        """So many frames were not captured."""
        self._counters["frames_lost"] += frames
        return Warn(f"{frames} frames of sound were lost: the machine is too busy to listen")

    def overdue(self, at: float) -> Iterator[Effect]:
        """Complaints about outputs that never told their end."""
        for output in self._gate.overdue(at):
            self._counters["output_overdue"] += 1
            yield Warn(f"{output} did not tell its end; listening again, although it may still play")

    def closed(self, at: float) -> Closed | None:
        """Why a frame captured at this time may not be heard; None when it may."""
        why = self._gate.closed(at)
        if why:
            self.meter.feed(None)
        return why

    def hear(self, frame: Frame) -> Iterator[Effect]:
        """Take a frame's level, and tell when the microphone falls silent or comes back."""
        loud = level(frame.pcm, voiced=frame.voiced)
        self.meter.feed(loud)
        if self._health and self._health.hear(loud):
            yield from self._tell(self._health)

    def judge(self, loudness: Loudness) -> Iterator[Effect]:
        """Tell how well somebody's utterance was heard."""
        if self._health:
            self._loudness = loudness
            self._health.judge(loudness)
            yield from self._tell(self._health)

    def _tell(self, health: Health) -> Iterator[Effect]:
        if complaint := health.complaint():
            yield Warn(complaint)
        yield Publish(self._topics.microphone, microphone_record(health.state, self._loudness), retain=True)

    # --- mute and own output -----------------------------------------------------------------------------------------

    def mute(self, message: Message) -> Iterator[Effect]:
        """Mute, or listen again; an empty message only says that nothing is retained any more. Raises PayloadError."""
        if message.payload:
            self._gate.muted = parse_switch(message.payload)
            yield self.publish_mute()

    def publish_mute(self) -> Publish:
        """Whether the microphone is muted."""
        return Publish(self._topics.mute, "on" if self._gate.muted else "off", retain=True)

    def play(self, output: str, at: float, *, begins: bool) -> None:
        """An output of the house's own begins to play, or has ended."""
        (self._gate.output_started if begins else self._gate.output_ended)(output, at)
