"""``make gpu-check``: everything that needs a GPU, in one command; without one, what it would run.

python -m tests.gpu.check
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

from tests.gpu.device import has_gpu

PYTHON = (sys.executable, "-m")
TESTS = (*PYTHON, "pytest", "-m", "gpu", "-p", "no:cacheprovider", "tests/gpu", "tests/ears/test_hardware.py")
BENCH = (*PYTHON, "smarthome", "bench", "asr", "--human", "30", "--device", "cuda")
STEPS: tuple[tuple[str, Sequence[str]], ...] = (
    ("the tests marked gpu: device=auto of every kind, both Whisper engines, training, memory that runs out", TESTS),
    ("recognition by CTranslate2 in float16 beside faster-whisper", BENCH),
    ("recognition by transformers in float16, spliced and not", (*BENCH, "--engine", "transformers")),
    ("the engines at Whisper-small's size", (*BENCH, "--small")),
)


def main() -> int:
    """0 when all went well, or there is no GPU; else 1."""
    if not has_gpu():
        return _tell()
    failed = [what for what, command in STEPS if _run(what, command)]
    for what in failed:
        print(f"gpu-check: FAILED: {what}")
    print(f"gpu-check: {len(STEPS) - len(failed)} of {len(STEPS)} steps went well")
    return 1 if failed else 0


def _run(what: str, command: Sequence[str]) -> int:
    print(f"gpu-check: {what}\n  {' '.join(command)}", flush=True)
    return subprocess.run(command, check=False).returncode


def _tell() -> int:
    print("gpu-check would run:")
    for what, command in STEPS:
        print(f"- {what}\n    {' '.join(command)}", flush=True)
    print("the tests are:", flush=True)
    collected = subprocess.run([*TESTS, "--collect-only", "-q", "--no-header"], check=False)
    print("gpu-check: no CUDA device: nothing of the above was run")
    return 1 if collected.returncode else 0


if __name__ == "__main__":
    sys.exit(main())
