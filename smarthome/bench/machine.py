"""What a figure was measured on, and how figures are printed."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping
from pathlib import Path

from smarthome.errors import ConfigurationError


def machine() -> str:
    """Processor, cores and Python: what a figure was measured on."""
    model = platform.processor() or platform.machine()
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    return f"{model}, {os.cpu_count()} cores, Python {platform.python_version()}"


def as_json(figures: Mapping[str, object]) -> str:
    """Figures as they are printed."""
    return json.dumps(figures, ensure_ascii=False, indent=1)


def check_folder(path: Path | None) -> None:
    """Raise ConfigurationError when there is no folder for ``path``: better now than after all the measuring."""
    if path is not None and not path.parent.is_dir():
        raise ConfigurationError(f"{path}: cannot be written: there is no folder {path.parent}")


def write_json(path: Path, figures: Mapping[str, object]) -> None:
    """Figures into a file; raises ConfigurationError when it cannot be written."""
    try:
        path.write_text(as_json(figures) + "\n", encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be written: {error.strerror}") from None
