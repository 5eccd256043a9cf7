"""Recordings of commands, and generated noise: what becomes an utterance, and what of that is stopped as a ghost.

As in the program, sound passes the detector and the segmenter first; and once more without ``Conditioned``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from smarthome.bench import noises
from smarthome.bench.machine import machine
from smarthome.bench.noises import Make, Sound
from smarthome.ears.audio_files import decode, to_pcm
from smarthome.ears.conditioning import Conditioned
from smarthome.ears.ghosts import Ghost, Ghosts
from smarthome.ears.level import LevelMeter, level
from smarthome.ears.segmenter import Segmenter
from smarthome.ears.silero import second_opinion
from smarthome.ears.vad import VoiceDetector, WebRtcVad
from smarthome.events import FRAME_BYTES, SAMPLE_RATE, Segment, Utterance
from smarthome.settings import SegmenterSettings, VadSettings

LEVELS_DBFS = (-60, -50, -40, -30, -20)
PAUSE_S = 1.5
BABBLE = (8, 20)
SELF_NOISE_DBFS = -80
"""What the microphone's electronics add, whatever its gain."""


class Condition(NamedTuple):
    """How commands are heard: the gain, and how far they are above a noise, both in dB."""

    name: str
    gain_db: float = 0.0
    noise: Make | None = None
    above_db: float = 0.0


CONDITIONS = (
    Condition("as they are"),
    Condition("-10 dB", -10),
    Condition("-20 dB", -20),
    Condition("-40 dB", -40),
    Condition("hum, 10 dB below", 0, noises.hum, 10),
    Condition("hum, as loud", 0, noises.hum, 0),
    Condition("-20 dB and hum, 10 dB below", -20, noises.hum, 10),
    Condition("pink noise, 10 dB below", 0, noises.pink, 10),
    Condition("pink noise, 5 dB below", 0, noises.pink, 5),
)


class Heard(NamedTuple):
    """An utterance with its times, and who took it for a ghost."""

    utterance: Utterance
    ghost: Ghost | None


def bench_ghosts(files: Sequence[Path], *, minutes: float, seed: int) -> dict[str, object]:
    """What is heard of ``files``, one command each, one after the other; what is stopped of ``minutes`` of every noise.

    ``alone`` counts commands that are in an utterance without their neighbours and come through; ``through`` is how
    many utterances do, ``energy`` and ``silero`` who stopped the others. ``plain`` is WebRTC's detector alone.
    """
    voices = [decode(str(file)).astype(np.float64) for file in files]
    ghosts = Ghosts(second_opinion("silero"))
    kinds = {**noises.PLAIN, **{f"{count} voices at once": noises.babble(voices, count) for count in BABBLE}}
    detectors: dict[str, Callable[[], VoiceDetector]] = {
        "plain": _webrtc,
        "conditioned": lambda: Conditioned(_webrtc()),
    }
    speech, noise = {}, {}
    for name, detector in detectors.items():
        chance = np.random.default_rng(seed)
        speech[name] = {each.name: _commands(voices, each, detector(), ghosts, chance) for each in CONDITIONS}
        noise[name] = {
            kind: _noises(make, round(60 * minutes * SAMPLE_RATE), detector, ghosts, chance)
            for kind, make in kinds.items()
        }
    return {
        "machine": machine(),
        "files": len(files),
        "minutes_of_each_noise": len(LEVELS_DBFS) * minutes,
        "speech": speech,
        "noise": noise,
    }


def _commands(
    voices: Sequence[Sound], condition: Condition, detector: VoiceDetector, ghosts: Ghosts, chance: np.random.Generator
) -> dict[str, int]:
    sound, spans = _stream(voices, condition, chance)
    heard = list(_heard(sound, detector, ghosts))
    through = [each.utterance.segment for each in heard if each.ghost is None]
    alone = sum(any(_is_alone(each, *span) for each in through) for span in spans)
    return {"commands": len(voices), "alone": alone, **_counts(heard)}


def _is_alone(segment: Segment, start_s: float, end_s: float) -> bool:
    """Whether it is this command, and none of its neighbours is in it."""
    length_s = segment.end_s - segment.start_s
    return segment.start_s < end_s and segment.end_s > start_s and length_s < end_s - start_s + 1


def _noises(
    make: Make, count: int, detector: Callable[[], VoiceDetector], ghosts: Ghosts, chance: np.random.Generator
) -> dict[str, int]:
    sounds = (make(count, chance) * _gain(at) for at in LEVELS_DBFS)
    return _counts([each for sound in sounds for each in _heard(sound, detector(), ghosts)])


def _stream(
    voices: Sequence[Sound], condition: Condition, chance: np.random.Generator
) -> tuple[Sound, list[tuple[float, float]]]:
    """The commands with pauses, and where each begins and ends, in seconds."""
    pause = np.zeros(round(PAUSE_S * SAMPLE_RATE))
    pieces, spans, at = [pause], [], PAUSE_S
    for voice in voices:
        pieces += [voice, pause]
        spans.append((at, at + len(voice) / SAMPLE_RATE))
        at += len(voice) / SAMPLE_RATE + PAUSE_S
    sound = np.concatenate(pieces)
    if condition.noise:
        power = float(np.mean([np.mean(np.square(voice)) for voice in voices]))
        sound += condition.noise(len(sound), chance) * np.sqrt(power) * _gain(-condition.above_db)
    return sound * _gain(condition.gain_db) + noises.white(len(sound), chance) * _gain(SELF_NOISE_DBFS), spans


def _heard(sound: Sound, detector: VoiceDetector, ghosts: Ghosts) -> Iterator[Heard]:
    segmenter, meter = Segmenter(SegmenterSettings()), LevelMeter()
    pcm = to_pcm(np.clip(sound, -1, 1).astype(np.float32))
    frames = (pcm[start : start + FRAME_BYTES] for start in range(0, len(pcm) - FRAME_BYTES + 1, FRAME_BYTES))
    for frame in frames:
        voiced = detector.voiced(frame)
        meter.feed(level(frame, voiced=voiced))
        for heard in segmenter.feed(frame, voiced):
            if isinstance(heard, Segment):
                yield _judged(heard, meter, ghosts)
    yield from (_judged(heard, meter, ghosts) for heard in segmenter.flush() if isinstance(heard, Segment))


def _judged(segment: Segment, meter: LevelMeter, ghosts: Ghosts) -> Heard:
    utterance = Utterance("", segment, loudness=meter.loudness(segment))
    return Heard(utterance, ghosts.judge(utterance))


def _counts(heard: Sequence[Heard]) -> dict[str, int]:
    counts = Counter("through" if each.ghost is None else each.ghost.tier for each in heard)
    return {key: counts[key] for key in ("through", "energy", "silero")}


def _webrtc() -> WebRtcVad:
    return WebRtcVad(VadSettings().aggressiveness)


def _gain(decibel: float) -> float:
    return float(10 ** (decibel / 20))
