"""Sound in, Transcript out: the recogniser's port, a fake, and Whisper behind it.

    samples ─ Splice ─► encoding ─ Engine.decode ─► hypotheses ─ Vocabulary.text ─► Transcript

Importing this imports neither torch nor CTranslate2; ``open_recogniser`` imports the one that is needed.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace
from typing import Protocol

import numpy as np

from smarthome.ears import cache, conversion, weights
from smarthome.ears.decoding import Decoded, Engine, RecognitionError, Search
from smarthome.ears.hardware import Hardware, wait_asleep
from smarthome.ears.mel import Floats
from smarthome.ears.runaway import echoes, most_tokens, runaway
from smarthome.ears.splice import Splice, whole
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
    """Whisper (Radford et al. 2022) on either engine: Russian, transcribing, without timestamps, temperature 0.

    ``before`` is text that is taken to have been said just before, the ``prompt`` of OpenAI's reference: its words are
    heard more easily. ``hypotheses`` is how many are wanted, at most ``beam``.
    """

    def __init__(
        self,
        engine: Engine,
        vocabulary: Vocabulary,
        model: str,
        beam: int,
        *,
        before: str = "",
        hypotheses: int = 1,
        splice: bool = True,
    ) -> None:
        self.engine = engine.name
        self.model = model
        self.beam = beam
        self._engine = engine
        self._vocabulary = vocabulary
        self._before = before
        self._plain_prompt = vocabulary.prompt
        self._splice = Splice(engine) if splice else None
        self._search = Search(
            vocabulary.prompt_after(before), vocabulary.suppress, vocabulary.suppress_first, LONGEST, beam, hypotheses
        )

    def transcribe(self, pcm: Floats) -> Transcript:
        """As the protocol says."""
        started = time.perf_counter()
        decoded, redone = self._decode(pcm)
        texts = [self._vocabulary.text(each.tokens) for each in decoded.hypotheses]
        best = decoded.hypotheses[0]
        others = {text: each.logprob for text, each in zip(texts, decoded.hypotheses, strict=True) if text != texts[0]}
        return Transcript(
            texts[0],
            best.avg_logprob,
            decoded.no_speech_prob,
            len(best.tokens),
            time.perf_counter() - started,
            tuple(others.items()),
            redone,
        )

    def _decode(self, pcm: Floats) -> tuple[Decoded, str | None]:
        """What is said, and why a first answer was not believed: what the prompt says is asked for without it."""
        decoded, why = self._search_for(pcm, self._search)
        best = decoded.hypotheses[0]
        if self._before and echoes(self._vocabulary.text(best.tokens), self._before, best.avg_logprob):
            return self._search_for(pcm, replace(self._search, prompt=self._plain_prompt))[0], "prompt"
        return decoded, why

    def _search_for(self, pcm: Floats, search: Search) -> tuple[Decoded, str | None]:
        if self._splice is None or not self._splice.saves(pcm):
            return self._engine.decode(whole(self._engine, pcm), search), None
        limit = min(LONGEST, most_tokens(len(pcm)))
        decoded = self._engine.decode(self._splice.encode(pcm), replace(search, longest=limit))
        best = decoded.hypotheses[0]
        why = runaway(self._vocabulary.text(best.tokens), len(best.tokens), limit)
        if why is None:
            return decoded, None
        return self._engine.decode(whole(self._engine, pcm), search), why


def open_recogniser(settings: WhisperSettings, *, before: str = "", hypotheses: int = 1) -> WhisperRecogniser:
    """Find, convert if need be, and load the model; two seconds with Whisper-base on CTranslate2.

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
    return WhisperRecogniser(
        engine,
        vocabulary,
        found.name,
        settings.beam,
        before=before,
        hypotheses=min(hypotheses, settings.beam),
        splice=settings.splice,
    )


def warm_up(recogniser: Recogniser) -> None:
    """Let it recognise a second of silence, so that the first command does not wait for memory and kernels."""
    recogniser.transcribe(np.zeros(SAMPLE_RATE, np.float32))
