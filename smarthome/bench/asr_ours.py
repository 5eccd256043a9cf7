"""Our recogniser as ``smarthome transcribe`` runs it, behind the lines of ``asr_peer``: a process of its own.

``python -m smarthome.bench.asr_ours OPTIONS``, with ``engine``, ``precision`` and ``splice`` beside the peer's options.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from smarthome.bench.asr_stopwatch import Stopwatch
from smarthome.ears.hardware import wait_asleep
from smarthome.ears.whisper import open_recogniser
from smarthome.events import SAMPLE_RATE
from smarthome.settings import WhisperSettings


class Ours:
    """A recogniser, opened."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        wait_asleep()
        self._stopwatch = Stopwatch(options["tokens"])
        if options["tokens"] is not None:
            self._stopwatch.install()
        self._recogniser = open_recogniser(settings(options), once=options["tokens"] is not None)

    def hear(self, samples: np.ndarray) -> dict[str, object]:
        """What is said in float32 [n] at 16 kHz."""
        self._stopwatch.reset()
        began = time.perf_counter()
        text = self._recogniser.transcribe(samples).text
        took_s = time.perf_counter() - began
        return {"text": text, "took_s": took_s, "fallbacks": 0, **self._stopwatch.figures()}


def settings(options: Mapping[str, Any]) -> WhisperSettings:
    """As an owner would set it."""
    wanted = {key: options[key] for key in ("model", "beam", "threads", "engine", "device", "precision")}
    if "splice" in WhisperSettings.model_fields:
        wanted["splice"] = options["splice"]
    return WhisperSettings.model_validate(wanted)


def answer_lines(ours: Ours, lines: Iterable[str]) -> None:
    """One line out for each line in; without a sound it warms up."""
    for line in lines:
        request = json.loads(line)
        silence = np.zeros(SAMPLE_RATE, np.float32)
        samples = np.fromfile(request["sound"], np.float32) if "sound" in request else silence
        sys.stdout.write(json.dumps(ours.hear(samples), ensure_ascii=False) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    answer_lines(Ours(json.loads(sys.argv[1])), sys.stdin)
