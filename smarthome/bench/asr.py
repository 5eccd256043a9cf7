"""Recognition beside faster-whisper's, on the same weights, clips and cores: ``smarthome bench asr``.

Each side is a program of its own; they are asked clip by clip, who is first by turns, so that whatever else the
machine does hits both.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from smarthome.bench.asr_clips import Clip
from smarthome.bench.asr_sides import PEER, Side
from smarthome.bench.asr_words import word_edits
from smarthome.bench.machine import machine
from smarthome.bench.nlu import versions
from smarthome.bench.program import Program
from smarthome.bench.sound import Condition
from smarthome.ears.audio_files import Samples
from smarthome.events import SAMPLE_RATE

PAUSE_S = 0.25
"""Between two questions: the threads of a side that wait actively would take the other side's time."""
CROWD = 24
"""Babble is made of so many other clips of the same set."""
PLAIN = Condition("clean")
STAGES = ("encoder_s", "decoder_s", "encodings", "decodings", "generated")
"""What a side's stopwatch tells."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """What one side made of one clip. ``fallbacks`` counts segments decoded again at a higher temperature."""

    side: str
    beam: int
    set: str
    condition: str
    clip: str
    voice: str
    reference: str
    text: str
    audio_s: float
    took_s: float
    all_took_s: tuple[float, ...]
    fallbacks: int
    edits: int
    words: int
    stages: Mapping[str, float]


@dataclass(slots=True)
class Trial:
    """Both sides at one beam."""

    beam: int
    sides: Sequence[Side]
    hearings: list[Hearing] = field(default_factory=list)
    peak_mb: dict[str, float] = field(default_factory=dict)
    load_s: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that was heard."""

    trials: tuple[Trial, ...]
    conditions: Sequence[Condition]
    seed: int
    load_average: float

    @property
    def packages(self) -> str:
        """What was compared."""
        return versions(("ctranslate2", PEER))


def bench_asr(
    clips: Sequence[Clip],
    conditions: Sequence[Condition],
    pairs: Mapping[int, Sequence[Side]],
    *,
    repeats: int = 1,
    seed: int = 1,
) -> Comparison:
    """Let both sides of every beam in ``pairs`` hear every clip in every condition, each ``repeats`` times.

    Clips of a set that is no clean speech (its name is noisy or hard) are heard as they are only. Raises
    ConfigurationError for clips that cannot be read, FailureError when a side does not come through.
    """
    load = os.getloadavg()[0]
    trials = tuple(_trial(beam, sides, clips, conditions, repeats, seed) for beam, sides in pairs.items())
    return Comparison(trials, conditions, seed, round(load, 1))


def about(comparison: Comparison) -> dict[str, object]:
    """What the figures were measured on."""
    return {"machine": machine(), "load_average": comparison.load_average, "packages": comparison.packages}


def _trial(
    beam: int, sides: Sequence[Side], clips: Sequence[Clip], conditions: Sequence[Condition], repeats: int, seed: int
) -> Trial:
    trial = Trial(beam, sides)
    with ExitStack() as stack:
        sound = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "sound.f32"
        programs = [(side, stack.enter_context(Program(side.command))) for side in sides]
        for place, (clip, condition, samples) in enumerate(heard_clips(clips, conditions, seed)):
            samples.tofile(sound)
            answers: dict[str, list[dict[str, Any]]] = {side.name: [] for side in sides}
            for turn in range(place, place + repeats):
                for side, program in programs if turn % 2 else reversed(programs):
                    answers[side.name].append(program.ask({"sound": str(sound)})[0])
                    time.sleep(PAUSE_S)
            audio_s = len(samples) / SAMPLE_RATE
            trial.hearings += [
                _hearing(name, beam, clip, condition, audio_s, answers[name]) for name in answers
            ]  # fmt: skip
        for side, program in programs:
            trial.peak_mb[side.name], trial.load_s[side.name] = round(program.peak_mb, 1), round(program.load_s, 2)
    return trial


def heard_clips(
    clips: Sequence[Clip], conditions: Sequence[Condition], seed: int
) -> Iterator[tuple[Clip, Condition, Samples]]:
    """Every clip in every condition, ready to be heard."""
    crowds = {name: _crowd(name, clips) for name in {clip.set for clip in clips}}
    for clip in clips:
        samples = clip.samples()
        others = [sound for key, sound in crowds[clip.set].items() if key != clip.key]
        for condition in conditions if clip.set not in {"noisy", "hard"} else [PLAIN]:
            yield clip, condition, condition.apply(samples, clip.key, others, seed)


def _crowd(name: str, clips: Sequence[Clip]) -> dict[str, Samples]:
    """Evenly over the whole set, so that all its voices are among them."""
    own = [clip for clip in clips if clip.set == name]
    return {clip.key: clip.samples() for clip in own[:: max(1, len(own) // CROWD)][:CROWD]}


def _hearing(
    name: str, beam: int, clip: Clip, condition: Condition, audio_s: float, answers: Sequence[Mapping[str, Any]]
) -> Hearing:
    took_s = tuple(round(float(answer["took_s"]), 4) for answer in answers)
    text = str(answers[0]["text"])
    edits, words = word_edits(clip.text, text)
    stages = {key: statistics.median(answer[key] for answer in answers) for key in STAGES if key in answers[0]}
    return Hearing(
        side=name,
        beam=beam,
        set=clip.set,
        condition=condition.name,
        clip=clip.key,
        voice=clip.voice,
        reference=clip.text,
        text=text,
        audio_s=round(audio_s, 3),
        took_s=statistics.median(took_s),
        all_took_s=took_s,
        fallbacks=max(int(answer["fallbacks"]) for answer in answers),
        edits=edits,
        words=words,
        stages=stages,
    )
