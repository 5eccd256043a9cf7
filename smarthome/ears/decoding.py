"""What an engine is asked for and what it answers, and the beam search that makes both engines answer alike.

Spectrogram in, encoding out; encoding in, hypotheses out: whisper.py asks, transformers_engine.py and
ctranslate2_engine.py answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from smarthome.ears.mel import Floats

Encoding: TypeAlias = npt.NDArray[np.floating]
"""The encoder's output, [positions, width] in the engine's precision; a position is 20 ms, two frames of the mel."""


@dataclass(frozen=True, slots=True)
class Search:
    """How to look for the words in a spectrogram.

    ``prompt`` ends with the token after which the text begins; ``suppress`` may occur nowhere, ``suppress_first`` not
    as the first token of the text. At most ``longest`` tokens are made. ``beam`` 1 is greedy, and at most as many
    ``hypotheses`` can be had.
    """

    prompt: tuple[int, ...]
    suppress: tuple[int, ...]
    suppress_first: tuple[int, ...]
    longest: int
    beam: int = 1
    hypotheses: int = 1


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """Text tokens without the end token, and the log-probability of them all, the end token included."""

    tokens: tuple[int, ...]
    logprob: float

    @property
    def score(self) -> float:
        """What hypotheses are ranked by: log-probability per text token, as CTranslate2 does."""
        return self.logprob / len(self.tokens) if self.tokens else float("-inf")

    @property
    def avg_logprob(self) -> float:
        """Log-probability per token, the end token included (Radford et al. 2022, section 4.5)."""
        return self.logprob / (len(self.tokens) + 1)


@dataclass(frozen=True, slots=True)
class Decoded:
    """Hypotheses, best first (at least one), and the probability of Whisper's no-speech token."""

    hypotheses: tuple[Hypothesis, ...]
    no_speech_prob: float


class RecognitionError(Exception):
    """The engine failed on this sound (out of memory, lost GPU); the next one may work again."""


class Engine(Protocol):
    """A Whisper model in memory. ``name`` is the engine's, ``bands`` how many mel bands the model wants."""

    name: str
    bands: int

    def encode(self, mel: Floats) -> Encoding:
        """What the encoder makes of ``mel``, float32 [bands, n], n even, at most 3000. Raises RecognitionError."""

    def decode(self, encoding: Encoding, search: Search) -> Decoded:
        """What is said in ``encoding``, [positions, width], at most 1500 of them. Raises RecognitionError."""


class Candidate(NamedTuple):
    """A beam's possible next token. ``logprob`` is that of the whole text so far with it."""

    logprob: float
    origin: int
    token: int


@dataclass
class BeamSearch:
    """Keeps the ``size`` best unfinished texts until as many are finished; the tensors stay with the engine.

    The rules are CTranslate2's, and those of OpenAI's reference: twice ``size`` candidates per step; an end token among
    the best ``size`` finishes a text, and the next best candidate takes its place.
    """

    size: int
    end: int
    longest: int
    texts: list[tuple[int, ...]] = field(default_factory=lambda: [()])
    finished: list[Hypothesis] = field(default_factory=list)

    @property
    def width(self) -> int:
        """How many candidates a step needs."""
        return 2 * self.size

    @property
    def done(self) -> bool:
        """Whether enough texts are finished."""
        return len(self.finished) >= self.size

    def step(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """From the ``width`` best candidates, best first, to those to go on with."""
        last = len(self.texts[0]) + 1 == self.longest
        for each in candidates[: self.size]:
            if last or each.token == self.end:
                self._finish(each)
        going_on = [each for each in candidates if each.token != self.end][: self.size]
        self.texts = [(*self.texts[each.origin], each.token) for each in going_on]
        return going_on

    def best(self, count: int) -> tuple[Hypothesis, ...]:
        """The best finished texts, best first."""
        return tuple(sorted(self.finished, key=lambda each: each.score, reverse=True)[:count])

    def _finish(self, candidate: Candidate) -> None:
        text = self.texts[candidate.origin]
        tokens = text if candidate.token == self.end else (*text, candidate.token)
        self.finished.append(Hypothesis(tokens, candidate.logprob))
