"""Minutes of sound in which nobody says anything: ``smarthome bench noise``. The house must do nothing about it.

Pink and white noise, babble, tones like music, and next to silence, in stretches of every loudness with pauses between
them, so that there is a beginning and an end to be taken for a sentence every few seconds.
"""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np

from smarthome.bench.e2e_program import Listening, Session
from smarthome.bench.e2e_recording import room_tone, write_wav
from smarthome.bench.machine import machine
from smarthome.bench.sound import babble, pink
from smarthome.ears.audio_files import Samples
from smarthome.events import SAMPLE_RATE

Maker: TypeAlias = Callable[[int, np.random.Generator, Sequence[Samples]], Samples]

STRETCH_S = (0.5, 8.0)
PAUSE_S = (0.8, 3.0)
LOUDNESS_DBFS = (-50.0, -12.0)
_FADE = SAMPLE_RATE // 50
_HARMONICS = 6
_CHORDS = ((0, 4, 7), (0, 3, 7), (0, 5, 9), (-3, 0, 4))
"""In semitones: major, minor, and two turned over."""


def white(length: int, rng: np.random.Generator, _voices: Sequence[Samples]) -> Samples:
    """Equal power at every frequency."""
    return np.asarray(rng.standard_normal(length), np.float32)


def tones(length: int, rng: np.random.Generator, _voices: Sequence[Samples]) -> Samples:
    """Chords with overtones that are struck and fade, with a voice's vibrato."""
    music = np.zeros(length)
    start = 0
    while start < length:
        beat = int(rng.uniform(0.25, 1.0) * SAMPLE_RATE)
        time_s = np.arange(min(2 * beat, length - start)) / SAMPLE_RATE
        root = 110.0 * 2 ** (rng.integers(24) / 12)
        for semitones in _CHORDS[rng.integers(len(_CHORDS))]:
            pitch = root * 2 ** (semitones / 12)
            phase = 2 * np.pi * pitch * time_s + 0.3 * np.sin(2 * np.pi * 5.5 * time_s)
            chord = sum(np.sin(each * phase) / each for each in range(1, _HARMONICS + 1))
            music[start : start + len(time_s)] += chord * np.exp(-2.0 * time_s)
        start += beat
    return np.asarray(music, np.float32)


KINDS: Mapping[str, Maker] = {
    "pink": lambda length, rng, _voices: pink(length, rng),
    "white": white,
    "babble": lambda length, rng, voices: babble(length, voices, rng),
    "tones": tones,
    "silence": lambda length, _rng, _voices: np.zeros(length, np.float32),
}


@dataclass(frozen=True, slots=True)
class Reaction:
    """What the program made of one kind of noise. ``reasons`` counts why utterances were rejected."""

    kind: str
    seconds: float
    utterances: int
    accepted: int
    commands: int
    reasons: Mapping[str, int]
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Noises:
    """All kinds."""

    reactions: tuple[Reaction, ...]
    counters: Mapping[str, int]

    def figures(self) -> dict[str, object]:
        """Everything, ready for JSON."""
        return {
            "machine": machine(),
            "load_average": round(os.getloadavg()[0], 1),
            "commands": sum(each.commands for each in self.reactions),
            "noises": [asdict(each) for each in self.reactions],
            "counters": dict(self.counters),
        }


def bench_noise(minutes: float, voices: Sequence[Samples], listening: Listening, seed: int = 1) -> Noises:
    """``minutes`` of noise, every kind for as long, through ``smarthome listen --fast``.

    Babble is made of ``voices``. Raises ConfigurationError, FailureError.
    """
    seconds = 60 * minutes / len(KINDS)
    with tempfile.TemporaryDirectory() as folder:
        files = {kind: Path(folder) / f"{kind}.wav" for kind in KINDS}
        for place, (kind, file) in enumerate(files.items()):
            write_wav(file, noise(kind, seconds, np.random.default_rng([seed, place]), voices))
        session = listening.run(list(files.values()))
        return Noises(tuple(_reaction(kind, seconds, file, session) for kind, file in files.items()), session.counters)


def noise(kind: str, seconds: float, rng: np.random.Generator, voices: Sequence[Samples]) -> Samples:
    """Stretches of one kind, each of its own loudness, over the tone of an empty room."""
    samples = room_tone(round(seconds * SAMPLE_RATE), int(rng.integers(1 << 31)))
    start = 0
    while start < len(samples):
        length = min(round(rng.uniform(*STRETCH_S) * SAMPLE_RATE), len(samples) - start)
        samples[start : start + length] += _as_loud(KINDS[kind](length, rng, voices), rng.uniform(*LOUDNESS_DBFS))
        start += length + round(rng.uniform(*PAUSE_S) * SAMPLE_RATE)
    return np.clip(samples, -1.0, 1.0)


def _as_loud(samples: Samples, dbfs: float) -> Samples:
    """Of this mean power, without clicks at its ends."""
    power = float(np.square(samples, dtype=np.float64).mean())
    ramp = np.minimum(1.0, np.minimum(np.arange(len(samples)), np.arange(len(samples))[::-1]) / _FADE)
    return np.asarray(samples * ramp * np.sqrt(10 ** (dbfs / 10) / max(power, 1e-12)), np.float32)


def _reaction(kind: str, seconds: float, file: Path, session: Session) -> Reaction:
    records = [line.record for line in session.utterances if line.record["file"] == str(file)]
    rejected = [str(each["reason"]).partition(":")[0] for each in records if each["status"] == "rejected"]
    return Reaction(
        kind=kind,
        seconds=seconds,
        utterances=len(records),
        accepted=sum(each["status"] in {"ok", "confirm", "ask"} for each in records),
        commands=sum(len(each["commands"]) for each in records),
        reasons=dict(Counter(rejected)),  # asdict() would make tuples of a Counter's keys
        texts=tuple(str(each["text"]) for each in records if each["text"]),
    )
