"""A clip and its words in, the places between the words out: by Whisper's attention (Radford et al. 2022), CTranslate2.

The attention is right to about a tenth of a second; the quietest place around is taken.
"""

from __future__ import annotations

import numpy as np

from smarthome.bench.asr_sides import whisper_base
from smarthome.ears.audio_files import Samples
from smarthome.ears.mel import FRAMES, log_mel
from smarthome.ears.vocabulary import Vocabulary
from smarthome.events import SAMPLE_RATE

_STEP = SAMPLE_RATE // 50
"""One position of the encoder is 20 ms."""
_AROUND = SAMPLE_RATE // 10
_BLOCK = SAMPLE_RATE // 100


class WordTimes:
    """Finds words with the packaged Whisper-base."""

    def __init__(self) -> None:
        """Raises ConfigurationError when its package is not installed."""
        import ctranslate2  # noqa: PLC0415 (tenths of a second)

        directory = whisper_base()
        self._storage = ctranslate2.StorageView.from_array
        self._model = ctranslate2.models.Whisper(str(directory), "cpu", compute_type="int8")
        self._vocabulary = Vocabulary.read(directory)

    def gaps(self, samples: Samples, text: str) -> list[int]:
        """The samples between two of the words of ``text``; none in one word."""
        tokens, begins = self._tokens(text)
        encoded = self._model.encode(self._storage(log_mel(samples)[np.newaxis]))
        frames = min(FRAMES, len(samples) // (_STEP // 2))
        (found,) = self._model.align(encoded, list(self._vocabulary.prompt[:3]), [tokens], frames)
        steps = dict(reversed(found.alignments))  # the first position of every token
        return [_quietest(samples, steps[token] * _STEP) for token in begins if token in steps]

    def _tokens(self, text: str) -> tuple[list[int], list[int]]:
        """The tokens of the text, and which of them begin a word, the first word left out."""
        tokens: list[int] = []
        begins = []
        for place, word in enumerate(text.split()):
            begins += [len(tokens)] if place else []
            tokens += self._vocabulary.tokenizer.encode(f" {word}", add_special_tokens=False).ids
        return tokens, begins


def _quietest(samples: Samples, around: int) -> int:
    start = max(0, around - _AROUND)
    blocks = samples[start : around + _AROUND]
    blocks = blocks[: len(blocks) // _BLOCK * _BLOCK].reshape(-1, _BLOCK)
    energy = np.convolve(np.square(blocks, dtype=np.float64).sum(axis=1), np.ones(3), mode="same")
    return start + int(energy.argmin()) * _BLOCK + _BLOCK // 2
