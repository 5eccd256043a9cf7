"""faster-whisper as its users call it, behind lines of JSON: ``python -m smarthome.bench.asr_peer OPTIONS``, a process.

OPTIONS is JSON: ``model`` (directory), ``device``, ``precision``, ``beam``, ``threads``, ``tokens`` (null, or exactly
so many). A line in names a file of float32 samples at 16 kHz, ``{"sound"}``; a line out says ``text, took_s,
fallbacks`` and more. It imports nothing of ours but the stopwatch, so that its memory is its own.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from faster_whisper import WhisperModel

from smarthome.bench.asr_stopwatch import Stopwatch


class Peer:
    """A faster-whisper model, everything left as it is by default but language, timestamps and beam."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._stopwatch = Stopwatch(options["tokens"])
        if options["tokens"] is not None:
            self._stopwatch.install()
        self._model = WhisperModel(
            options["model"],
            device=options["device"],
            compute_type=options["precision"],
            cpu_threads=options["threads"],
        )
        self._options: dict[str, Any] = {"language": "ru", "without_timestamps": True, "beam_size": options["beam"]}
        if options["tokens"] is not None:  # no second decoding at a higher temperature
            self._options |= {
                "temperature": 0.0,
                "log_prob_threshold": None,
                "no_speech_threshold": None,
                "compression_ratio_threshold": None,
            }

    def hear(self, samples: np.ndarray) -> dict[str, object]:
        """What is said in float32 [n] at 16 kHz."""
        self._stopwatch.reset()
        began = time.perf_counter()
        segments = list(self._model.transcribe(samples, **self._options)[0])
        took_s = time.perf_counter() - began
        return {
            "text": "".join(segment.text for segment in segments).strip(),
            "took_s": took_s,
            "fallbacks": sum((segment.temperature or 0) > 0 for segment in segments),
            **self._stopwatch.figures(),
        }


def answer_lines(peer: Peer, lines: Iterable[str]) -> None:
    """One line out for each line in; without a sound it warms up."""
    for line in lines:
        request = json.loads(line)
        samples = np.fromfile(request["sound"], np.float32) if "sound" in request else np.zeros(16_000, np.float32)
        sys.stdout.write(json.dumps(peer.hear(samples), ensure_ascii=False) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    answer_lines(Peer(json.loads(sys.argv[1])), sys.stdin)
