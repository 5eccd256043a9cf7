"""Utterance in, the reason why nobody said it out, before the recogniser is asked: energy first, then another detector.

What the recogniser itself makes up of noise is ``guard.py``'s.
"""

from __future__ import annotations

from typing import NamedTuple

from smarthome.ears.energy import no_energy
from smarthome.ears.silero import SecondOpinion, no_voice
from smarthome.events import Utterance


class Ghost(NamedTuple):
    """Nobody has said this. ``tier`` is who found out: energy, silero."""

    tier: str
    why: str


class Ghosts:
    """Both looks, the second only if there is somebody to ask."""

    def __init__(self, second_opinion: SecondOpinion | None = None) -> None:
        self._second_opinion = second_opinion

    def judge(self, utterance: Utterance) -> Ghost | None:
        """Why an utterance need not be recognised; None when somebody may have spoken."""
        segment, loudness = utterance.segment, utterance.loudness
        if loudness is not None and (why := no_energy(loudness, segment)):
            return Ghost("energy", why)
        if self._second_opinion and (why := no_voice(self._second_opinion.probabilities(segment.pcm))):
            return Ghost("silero", why)
        return None
