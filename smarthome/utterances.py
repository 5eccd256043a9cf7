"""Frames in, utterances out, and back the answers of the recogniser: what waits between the two.

An utterance is recognised while the segmenter still waits for its end: that guess is final when nothing more is said,
and thrown away when something is. Pure: times are handed in.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from smarthome.ears.gate import Closed
from smarthome.ears.segmenter import Dropped, Heard, Segmenter
from smarthome.endpoint import Endpoint, Prospect
from smarthome.events import (
    Effect,
    FileDone,
    FileEnded,
    Frame,
    Loudness,
    NotSpeech,
    Segment,
    Transcribe,
    Transcribed,
    TranscriptionFailed,
    Utterance,
    Warn,
)

WAITING = 8
"""Utterances from a microphone that may wait for the recogniser; more are dropped, and counted."""

SAID_MS = 240
"""After so much silence a sentence is taken to be complete when the house itself begins to speak."""

Answer: TypeAlias = Transcribed | NotSpeech | TranscriptionFailed


@dataclass(eq=False, slots=True)
class Waiting:
    """An utterance on its way through the recogniser. ``ended_at`` is when its last voiced frame was captured.

    ``hidden`` says that its answer was there when it ended: nobody waited for the recogniser.
    """

    utterance: Utterance
    ended_at: float
    endpoint_ms: float = 0.0
    answer: Answer | None = None
    hidden: bool = False

    @property
    def began_at(self) -> float:
        """When its first voiced frame was captured."""
        segment = self.utterance.segment
        return self.ended_at - (segment.end_s - segment.start_s)


class Utterances:
    """What one microphone hears, or the files in its stead. ``run`` makes utterance ids unique across restarts.

    ``measure`` tells how loud a segment was; ``endpoint`` when an utterance ends, and whether to guess before.
    """

    def __init__(
        self,
        segmenter: Segmenter,
        endpoint: Endpoint,
        counters: Counter[str],
        run: str,
        measure: Callable[[Segment], Loudness],
    ) -> None:
        self._measure = measure
        self._segmenter = segmenter
        self._endpoint = endpoint
        self._counters = counters
        self._run = run
        self._count = 0
        self._asked: deque[Waiting] = deque()  # of the recogniser, guesses included, in the order of its answers
        self._waiting: deque[Waiting] = deque()
        self._guess: Waiting | None = None  # at the open utterance, as if it had ended
        self._open_id: str | None = None
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
        if frame.voiced and self._guess is not None:
            self._counters["speculation/resumed"] += 1
            self._forget_guess()
        yield from self._cut(self._segmenter.feed(frame.pcm, frame.voiced), frame.captured_at)
        busy = self._guess is not None or bool(self._asked)
        if not busy and self._endpoint.may_guess(self._segmenter.trailing_silence_ms):
            yield from self._speculate(frame.captured_at)

    def miss(self, at: float, why: Closed) -> Iterator[Effect]:
        """30 ms that may not be heard: an open utterance is given up, unless it was only waiting for its end."""
        if why == "output" and self._segmenter.trailing_silence_ms >= SAID_MS:
            yield from self._cut(self._segmenter.flush(), at)
        if self._segmenter.skip():
            self._counters[f"given_up/{why}"] += 1
        self._forget_guess()

    def begin_file(self, path: str) -> None:
        """What comes now is this file's."""
        self._segmenter.reset()
        self._forget_guess()
        self._file, self._file_ended = path, None

    def end_file(self, ended: FileEnded, now: float) -> Iterator[Effect]:
        """Nothing more comes of it; it is done when its last utterance is reported."""
        self._file_ended = ended
        yield from self._cut(self._segmenter.flush(), now)
        yield from self.finish_file()

    def finish_file(self) -> Iterator[Effect]:
        """``FileDone``, once, when the file has ended and nothing of it waits."""
        if self._file_ended is not None and not self._waiting:
            yield FileDone(self._file_ended.path, self._file_ended.error)
            self._file_ended = None

    # --- what the recogniser says ------------------------------------------------------------------------------------

    def answered(self, answer: Answer) -> Waiting | None:
        """Take an answer to what was asked longest ago; returns the guess that it answers, if it still counts."""
        asked = self._asked.popleft()
        asked.answer = answer
        if isinstance(answer, Transcribed):
            self._endpoint.took(answer.transcript.compute_s)
        return asked if asked is self._guess else None

    def expect(self, prospect: Prospect, at: float) -> Iterator[Effect]:
        """The guess's words may be all, or not: end the open utterance now, or wait longer."""
        silence_ms = self._endpoint.silence_ms(prospect)
        if silence_ms <= self._segmenter.trailing_silence_ms:
            self._counters["endpoint/early"] += 1
            yield from self._cut(self._segmenter.flush(), at)
        else:
            self._segmenter.silence_ms = silence_ms

    def ready(self) -> Iterator[Waiting]:
        """Take out the utterances that are over and recognised, in their order."""
        while self._waiting and self._waiting[0].answer is not None:
            yield self._waiting.popleft()

    # --- where they end ----------------------------------------------------------------------------------------------

    def _speculate(self, at: float) -> Iterator[Effect]:
        segment = self._segmenter.so_far()
        if segment is None:
            return
        self._open_id = self._open_id or self.new_id()
        self._guess = self._ended(Utterance(self._open_id, segment, self._file, self._measure(segment)), at)
        self._asked.append(self._guess)
        self._counters["speculation/asked"] += 1
        yield Transcribe(self._guess.utterance)

    def _forget_guess(self) -> None:
        if self._guess is not None:
            self._guess = None
            self._segmenter.silence_ms = self._endpoint.default_ms

    def _cut(self, heard: Iterable[Heard], at: float) -> Iterator[Effect]:
        for segment in heard:
            if isinstance(segment, Dropped):
                self._counters["too_short"] += 1
                self._guess = self._open_id = None
            if isinstance(segment, Segment):
                yield from self._close(segment, at)

    def _close(self, segment: Segment, at: float) -> Iterator[Effect]:
        guess, self._guess = self._guess, None
        name, self._open_id = self._open_id or self.new_id(), None
        if self._file is None and len(self._waiting) >= WAITING:
            self._counters["dropped"] += 1
            yield Warn("the recogniser cannot keep up: an utterance was dropped; a smaller model is faster")
            return
        if guess is not None and guess.utterance.segment.end_s == segment.end_s:
            guess.hidden = guess.answer is not None
            guess.endpoint_ms = self._silence_ms(segment)
            self._counters["speculation/hidden" if guess.hidden else "speculation/late"] += 1
            self._waiting.append(guess)
            return
        waiting = self._ended(Utterance(name, segment, self._file, self._measure(segment)), at)
        self._waiting.append(waiting)
        self._asked.append(waiting)
        yield Transcribe(waiting.utterance)

    def _ended(self, utterance: Utterance, at: float) -> Waiting:
        silence_ms = self._silence_ms(utterance.segment)
        return Waiting(utterance, at - silence_ms / 1000, silence_ms)

    def _silence_ms(self, segment: Segment) -> float:
        return 1000 * max(0.0, self._segmenter.position_s - segment.end_s)
