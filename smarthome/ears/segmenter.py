"""Frames with the detector's word on them in, segments of speech out. Pure: time is the count of frames.

::

    frames    . . . . v . v v v v . v v . . . . . . . . . .
    segment     └ pre-roll ┘└─── speech ───┘└hangover┘    └ here it is known: silence_ms without a voice
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple, TypeAlias

from smarthome.events import FRAME_MS, Segment
from smarthome.settings import SegmenterSettings


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """An utterance began; a ``Segment`` or ``Dropped`` will end it."""

    start_s: float


@dataclass(frozen=True, slots=True)
class Dropped:
    """What had begun held less voiced sound than ``min_ms``."""

    start_s: float
    end_s: float


Heard: TypeAlias = SpeechStarted | Segment | Dropped


class _Frame(NamedTuple):
    pcm: bytes
    voiced: bool


class Segmenter:
    """Cuts speech into utterances.

    Idle, it keeps the pre-roll and waits for ``start_ms`` of voiced frames in a row. In an utterance it keeps
    everything until ``silence_ms`` of unvoiced frames in a row, ``flush``, or ``max_ms``. At ``max_ms`` it cuts in the
    longest pause of the last third, or hard where there is none, and what follows belongs to the next utterance,
    however little it is: of a cut utterance no voiced frame is lost. Segments never share a frame.

    ``silence_ms`` may be set while an utterance is open, to end that one earlier or later.
    """

    def __init__(self, settings: SegmenterSettings) -> None:
        self._settings = settings
        self._max = settings.max_ms // FRAME_MS
        self._start = min(-(-settings.start_ms // FRAME_MS), self._max)
        self._pre_roll = min(settings.pre_roll_ms // FRAME_MS, self._max - self._start)
        self._hangover = settings.hangover_ms // FRAME_MS
        self._voiced_run = self._unvoiced_run = 0
        self.reset()

    def reset(self) -> None:
        """Forget everything: the next frame is at 0 s of a new source."""
        self._clock = 0
        self._idle([])

    def feed(self, pcm: bytes, voiced: bool) -> tuple[Heard, ...]:
        """What the next frame brings about: mostly nothing."""
        self._clock += 1
        self._held.append(_Frame(pcm, voiced))
        self._voiced_run = self._voiced_run + 1 if voiced else 0
        self._unvoiced_run = 0 if voiced else self._unvoiced_run + 1
        return self._listen() if self._first is None else self._follow(self._first)

    def skip(self) -> bool:
        """A frame that nobody may hear: time goes on, what was held is forgotten; whether that was an utterance."""
        was_open = self._first is not None
        self._clock += 1
        self._idle([])
        return was_open

    def flush(self) -> tuple[Heard, ...]:
        """End an open utterance here: the source is at its end, or somebody knows that the sentence is."""
        return () if self._first is None else self._close(self._first)

    def so_far(self) -> Segment | None:
        """The open utterance as ``flush`` would cut it now."""
        return None if self._first is None else self._split(self._first, len(self._held))[0]

    @property
    def position_s(self) -> float:
        """How much of the source has been fed."""
        return self._time_of(len(self._held))

    @property
    def trailing_silence_ms(self) -> int:
        """How long the open utterance has been silent; 0 when none is open."""
        return 0 if self._first is None else self._unvoiced_run * FRAME_MS

    def _idle(self, held: list[_Frame], *, continues: bool = False) -> None:
        """Between utterances; ``continues``: the last one was cut, so a single voiced frame starts the next."""
        self._held = held
        self._first: int | None = None  # the open utterance's first voiced frame, as an index into what is held
        self._voiced_run = self._unvoiced_run = 0
        self._continues = continues
        if not continues:
            self.silence_ms = self._settings.silence_ms

    def _listen(self) -> tuple[Heard, ...]:
        del self._held[: max(0, len(self._held) - self._pre_roll - self._voiced_run)]
        if self._voiced_run >= (1 if self._continues else self._start):
            self._first = len(self._held) - self._voiced_run
            return (SpeechStarted(self._time_of(self._first)), *self._follow(self._first))
        if self._continues and self._is_silent():
            self._idle(self._held)
        return ()

    def _follow(self, first: int) -> tuple[Heard, ...]:
        if self._is_silent():
            return self._close(first)
        if len(self._held) >= self._max:
            return self._cut(first)
        return ()

    def _is_silent(self) -> bool:
        return self._unvoiced_run * FRAME_MS >= self.silence_ms

    def _close(self, first: int) -> tuple[Heard, ...]:
        segment, rest = self._split(first, len(self._held))
        voiced_ms = FRAME_MS * sum(frame.voiced for frame in self._held[first:])
        too_short = voiced_ms < self._settings.min_ms and not self._continues
        self._idle(rest)
        return (Dropped(segment.start_s, segment.end_s) if too_short else segment,)

    def _cut(self, first: int) -> tuple[Heard, ...]:
        segment, rest = self._split(first, self._pause(first), cut=True)
        self._clock -= len(rest)
        self._idle([], continues=True)
        return (segment, *(heard for frame in rest for heard in self.feed(*frame)))

    def _pause(self, first: int) -> int:
        """Where to cut: the middle of the longest pause of the last third, of equal ones the last; else the end."""
        position = max(2 * len(self._held) // 3, first + 1)
        longest, middle = 1, len(self._held)
        for voiced, run in groupby(self._held[position:], key=lambda frame: frame.voiced):
            length = len(list(run))
            if not voiced and length >= longest:
                longest, middle = length, position + (length + 1) // 2
            position += length
        return middle

    def _split(self, first: int, limit: int, *, cut: bool = False) -> tuple[Segment, list[_Frame]]:
        """The segment that lies before index ``limit``, and the frames behind its last one."""
        last = max(index for index in range(first, limit) if self._held[index].voiced)
        end = min(last + 1 + self._hangover, limit)
        pcm = b"".join(frame.pcm for frame in self._held[:end])
        return Segment(pcm, self._time_of(first), self._time_of(last + 1), cut), self._held[end:]

    def _time_of(self, index: int) -> float:
        """Seconds from the source's start to the start of the frame at this index of what is held."""
        return (self._clock - len(self._held) + index) * FRAME_MS / 1000
