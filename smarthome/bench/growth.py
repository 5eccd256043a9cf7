"""How understanding grows with the house: ``smarthome bench house``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from smarthome.bench.generated_house import generated_house
from smarthome.bench.machine import machine
from smarthome.errors import FailureError


def bench_house(sizes: Sequence[int]) -> Mapping[str, Any]:
    """Load time, memory and milliseconds a sentence in generated houses of so many devices, each in its own process.

    Raises FailureError when one of them does not come through.
    """
    with tempfile.TemporaryDirectory() as folder:
        return {
            "machine": machine(),
            "houses": [_measured(size, Path(folder) / f"{size}.yaml") for size in sizes],
        }


def _measured(size: int, devices: Path) -> dict[str, Any]:
    devices.write_text(yaml.safe_dump(generated_house(size), allow_unicode=True, sort_keys=False), encoding="utf-8")
    command = [sys.executable, "-m", "smarthome.bench.growth_probe", str(devices)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise FailureError(f"{size} devices: ended with {done.returncode}: {said[-1] if said else 'no message'}")
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures | {"load_average": round(os.getloadavg()[0], 1)}
