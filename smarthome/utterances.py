"""Frames in, utterances out, and back the one that the recogniser is done with: what waits between the two."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from smarthome.ears.gate import Closed
from smarthome.ears.segmenter import Dropped, Heard, Segmenter
from smarthome.events import Effect, FileDone, FileEnded, Frame, Loudness, Segment, Transcribe, Utterance, Warn

WAITING = 8
"""Utterances from a microphone that may wait for the recogniser; more are dropped, and counted."""

SAID_MS = 240
"""After so much silence a sentence is taken to be complete when the house itself begins to speak."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """An utterance on its way through the recogniser. ``ended_at`` is when its last voiced frame was captured."""

    utterance: Utterance
    ended_at: float
    endpoint_ms: float

    @property
    def began_at(self) -> float:
        """When its first voiced frame was captured."""
        segment = self.utterance.segment
        return self.ended_at - (segment.end_s - segment.start_s)


class Utterances:
    """What one microphone hears, or the files in its stead. ``run`` makes utterance ids unique across restarts.

    ``measure`` tells how loud a segment was.
    """

    def __init__(
        self, segmenter: Segmenter, counters: Counter[str], run: str, measure: Callable[[Segment], Loudness]
    ) -> None:
        self._measure = measure
        self._segmenter = segmenter
        self._counters = counters
        self._run = run
        self._count = 0
        self._waiting: deque[Waiting] = deque()
        self._file: str | None = None
        self._file_ended: FileEnded | None = None

    @property
    def idle(self) -> bool:
        """Whether nothing is being recognised."""
        return not self._waiting

    def new_id(self) -> str:
        """The next utterance's id."""
        self._count += 1
        return f"{self._run}-{self._count}"

    def hear(self, frame: Frame) -> Iterator[Effect]:
        """30 ms more."""
        yield from self._cut(self._segmenter.feed(frame.pcm, frame.voiced), frame.captured_at)

    def miss(self, at: float, why: Closed) -> Iterator[Effect]:
        """30 ms that may not be heard: an open utterance is given up, unless it was only waiting for its end."""
        if why == "output" and self._segmenter.trailing_silence_ms >= SAID_MS:
            yield from self._cut(self._segmenter.flush(), at)
        if self._segmenter.skip():
            self._counters[f"given_up/{why}"] += 1

    def begin_file(self, path: str) -> None:
        """What comes now is this file's."""
        self._segmenter.reset()
        self._file, self._file_ended = path, None

    def end_file(self, ended: FileEnded, now: float) -> Iterator[Effect]:
        """Nothing more comes of it; it is done when its last utterance is reported."""
        self._file_ended = ended
        yield from self._cut(self._segmenter.flush(), now)
        yield from self.finish_file()

    def recognised(self) -> Waiting:
        """Take out the utterance that the recogniser is done with: they come back in their order."""
        return self._waiting.popleft()

    def finish_file(self) -> Iterator[Effect]:
        """``FileDone``, once, when the file has ended and nothing of it waits."""
        if self._file_ended is not None and not self._waiting:
            yield FileDone(self._file_ended.path, self._file_ended.error)
            self._file_ended = None

    def _cut(self, heard: Iterable[Heard], at: float) -> Iterator[Effect]:
        for segment in heard:
            if isinstance(segment, Dropped):
                self._counters["too_short"] += 1
            if not isinstance(segment, Segment):
                continue
            if self._file is None and len(self._waiting) >= WAITING:
                self._counters["dropped"] += 1
                yield Warn("the recogniser cannot keep up: an utterance was dropped; a smaller model is faster")
                continue
            utterance = Utterance(self.new_id(), segment, self._file, self._measure(segment))
            silence_s = max(0.0, self._segmenter.position_s - segment.end_s)
            self._waiting.append(Waiting(utterance, at - silence_s, silence_s * 1000))
            yield Transcribe(utterance)
