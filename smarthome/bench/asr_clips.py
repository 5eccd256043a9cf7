"""Recordings on this disk in, clips with the words that are said in them out."""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from smarthome.ears.audio_files import AudioFileError, Samples, decode
from smarthome.errors import ConfigurationError
from smarthome.events import SAMPLE_RATE

SOUNDS = Path("/usr/share/asterisk/sounds/ru_RU_f_IvrvoiceRU")
TEXTS = Path("/usr/share/doc/asterisk-core-sounds-ru/core-sounds-ru.txt.gz")
INSTALL = "apt-get install asterisk-core-sounds-ru asterisk-core-sounds-ru-wav"
HUMAN = "human"
"""The set of Debian's recordings; other sets are called as their manifest calls their ``kind``."""

DEMO = Path(__file__).parent.parent / "demo" / "recordings"

SHORTEST_S, LONGEST_S = 0.5, 28.0
"""Shorter ones hold no word that one could understand, longer ones do not fit into Whisper's window."""
_STAGE_DIRECTION = re.compile(r"\[.*?\]|<.*?>|\(.*?\)")


@dataclass(frozen=True, slots=True)
class Clip:
    """One recording. ``id`` names the sentence, which several voices may say; ``set`` is where it belongs."""

    set: str
    key: str
    path: Path
    text: str
    voice: str
    id: str = ""

    def samples(self) -> Samples:
        """Its sound; raises ConfigurationError when it cannot be read."""
        try:
            return decode(self.path)
        except AudioFileError as error:
            raise ConfigurationError(str(error)) from None


def human(count: int, seed: int = 1, sounds: Path = SOUNDS, texts: Path = TEXTS) -> list[Clip]:
    """``count`` of the Russian prompts of Asterisk, by chance: one speaker, 8 kHz, in their order.

    Without noises, beeps, and prompts that are too short or too long. Raises ConfigurationError when they are not
    installed.
    """
    try:
        with gzip.open(texts, "rt", encoding="utf-8") as lines:
            words = read_texts(lines)
    except OSError:
        raise ConfigurationError(f"{texts} is not here: {INSTALL}; or leave the recordings out: --human 0") from None
    if not sounds.is_dir():
        raise ConfigurationError(f"{sounds} is not here: {INSTALL}; or leave the recordings out: --human 0")
    found = {str(path.relative_to(sounds).with_suffix("")): path for path in sounds.rglob("*.wav")}
    clips = [Clip(HUMAN, name, found[name], words[name], "IvrvoiceRU") for name in sorted(found) if name in words]
    return sampled([clip for clip in clips if _is_long_enough(clip)], count, seed)


def read_texts(lines: Iterable[str]) -> dict[str, str]:
    """Name → words of ``name: words`` lines; comments, stage directions and what has no words are left out."""
    pairs = (line.split(":", 1) for line in lines if ":" in line and not line.startswith(";"))
    texts = {name.strip(): " ".join(_STAGE_DIRECTION.sub(" ", text).split()) for name, text in pairs}
    return {name: text for name, text in texts.items() if re.search(r"\w", text)}


def from_folder(folder: Path) -> list[Clip]:
    """The clips of ``manifest.jsonl``: objects with file, text, and perhaps id, voice, kind. Raises ConfigurationError.

    Recordings of minutes (kind ``long``) are left out.
    """
    manifest = folder / "manifest.jsonl"
    try:
        rows = [json.loads(line) for line in manifest.read_text(encoding="utf-8").splitlines() if line.strip()]
        clips = [
            Clip(str(row.get("kind", folder.name)), row["file"], folder / row["file"], row["text"],
                 str(row.get("voice", "")), str(row.get("id", row["file"])))
            for row in rows if row.get("kind") != "long"
        ]  # fmt: skip
    except OSError as error:
        raise ConfigurationError(f"{manifest}: cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigurationError(f"{manifest}: objects with file and text were expected: {error!r}") from None
    if missing := [clip.path for clip in clips if not clip.path.is_file()]:
        raise ConfigurationError(f"{missing[0]}: named in {manifest}, but not there")
    return clips


def of_the_demo() -> list[Clip]:
    """The recordings that come with the program, without their words."""
    return [Clip("demo", path.stem, path, "", "") for path in sorted(DEMO.glob("*.flac"))]


def sampled(clips: Sequence[Clip], count: int, seed: int) -> list[Clip]:
    """At most ``count`` of them, by chance, in their order."""
    chosen = random.Random(seed).sample(range(len(clips)), min(count, len(clips)))  # noqa: S311 (no secret)
    return [clips[place] for place in sorted(chosen)]


def _is_long_enough(clip: Clip) -> bool:
    return SHORTEST_S <= len(clip.samples()) / SAMPLE_RATE <= LONGEST_S
