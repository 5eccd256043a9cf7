"""Recordings to learn from: readable, and no longer than Whisper's window."""

from __future__ import annotations

from pathlib import Path

from smarthome.datasets.examples import Speech, speeches
from smarthome.ears.audio_files import AudioFileError, decode
from smarthome.errors import ConfigurationError
from smarthome.events import SAMPLE_RATE

WINDOW_S = 30


def short_speeches(file: Path) -> list[Speech]:
    """From columns ``file,text``. Raises ConfigurationError."""
    rows = speeches(file)
    for row in rows:
        try:
            seconds = len(decode(row.file)) / SAMPLE_RATE
        except AudioFileError as error:
            raise ConfigurationError(f"{file}: {error}") from None
        if seconds > WINDOW_S:
            raise ConfigurationError(f"{file}: {row.file} takes {seconds:.0f} s; cut it to {WINDOW_S} s at most")
    return rows
