"""Sound in, Transcript out: the recogniser's port, a fake, and Whisper behind it.

    samples ─ Splice ─► encoding ─ Engine.decode ─► hypotheses ─ Vocabulary.text ─► Transcript

Importing this imports neither torch nor CTranslate2; ``open_recogniser`` imports the one that is needed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from smarthome.ears import cache, conversion, weights
from smarthome.ears.decoding import Decoded, Encoding, Engine, RecognitionError, Search
from smarthome.ears.hardware import Hardware, wait_asleep
from smarthome.ears.mel import Floats
from smarthome.ears.runaway import DOUBTFUL, SURE, echoes, most_tokens, runaway
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


RECONSIDERED_BEAM = 5
"""What a greedy search finds without believing it is searched for again with so many beams."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a recogniser knows of the sounds to come.

    ``before`` is text that is taken to have been said just before, the ``prompt`` of OpenAI's reference: its words are
    heard more easily. ``hypotheses`` is how many are wanted, at most as many as beams. A text that is ``enough`` needs
    no others: when a greedy search finds one and is sure of it, the beams are not asked.
    """

    before: str = ""
    hypotheses: int = 1
    enough: Callable[[str], bool] | None = None


ANYTHING = Expected()
"""Speech about anything: nothing is expected, and one hypothesis is told."""


class WhisperRecogniser:
    """Whisper (Radford et al. 2022) on either engine: Russian, transcribing, without timestamps, temperature 0.

    With ``once`` every first answer is believed: for measuring with weights that know nothing.
    """

    def __init__(
        self,
        engine: Engine,
        vocabulary: Vocabulary,
        model: str,
        beam: int,
        *,
        expected: Expected = ANYTHING,
        splice: bool = True,
        once: bool = False,
    ) -> None:
        self.engine = engine.name
        self.model = model
        self.beam = beam
        self._engine = engine
        self._vocabulary = vocabulary
        self._expected = expected
        self._splice = Splice(engine) if splice else None
        self._once = once
        self._search = Search(
            vocabulary.prompt_after(expected.before),
            vocabulary.suppress,
            vocabulary.suppress_first,
            LONGEST,
            beam,
            min(expected.hypotheses, beam),
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
        """What is said, and why a first answer was not believed."""
        if self._splice is None or not self._splice.saves(pcm):
            return self._believed(whole(self._engine, pcm), self._search)
        search = replace(self._search, longest=min(LONGEST, most_tokens(len(pcm))))
        decoded, why = self._believed(self._splice.encode(pcm), search)
        best = decoded.hypotheses[0]
        strange = runaway(self._text(decoded), len(best.tokens), search.longest)
        if strange is None or self._once:
            return decoded, why
        return self._believed(whole(self._engine, pcm), self._search)[0], strange

    def _believed(self, encoding: Encoding, search: Search) -> tuple[Decoded, str | None]:
        """What is said in an encoding: without the prompt if that is echoed, with more beams if it is doubtful."""
        quick = self._quick(encoding, search)
        if quick is not None:
            return quick, None
        decoded = self._engine.decode(encoding, search)
        if self._once:
            return decoded, None
        sure = decoded.hypotheses[0].avg_logprob
        before = self._expected.before
        if before and echoes(self._text(decoded), before, sure):
            return self._engine.decode(encoding, replace(search, prompt=self._vocabulary.prompt)), "prompt"
        if search.beam == 1 and sure < DOUBTFUL:
            return self._engine.decode(encoding, replace(search, beam=RECONSIDERED_BEAM)), "doubtful"
        return decoded, None

    def _quick(self, encoding: Encoding, search: Search) -> Decoded | None:
        """What a greedy search finds, if that is enough."""
        enough = self._expected.enough
        if enough is None or search.beam == 1:
            return None
        found = self._engine.decode(encoding, replace(search, beam=1, hypotheses=1))
        text, sure = self._text(found), found.hypotheses[0].avg_logprob
        believed = sure >= SURE and not echoes(text, self._expected.before, sure)
        return found if believed and enough(text) else None

    def _text(self, decoded: Decoded) -> str:
        return self._vocabulary.text(decoded.hypotheses[0].tokens)


def open_recogniser(
    settings: WhisperSettings, expected: Expected = ANYTHING, *, once: bool = False
) -> WhisperRecogniser:
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
        expected=expected,
        splice=settings.splice,
        once=once,
    )


def warm_up(recogniser: Recogniser) -> None:
    """Let it recognise a second of silence, so that the first command does not wait for memory and kernels."""
    recogniser.transcribe(np.zeros(SAMPLE_RATE, np.float32))
