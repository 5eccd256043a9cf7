"""Sound in, Transcript out: the recogniser's port, a fake, and Whisper behind it.

    samples ─ mel.log_mel ─► spectrogram ─ Engine.decode ─► hypotheses ─ Vocabulary.text ─► Transcript

Importing this imports neither torch nor CTranslate2; ``open_recogniser`` imports the one that is needed.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Protocol

import numpy as np

from smarthome.ears import cache, conversion, weights
from smarthome.ears.decoding import Engine, RecognitionError, Search
from smarthome.ears.hardware import Hardware, wait_asleep
from smarthome.ears.mel import Floats, log_mel
from smarthome.ears.vocabulary import LONGEST, Vocabulary
from smarthome.events import SAMPLE_RATE, Transcript
from smarthome.settings import WhisperSettings


class Recogniser(Protocol):
    """Hears Russian speech. ``engine``, ``model`` and ``beam`` say how, for people and reports."""

    engine: str
    model: str
    beam: int

    def transcribe(self, pcm: Floats) -> Transcript:
        """What is said in ``pcm``, float32 [n] at 16 kHz in [-1, 1]; nothing after the first 30 s is heard.

        Raises RecognitionError when this sound cannot be recognised, ValueError for other shapes and types.
        """


class ScriptedRecogniser:
    """The fake: hears the next text of its script whatever sounds, or fails with the next error of it.

    ``compute_s`` is how long each takes. At the end of the script it raises RecognitionError.
    """

    engine = "scripted"
    model = "script"
    beam = 1

    def __init__(self, script: Iterable[str | Exception], compute_s: float = 0.0) -> None:
        self._script = iter(script)
        self._compute_s = compute_s

    def transcribe(self, pcm: Floats) -> Transcript:  # noqa: ARG002
        """The next line of the script."""
        time.sleep(self._compute_s)
        line = next(self._script, RecognitionError("the script has ended"))
        if isinstance(line, Exception):
            raise line
        return Transcript(
            line, avg_logprob=-0.1, no_speech_prob=0.01, tokens=len(line.split()), compute_s=self._compute_s
        )


class WhisperRecogniser:
    """Whisper (Radford et al. 2022) on either engine: Russian, transcribing, without timestamps, temperature 0."""

    def __init__(self, engine: Engine, vocabulary: Vocabulary, model: str, beam: int) -> None:
        self.engine = engine.name
        self.model = model
        self.beam = beam
        self._engine = engine
        self._vocabulary = vocabulary
        self._search = Search(vocabulary.prompt, vocabulary.suppress, vocabulary.suppress_first, LONGEST, beam)

    def transcribe(self, pcm: Floats) -> Transcript:
        """As the protocol says."""
        started = time.perf_counter()
        decoded = self._engine.decode(log_mel(pcm, self._engine.bands), self._search)
        best = decoded.hypotheses[0]
        text = self._vocabulary.text(best.tokens)
        return Transcript(
            text, best.avg_logprob, decoded.no_speech_prob, len(best.tokens), time.perf_counter() - started
        )


def open_recogniser(settings: WhisperSettings) -> WhisperRecogniser:
    """Find, convert if need be, and load the model; a second with Whisper-base on CTranslate2.

    Raises ConfigurationError for a missing or damaged model and for hardware that is not there.
    """
    wait_asleep()
    hardware = Hardware.choose(settings)
    found = weights.find(settings)
    directory = conversion.in_format(found, hardware.engine, cache.location(settings.cache))
    vocabulary = Vocabulary.read(directory)
    engine: Engine
    if hardware.engine == "transformers":
        from smarthome.ears.transformers_engine import TransformersEngine

        engine = TransformersEngine(directory, hardware, vocabulary)
    else:
        from smarthome.ears.ctranslate2_engine import CTranslate2Engine

        engine = CTranslate2Engine(directory, hardware)
    return WhisperRecogniser(engine, vocabulary, found.name, settings.beam)


def warm_up(recogniser: Recogniser) -> None:
    """Let it recognise a second of silence, so that the first command does not wait for memory and kernels."""
    recogniser.transcribe(np.zeros(SAMPLE_RATE, np.float32))
