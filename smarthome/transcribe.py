"""Audio files in, one Transcription each out: plain recognition, without voice detection, house, prompt or gate.

file ─ audio_files.decode ─► samples ─ windows ─► at most 30 s each ─ Recogniser ─► text

Whisper hears 30 s at a time; longer files are cut where they are quiet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass

import numpy as np

from smarthome.ears.audio_files import AudioFileError, decode
from smarthome.ears.decoding import RecognitionError
from smarthome.ears.mel import WINDOW_S, WINDOW_SAMPLES, Floats
from smarthome.ears.recognisers import warm_up
from smarthome.ears.whisper import Recogniser
from smarthome.events import SAMPLE_RATE

PAUSE_S = 0.2
"""A cut needs this much quiet."""

LOOK_BACK_S = 10
"""How far before the end of a full window the quietest place is looked for."""

BLOCK = SAMPLE_RATE // 50


@dataclass(frozen=True, slots=True)
class Transcription:
    """What one file says, or why that is unknown. ``compute_s`` is wall time from samples in memory to text."""

    file: str
    text: str
    audio_s: float
    compute_s: float
    engine: str
    model: str
    beam: int
    error: str | None = None

    def record(self) -> dict[str, str | int | float]:
        """As a line of JSON shows it: ``error`` only if there is one."""
        return {key: value for key, value in asdict(self).items() if value is not None}


def transcribe(files: Iterable[str], recogniser: Recogniser) -> Iterator[Transcription]:
    """One per file, in the order given, unreadable ones included; after one warm-up that nobody counts."""
    warm_up(recogniser)
    for file in files:
        yield _transcription(file, recogniser)


def _transcription(file: str, recogniser: Recogniser) -> Transcription:
    by = (recogniser.engine, recogniser.model, recogniser.beam)
    try:
        samples = decode(file)
    except AudioFileError as error:
        return Transcription(file, "", 0.0, 0.0, *by, error=str(error))
    audio_s = len(samples) / SAMPLE_RATE
    try:
        heard = [recogniser.transcribe(window) for window in windows(samples)]
    except RecognitionError as error:
        return Transcription(file, "", audio_s, 0.0, *by, error=f"{file}: {error}")
    text = " ".join(each.text for each in heard if each.text)
    return Transcription(file, text, audio_s, sum(each.compute_s for each in heard), *by)


def windows(samples: Floats) -> Iterator[Floats]:
    """``samples`` [n] in pieces of at most 30 s, cut where it is quietest within the last 10 s of each."""
    while len(samples) > WINDOW_SAMPLES:
        cut = _quietest(samples[WINDOW_SAMPLES - LOOK_BACK_S * SAMPLE_RATE : WINDOW_SAMPLES])
        cut += (WINDOW_S - LOOK_BACK_S) * SAMPLE_RATE
        yield samples[:cut]
        samples = samples[cut:]
    yield samples


def _quietest(samples: Floats) -> int:
    """The middle of the quietest pause."""
    blocks = samples[: len(samples) // BLOCK * BLOCK].reshape(-1, BLOCK)
    energy = np.square(blocks, dtype=np.float64).sum(axis=1)
    pause = round(PAUSE_S * SAMPLE_RATE / BLOCK)
    quietest = int(np.convolve(energy, np.ones(pause), mode="valid").argmin())
    return (quietest + pause // 2) * BLOCK
