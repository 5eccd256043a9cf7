"""Recording in, what is said in it out, with times; on request its commands are carried out as if spoken.

path or data ─ sandbox: PyAV ─► 16 kHz ─ voice detector ─ segmenter ─► segments ─ Whisper ─► text ─ say topic
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from smarthome.errors import ConfigurationError
from smarthome.events import FRAME_BYTES, FRAME_MS
from smarthome.settings import Settings
from smarthome.settings.section import TopicLevel
from smarthome.tasks import speech
from smarthome.tasks.decoded import Facts, Limits
from smarthome.tasks.inputs.media import MediaRequest, opened
from smarthome.tasks.sandbox import Sandbox
from smarthome.tasks.saying import Executed
from smarthome.tasks.task import Job, TaskError, TaskRequest, TaskResult

if TYPE_CHECKING:
    from smarthome.ears.whisper import Recogniser
    from smarthome.russian import Parser


class TranscribeRequest(MediaRequest):
    """``execute``: say every sentence to ``site`` (none: the settings' own), for ``area`` if one is named."""

    execute: bool = False
    site: TopicLevel | None = None
    area: str | None = Field(default=None, min_length=1, max_length=200)


class Piece(TaskResult):
    """One stretch of speech; seconds from the start of the recording."""

    start_s: float
    end_s: float
    text: str


class TranscribeResult(TaskResult):
    """What is said. ``executed`` is null unless it was asked for; then it has every sentence, sent or not."""

    text: str
    segments: tuple[Piece, ...]
    language: Literal["ru"] = "ru"
    seconds: float
    model: str
    engine: str
    executed: tuple[Executed, ...] | None = None


class SoundFacts(Facts):
    """What ``decoders/sound.py`` tells."""

    seconds: float


class TranscribeTask:
    """The kind ``transcribe``."""

    kind: ClassVar[str] = "transcribe"
    request_type: ClassVar[type[TaskRequest]] = TranscribeRequest
    batch: int = 1

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._sandbox = Sandbox("smarthome.tasks.decoders.sound:decode", SoundFacts, Limits.of(settings.inputs))
        self._plain: Recogniser | None = None
        self._commands: tuple[Recogniser, Parser | None] | None = None

    def load(self) -> None:
        """As the protocol says."""
        self._plain_recogniser()

    def unload(self) -> None:
        """As the protocol says."""
        self._plain = self._commands = None
        self._sandbox.close()

    def run(self, jobs: Sequence[Job[TranscribeRequest]]) -> Sequence[TranscribeResult | TaskError]:
        """As the protocol says."""
        results: list[TranscribeResult | TaskError] = []
        for job in jobs:
            try:
                results.append(self._listen(job))
            except TaskError as error:
                results.append(error)
        return results

    def _listen(self, job: Job[TranscribeRequest]) -> TranscribeResult:
        from smarthome.ears.decoding import RecognitionError
        from smarthome.ears.ghosts import Ghosts
        from smarthome.ears.silero import second_opinion

        request = job.request
        pcm = self._decode(request)
        recogniser, parser = self._for_commands() if request.execute else (self._plain_recogniser(), None)
        with _configured():
            ghosts = Ghosts(second_opinion(self._settings.vad.second_opinion))
        pieces: list[Piece] = []
        total = max(1, round(len(pcm) / FRAME_BYTES * FRAME_MS / 1_000))
        job.report.progress(0, total, "распознаю речь")
        try:
            for utterance in speech.utterances(pcm, self._settings):
                segment = utterance.segment
                if text := speech.text_of(utterance, ghosts, recogniser, parser):
                    pieces.append(Piece(start_s=segment.start_s, end_s=segment.end_s, text=text))
                    job.report.piece(text + "\n")
                job.report.progress(min(total, round(segment.end_s)), total, "распознаю речь")
        except RecognitionError as error:
            raise TaskError("failed", f"the recogniser failed: {error}") from None
        job.report.progress(total, total, "выполняю команды" if request.execute else "готово")
        return TranscribeResult(
            text=" ".join(piece.text for piece in pieces),
            segments=tuple(pieces),
            seconds=round(len(pcm) / FRAME_BYTES * FRAME_MS / 1_000, 3),
            model=recogniser.model,
            engine=recogniser.engine,
            executed=self._execute(job, [piece.text for piece in pieces]) if request.execute else None,
        )

    def _decode(self, request: TranscribeRequest) -> bytes:
        """16 kHz mono 16-bit sound, whole frames."""
        transcribe = self._settings.transcribe
        name, longest = (
            ("execute_seconds", transcribe.execute_seconds) if request.execute else ("seconds", transcribe.seconds)
        )
        options = {"seconds": longest, "setting": f"transcribe.{name}"}
        with opened(request, self._settings) as (file, called):
            pcm = bytes(self._sandbox.run(file, options, called).raw)
        return pcm[: len(pcm) // FRAME_BYTES * FRAME_BYTES]

    def _execute(self, job: Job[TranscribeRequest], texts: Sequence[str]) -> tuple[Executed, ...]:
        from smarthome.tasks.saying import line_to, say_once

        site = job.request.site or self._settings.site
        folder = self._settings.tasks.folder.expanduser() / "executed"
        try:
            with line_to(self._settings.mqtt, site) as line:
                return say_once(folder, _key(job), line, texts, job.request.area)
        except OSError as error:
            raise TaskError(
                "failed", f"{folder}: cannot be written ({error.strerror}); nothing more is carried out"
            ) from None

    def _plain_recogniser(self) -> Recogniser:
        from smarthome.ears.recognisers import open_plain_recogniser

        if self._plain is None:
            with _configured():
                self._plain = open_plain_recogniser(self._settings.whisper)
        return self._plain

    def _for_commands(self) -> tuple[Recogniser, Parser | None]:
        """A recogniser that expects commands, and the house's language if devices.yaml is there."""
        from smarthome.devices import load_inventory
        from smarthome.ears.recognisers import open_recogniser
        from smarthome.russian import Parser

        if self._commands is None:
            if not self._settings.devices.is_file():
                return self._plain_recogniser(), None
            with _configured():
                parser = Parser(load_inventory(self._settings.devices))
                self._commands = open_recogniser(self._settings.whisper), parser
        return self._commands


def _key(job: Job[TranscribeRequest]) -> str:
    """The id and what is asked for: an id that is used again later is another job's."""
    request = hashlib.sha256(job.request.model_dump_json().encode()).hexdigest()
    return f"{job.id}-{request[:16]}"


@contextmanager
def _configured() -> Iterator[None]:
    try:
        yield
    except ConfigurationError as error:
        raise TaskError("no_model", str(error)) from None
