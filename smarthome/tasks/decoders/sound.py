"""Audio file in, 16 kHz mono 16-bit sound out: wav, mp3, flac, ogg, m4a. Run by ``cell.py`` only."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import av  # noqa: F401 - loaded before the limits are set
import numpy as np  # noqa: F401
import soxr  # noqa: F401

from smarthome.ears.audio_files import AudioFileError, frames
from smarthome.events import FRAME_MS
from smarthome.tasks.decoders.verdict import Undecodable


def decode(file: Path, options: Mapping[str, Any], raw: BinaryIO) -> Mapping[str, Any]:
    """Write frames of 30 ms, the last one filled up; at most ``options["seconds"]`` are decoded."""
    most = options["seconds"] * 1_000 / FRAME_MS
    count = 0
    try:
        for frame in frames(file):
            count += 1
            if count > most + 1:
                raise Undecodable("too_large", f"longer than {options['seconds']:g} s ({options['setting']}); cut it")
            raw.write(frame)
    except AudioFileError as error:
        raise Undecodable("unreadable", str(error).removeprefix(f"{file}: ")) from None
    return {"seconds": count * FRAME_MS / 1_000}
