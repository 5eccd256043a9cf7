"""Word errors as they are counted for both sides, and how far chance could have led them.

Lower case, ё as е, no punctuation, digits as they stand; all edits over all words. Intervals are bootstrapped over the
clips (Efron and Tibshirani 1993, percentile intervals), the difference in pairs: both sides heard the same clips.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from smarthome.errors import ConfigurationError
from smarthome.metrics.speech import plain

Counts: TypeAlias = Sequence[int]

ROUNDS = 2_000
CONFIDENCE = 95.0
_LONGEST_PHRASE = 6


@dataclass(frozen=True, slots=True)
class Interval:
    """A rate, and where it lies with 95 % confidence."""

    value: float
    low: float
    high: float


def word_edits(reference: str, heard: str) -> tuple[int, int]:
    """(edits, words of the reference). Raises ConfigurationError when jiwer is not installed."""
    try:
        import jiwer  # noqa: PLC0415 (of the extra `dev`)
    except ImportError:
        raise ConfigurationError("word errors are counted by jiwer: pip install 'smarthome[dev]'") from None
    found = jiwer.process_words(plain(reference), plain(heard))
    edits = found.substitutions + found.deletions + found.insertions
    return int(edits), int(found.hits + found.substitutions + found.deletions)


def runs_on(reference: str, heard: str) -> bool:
    """Whether words come back three times or more in a row that do not in ``reference``."""
    return _most_in_a_row(plain(heard).split()) > max(2, _most_in_a_row(plain(reference).split()))


def error_rate(edits: Counts, words: Counts, seed: int = 1) -> Interval:
    """Pooled word error rate."""
    rates = _resampled(np.array([edits]), np.array(words), seed)[0]
    return _interval(sum(edits) / sum(words), rates)


def difference(ours: Counts, peers: Counts, words: Counts, seed: int = 1) -> Interval:
    """Our pooled error rate less the peer's on the same clips."""
    rates = _resampled(np.array([ours, peers]), np.array(words), seed)
    return _interval((sum(ours) - sum(peers)) / sum(words), rates[0] - rates[1])


def _resampled(edits: NDArray[np.int64], words: NDArray[np.int64], seed: int) -> NDArray[np.float64]:
    """Error rates [side, round], of clips drawn again and again."""
    drawn = np.random.default_rng(seed).integers(len(words), size=(ROUNDS, len(words)))
    return np.asarray(edits[:, drawn].sum(axis=2) / words[drawn].sum(axis=1))


def _interval(value: float, rates: NDArray[np.float64]) -> Interval:
    low, high = np.percentile(rates, [(100 - CONFIDENCE) / 2, (100 + CONFIDENCE) / 2])
    return Interval(value, float(low), float(high))


def _most_in_a_row(words: Sequence[str]) -> int:
    """How often the same one to six words stand one after the other, at most."""
    most = 1 if words else 0
    for size in range(1, _LONGEST_PHRASE + 1):
        for start in range(len(words) - size):
            times, phrase = 1, words[start : start + size]
            while words[start + times * size : start + (times + 1) * size] == phrase:
                times += 1
            most = max(most, times)
    return most
