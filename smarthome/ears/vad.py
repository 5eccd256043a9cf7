"""30 ms of sound in, "there is a voice in it" out: what the segmenter cuts by."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from smarthome.events import SAMPLE_RATE


class VoiceDetector(Protocol):
    """Tells voice from everything else, frame by frame."""

    def voiced(self, frame: bytes) -> bool:
        """Whether there is a voice in this frame of ``FRAME_BYTES``; frames come in order."""
        ...

    def reset(self) -> None:
        """Forget the sound so far: the next frame comes from another source."""
        ...


class WebRtcVad:
    """WebRTC's detector: Gaussian mixtures over six sub-band energies, adapting to the background.

    ``aggressiveness`` from 0 (lets much through) to 3 (little), as in ``WebRtcVad_set_mode``.
    """

    def __init__(self, aggressiveness: int) -> None:
        self._aggressiveness = aggressiveness
        self.reset()

    def voiced(self, frame: bytes) -> bool:
        """As the protocol says; raises ``webrtcvad.Error`` when the frame is not 10, 20 or 30 ms long."""
        return bool(self._vad.is_speech(frame, SAMPLE_RATE))

    def reset(self) -> None:
        """As the protocol says."""
        import webrtcvad

        self._vad = webrtcvad.Vad(self._aggressiveness)


class ScriptedVad:
    """Answers as it was told, then "no voice" for ever: for trying out what follows, without sound."""

    def __init__(self, script: Iterable[bool]) -> None:
        self._script = tuple(script)
        self.reset()

    def voiced(self, frame: bytes) -> bool:  # noqa: ARG002
        """The next answer of the script, whatever the frame holds."""
        return next(self._answers, False)

    def reset(self) -> None:
        """Start the script again."""
        self._answers = iter(self._script)
