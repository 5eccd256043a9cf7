"""How complete a sentence sounds in, how much silence ends it out; and whether to guess at it before.

Voice assistants call this endpointing. A sentence that can hardly go on («включи свет на кухне») is carried out as soon
as it is recognised; one that may («включи свет»: here? or will a place follow?) has the usual silence to go on, and
what is no command yet («включи свет в…») has more. Pure.
"""

from __future__ import annotations

from collections import deque
from enum import Enum, auto
from statistics import median_low

from smarthome.settings import EndpointSettings

LAST = 5
"""Answers of the recogniser by which its speed is judged: one slow one says little about the next."""


class Prospect(Enum):
    """What may still come after the words so far."""

    COMPLETE = auto()
    MAY_GO_ON = auto()
    DANGLES = auto()


class Endpoint:
    """Follows the settings of a site, and how fast its recogniser is. ``guesses``: whether to guess at all."""

    def __init__(self, settings: EndpointSettings, default_ms: int, *, guesses: bool = True) -> None:
        self._settings = settings
        self._guesses = guesses and settings.speculate_ms > 0
        self._last_ms: deque[float] = deque(maxlen=LAST)
        self.default_ms = default_ms

    def may_guess(self, silence_ms: int) -> bool:
        """Whether to recognise an utterance that has been silent for so long.

        Not where answers take so long that a guess would mostly be in the way of what is said next.
        """
        if not self._guesses or silence_ms < self._settings.speculate_ms:
            return False
        usual_ms = median_low(self._last_ms) if self._last_ms else 0.0
        return usual_ms < self.default_ms

    def took(self, compute_s: float) -> None:
        """How long the recogniser needed for an answer."""
        self._last_ms.append(compute_s * 1000)

    def silence_ms(self, prospect: Prospect) -> int:
        """How much silence ends an utterance whose words sound like that."""
        if prospect is Prospect.DANGLES:
            return self._settings.dangling_ms
        if self._settings.patient:
            return self.default_ms if prospect is Prospect.COMPLETE else self._settings.dangling_ms
        return 0 if prospect is Prospect.COMPLETE else self.default_ms
