"""Sentences as people say them who think, stammer or speak slowly: what an early end of speech would cut off."""

from __future__ import annotations

import random
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from smarthome.bench.asr_clips import Clip
from smarthome.bench.e2e_recording import Spoken, write_wav
from smarthome.bench.e2e_words import WordTimes
from smarthome.ears.audio_files import Samples, decode
from smarthome.errors import ConfigurationError, FailureError
from smarthome.events import SAMPLE_RATE

PAUSES_S = (0.6, 1.0, 1.5)
TEMPO = 0.6
SYLLABLE_S = 0.2
"""So much of a word's beginning is said twice before the word, …"""
STAMMER_S = 0.12
"""… each time followed by so much silence."""
_FADE = SAMPLE_RATE // 200


def patience_set(clips: Sequence[Clip], seed: int = 1) -> Iterator[Spoken]:
    """Each clip as it is, with a pause of each length at a word gap, with a stammered word, and slowly (by sox).

    Raises ConfigurationError without sox, or without the Whisper that finds the words.
    """
    if shutil.which("sox") is None:
        raise ConfigurationError("the slow sentences are made by sox: apt-get install sox")
    words, chance = WordTimes(), random.Random(seed)  # noqa: S311 (no secret)
    for clip in clips:
        samples = clip.samples()
        yield Spoken.of(clip, samples)
        if gaps := words.gaps(samples, clip.text):
            gap = chance.choice(gaps)
            for pause_s in PAUSES_S:
                yield Spoken.of(clip, paused(samples, gap, pause_s), f"pause {pause_s:g} s")
            yield Spoken.of(clip, stammered(samples, gap), "stammer")
        yield Spoken.of(clip, slowly(samples), f"tempo {TEMPO:g}")


def paused(samples: Samples, at: int, seconds: float) -> Samples:
    """With silence at sample ``at``."""
    return np.concatenate([_faded_out(samples[:at]), _silence(seconds), _faded_in(samples[at:])])


def stammered(samples: Samples, at: int) -> Samples:
    """The beginning of the word at sample ``at`` twice more before it."""
    syllable = _faded_out(_faded_in(samples[at : at + round(SYLLABLE_S * SAMPLE_RATE)]))
    again = [syllable, _silence(STAMMER_S)]
    return np.concatenate([_faded_out(samples[:at]), *again, *again, _faded_in(samples[at:])])


def slowly(samples: Samples, tempo: float = TEMPO) -> Samples:
    """Slower at the same pitch. Raises FailureError when sox fails."""
    with tempfile.TemporaryDirectory() as folder:
        quick, slow = write_wav(Path(folder) / "in.wav", samples), Path(folder) / "out.wav"
        done = subprocess.run(
            ["sox", str(quick), str(slow), "tempo", "-s", f"{tempo:g}"], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise FailureError(f"sox: {done.stderr.strip()}")
        return decode(slow)


def _silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * SAMPLE_RATE), np.float32)


def _faded_in(samples: Samples) -> Samples:
    """Without a click."""
    faded = samples.copy()
    ramp = np.linspace(0, 1, min(_FADE, len(faded)), dtype=np.float32)
    faded[: len(ramp)] *= ramp
    return faded


def _faded_out(samples: Samples) -> Samples:
    return np.asarray(_faded_in(samples[::-1])[::-1])
