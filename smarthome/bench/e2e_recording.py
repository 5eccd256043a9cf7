"""Long recordings in and out: sound, and a list of who says what from when to when."""

from __future__ import annotations

import json
import random
import wave
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from smarthome.bench.asr_clips import Clip
from smarthome.bench.sentences import Sentence
from smarthome.bench.sound import audible_span
from smarthome.ears.audio_files import Samples, to_pcm
from smarthome.errors import ConfigurationError
from smarthome.events import SAMPLE_RATE

GAP_S = (2.0, 4.0)
"""Between two sentences."""
ROOM_TONE_DBFS = -65.0
COMMAND, TALK = "command", "talk"
AS_SAID = "as said"


@dataclass(frozen=True, slots=True)
class Span:
    """Somebody speaks from ``start_s`` to ``end_s``. ``kind`` is command, talk or another word for no command.

    ``variant`` says how the sentence was changed, if it was.
    """

    start_s: float
    end_s: float
    kind: str
    id: str
    text: str
    voice: str = ""
    variant: str = AS_SAID

    @property
    def is_command(self) -> bool:
        """Whether something shall be done."""
        return self.kind == COMMAND


@dataclass(frozen=True, slots=True)
class Recording:
    """A sound file and all that is said in it."""

    path: Path
    duration_s: float
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Spoken:
    """A sentence as it is said, and the seconds to its first and last sound."""

    clip: Clip
    samples: Samples
    start_s: float
    end_s: float
    variant: str = AS_SAID

    @classmethod
    def of(cls, clip: Clip, samples: Samples, variant: str = AS_SAID) -> Spoken:
        """Its ends are where a listener puts them."""
        return cls(clip, samples, *audible_span(samples), variant)


def read_recording(path: Path) -> Recording:
    """From its JSON: ``file, duration_s, segments`` with ``start, end, kind, id, text``. Raises ConfigurationError.

    The sound is looked for beside the JSON.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        spans = tuple(_span(each) for each in found["segments"])
        sound, duration_s = path.parent / Path(found["file"]).name, float(found["duration_s"])
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(f"{path}: file, duration_s and segments were expected: {error!r}") from None
    if not sound.is_file():
        raise ConfigurationError(f"{sound}: named in {path}, but not there")
    return Recording(sound, duration_s, spans)


def compose(spoken: Iterable[Spoken], wanted: Mapping[str, Sentence], path: Path, seed: int = 1) -> Recording:
    """One sentence after the other with gaps by chance, over the tone of an empty room, as a WAV file at ``path``.

    What asks for nothing according to ``wanted`` is talk.
    """
    chance = random.Random(seed)  # noqa: S311 (no secret)
    parts, spans, now = [_silence(GAP_S[0])], [], GAP_S[0]
    for each in spoken:
        sentence = wanted.get(each.clip.id)
        kind = COMMAND if sentence is None or sentence.ways else TALK
        about = (kind, each.clip.id, each.clip.text, each.clip.voice, each.variant)
        spans.append(Span(round(now + each.start_s, 3), round(now + each.end_s, 3), *about))
        parts += [each.samples, _silence(chance.uniform(*GAP_S))]
        now += (len(parts[-1]) + len(parts[-2])) / SAMPLE_RATE
    samples = np.concatenate(parts)
    write_wav(path, samples + room_tone(len(samples), seed))
    return Recording(path, len(samples) / SAMPLE_RATE, tuple(spans))


def write_recording(path: Path, recording: Recording) -> None:
    """Its JSON, as ``read_recording`` reads it."""
    segments = [{**asdict(span), "start": span.start_s, "end": span.end_s} for span in recording.spans]
    about = {"file": recording.path.name, "duration_s": recording.duration_s, "segments": segments}
    path.write_text(json.dumps(about, ensure_ascii=False, indent=1), encoding="utf-8")


def room_tone(length: int, seed: int = 1) -> Samples:
    """Hardly audible noise."""
    noise = np.random.default_rng(seed).standard_normal(length, np.float32)
    return np.asarray(noise * np.float32(10 ** (ROOM_TONE_DBFS / 20)))


def write_wav(path: Path, samples: Samples) -> Path:
    """16 kHz, mono, 16 bit."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        for start in range(0, len(samples), 60 * SAMPLE_RATE):
            file.writeframes(to_pcm(samples[start : start + 60 * SAMPLE_RATE]))
    return path


def _span(row: Mapping[str, object]) -> Span:
    about = (str(row["kind"]), str(row["id"]), str(row["text"]), str(row.get("voice", "")))
    return Span(float(str(row["start"])), float(str(row["end"])), *about, str(row.get("variant", AS_SAID)))


def _silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * SAMPLE_RATE), np.float32)
