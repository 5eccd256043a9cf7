"""Levels in, what is wrong with the microphone out: it is silent, it is overdriven, or who speaks is hardly heard.

Pure: time is the count of frames.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Literal, TypeAlias

from smarthome.ears.level import Level
from smarthome.events import FRAME_MS, Loudness

SILENT_DBFS = -75.0
"""The electronics of a microphone that works make more noise than that in the quietest room."""

SILENT_MS = 10_000
"""So long without one louder frame: longer than a sound server takes to wake, shorter than anybody's patience."""

CLIPPED = 0.01
"""Share of an utterance's samples at full scale; of a loud voice that just fits it is 0."""

QUIET_DBFS = -50.0
"""WebRTC's detector hears every command at -43 dBFS, at -63 one in four (docs/benchmarks.md)."""

IN_A_ROW = 3
"""So many utterances must be alike: a door that slams is no fault of the microphone's."""

State: TypeAlias = Literal["ok", "silent", "clipped", "quiet"]

COMPLAINTS = MappingProxyType(
    {
        "silent": "the microphone has been silent for 10 s: is it muted, unplugged, or another one (audio.device)?",
        "clipped": "the microphone is overdriven, voices are distorted: lower its gain (alsamixer, pavucontrol)",
        "quiet": "voices are hardly loud enough to be heard: raise the microphone's gain, or put it nearer",
    }
)


class Health:
    """One microphone's. ``state`` follows what is heard; every complaint is made once."""

    def __init__(self) -> None:
        self.state: State = "ok"
        self._silent_ms = 0
        self._row: tuple[State, int] = ("ok", 0)
        self._told: set[State] = set()

    def hear(self, frame: Level) -> bool:
        """Whether this frame changes the state."""
        self._silent_ms = self._silent_ms + FRAME_MS if frame.rms_dbfs < SILENT_DBFS else 0
        if self._silent_ms >= SILENT_MS:
            return self._become("silent")
        return self.state == "silent" and not self._silent_ms and self._become("ok")

    def judge(self, loudness: Loudness) -> bool:
        """Whether this utterance of somebody changes the state."""
        state: State = "ok"
        if loudness.clipped >= CLIPPED:
            state = "clipped"
        elif loudness.speech_dbfs < QUIET_DBFS:
            state = "quiet"
        before, times = self._row
        self._row = (state, times + 1 if state == before else 1)
        return (state == "ok" or self._row[1] >= IN_A_ROW) and self._become(state)

    def complaint(self) -> str | None:
        """What to tell whoever runs the system, if it has not been told."""
        if self.state in self._told:
            return None
        self._told.add(self.state)
        return COMPLAINTS.get(self.state)

    def _become(self, state: State) -> bool:
        changed = state != self.state
        self.state = state
        return changed
