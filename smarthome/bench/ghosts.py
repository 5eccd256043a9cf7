"""Recordings of commands, and generated noise: what the looks before the recogniser let through.

As in the program, sound passes WebRTC's detector and the segmenter first: an utterance is what these take for speech.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from smarthome.bench import noises
from smarthome.bench.machine import machine
from smarthome.bench.noises import Sound
from smarthome.ears.audio_files import decode, to_pcm
from smarthome.ears.ghosts import Ghosts
from smarthome.ears.level import LevelMeter, level
from smarthome.ears.segmenter import Segmenter
from smarthome.ears.silero import second_opinion
from smarthome.ears.vad import WebRtcVad
from smarthome.events import FRAME_BYTES, SAMPLE_RATE, Segment, Utterance
from smarthome.settings import SegmenterSettings, VadSettings

LEVELS_DBFS = (-60, -50, -40, -30, -20)
GAINS_DB = (0, -20, -40)
NOISES_DB = (10, 5)
LEAD_S = 1.5
BABBLE = (8, 20)


def bench_ghosts(files: Sequence[Path], *, minutes: float, seed: int) -> dict[str, object]:
    """What is lost of ``files`` as they are, fainter, and in pink noise; what is stopped of ``minutes`` of every noise.

    Every file should hold one command. An utterance is counted under "through" or under the tier that stopped it.
    """
    voices = [decode(str(file)).astype(np.float64) for file in files]
    ghosts, chance = Ghosts(second_opinion("silero")), np.random.default_rng(seed)
    speech = {
        name: _summed([_counted(sound, ghosts) for sound in changed]) for name, changed in _spoken(voices, chance)
    }
    kinds = {**noises.PLAIN, **{f"{count} voices at once": noises.babble(voices, count) for count in BABBLE}}
    count = round(60 * minutes * SAMPLE_RATE)
    noise = {
        name: _summed([_counted(make(count, chance) * _gain(at), ghosts) for at in LEVELS_DBFS])
        for name, make in kinds.items()
    }
    return {
        "machine": machine(),
        "files": len(files),
        "minutes_of_each_noise": len(LEVELS_DBFS) * minutes,
        "speech": speech,
        "noise": noise,
    }


def _spoken(voices: Sequence[Sound], chance: np.random.Generator) -> Iterator[tuple[str, list[Sound]]]:
    rest = np.zeros(SAMPLE_RATE)
    for gain in GAINS_DB:
        yield f"{gain} dB", [np.concatenate([rest, voice, rest]) * _gain(gain) for voice in voices]
    for above in NOISES_DB:
        yield f"{above} dB above pink noise", [_in_noise(voice, above, chance) for voice in voices]


def _in_noise(voice: Sound, above_db: float, chance: np.random.Generator) -> Sound:
    lead = round(LEAD_S * SAMPLE_RATE)
    noise: Sound = noises.pink(len(voice) + 2 * lead, chance) * np.sqrt(np.mean(np.square(voice))) * _gain(-above_db)
    noise[lead : lead + len(voice)] += voice
    return noise


def _gain(decibel: float) -> float:
    return float(10 ** (decibel / 20))


def _counted(sound: Sound, ghosts: Ghosts) -> Counter[str]:
    found = [ghosts.judge(utterance) for utterance in _utterances(sound)]
    counts = Counter("through" if ghost is None else ghost.tier for ghost in found)
    counts["sounds"] = 1
    counts["sounds_through"] = min(1, counts["through"])
    return counts


def _summed(counts: Sequence[Counter[str]]) -> dict[str, int]:
    """``sounds`` of which ``sounds_through`` had at least one utterance that came through."""
    total = sum(counts, Counter[str]())
    return {key: total[key] for key in ("sounds", "sounds_through", "through", "energy", "silero")}


def _utterances(sound: Sound) -> Iterator[Utterance]:
    detector, segmenter, meter = WebRtcVad(VadSettings().aggressiveness), Segmenter(SegmenterSettings()), LevelMeter()
    pcm = to_pcm(np.clip(sound, -1, 1).astype(np.float32))
    for start in range(0, len(pcm) - FRAME_BYTES + 1, FRAME_BYTES):
        frame = pcm[start : start + FRAME_BYTES]
        voiced = detector.voiced(frame)
        meter.feed(level(frame, voiced=voiced))
        for heard in segmenter.feed(frame, voiced):
            if isinstance(heard, Segment):
                yield Utterance("", heard, loudness=meter.loudness(heard))
    for heard in segmenter.flush():
        if isinstance(heard, Segment):
            yield Utterance("", heard, loudness=meter.loudness(heard))
