"""Real human speech: the Russian prompts of Asterisk, one speaker, 8 kHz, with the texts that were read.

Debian packages ``asterisk-core-sounds-ru-wav`` and ``asterisk-core-sounds-ru`` (tests/apt.txt).
"""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass
from pathlib import Path

import av
import jiwer
import numpy as np

SOUNDS = Path("/usr/share/asterisk/sounds/ru_RU_f_IvrvoiceRU")
TEXTS = Path("/usr/share/doc/asterisk-core-sounds-ru/core-sounds-ru.txt.gz")
LONGEST_S = 10
STAGE_DIRECTION = re.compile(r"\[.*?\]|<.*?>|\(.*?\)")


@dataclass(frozen=True, slots=True)
class Recording:
    """One prompt and its words as they are written."""

    path: Path
    text: str

    def samples(self) -> np.ndarray:
        """float32 [n] at 16 kHz in [-1, 1]."""
        with av.open(str(self.path)) as container:
            resampler = av.AudioResampler(format="s16", layout="mono", rate=16_000)
            frames = [*container.decode(audio=0), None]
            pcm = [out.to_ndarray()[0] for frame in frames for out in resampler.resample(frame)]
        return np.concatenate(pcm).astype(np.float32) / 32_768


def spoken() -> list[Recording]:
    """Every prompt in which somebody says something that is written down, by name."""
    with gzip.open(TEXTS, "rt", encoding="utf-8") as lines:
        texts = dict(line.split(":", 1) for line in lines if ":" in line and not line.startswith(";"))
    names = sorted(str(path.relative_to(SOUNDS).with_suffix("")) for path in SOUNDS.rglob("*.wav"))
    words = {name: " ".join(STAGE_DIRECTION.sub("", texts.get(name, "")).split()) for name in names}
    return [Recording(SOUNDS / f"{name}.wav", text) for name, text in words.items() if plain(text)]


def selection() -> list[Recording]:
    """Thirty, fixed in advance: every 18th by name."""
    return spoken()[17::18]


def wider_selection() -> list[Recording]:
    """Every sixth by name (every 18th is among them) that is no longer than a command may be."""
    return [recording for recording in spoken()[5::6] if len(recording.samples()) <= LONGEST_S * 16_000]


def plain(text: str) -> str:
    """As word errors are counted: lower case, ё as е, no punctuation, single spaces."""
    return " ".join(re.sub(r"[^\w\s]", " ", text.lower().replace("ё", "е")).split())


def word_error_rate(references: list[str], transcripts: list[str]) -> float:
    """Pooled: all edits over all words of ``references``."""
    return float(jiwer.wer([plain(text) for text in references], [plain(text) for text in transcripts]))
