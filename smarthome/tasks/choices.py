"""Which short form somebody took in, a line that ``finetune shorten`` learns from out."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from smarthome.tasks.task import TaskError


def choose(
    file: Path | None, job: str, request: Mapping[str, Any], result: Mapping[str, Any], number: int
) -> dict[str, object]:
    """What is told of the choice: its text, and whether it was ``kept`` in the file of choices.

    Somebody may change their mind: for training, the last line with the ``id`` counts. Raises TaskError.
    """
    variants = result["variants"]
    if not 1 <= number <= len(variants):
        raise TaskError("bad_request", f"choice: there are {len(variants)} variants, not {number}")
    text = variants[number - 1]["text"]
    kept = file is not None and bool(result["shortened"])
    if kept and file is not None:
        row = {"id": job, "text": request["text"], "summary": text, "max_chars": request["max_chars"]}
        _append(file.expanduser(), json.dumps(row, ensure_ascii=False) + "\n")
    return {"choice": number, "text": text, "kept": kept}


def _append(file: Path, line: str) -> None:
    """One write on the disk before anything is told of it."""
    try:
        with file.open("a", encoding="utf-8") as opened:
            fcntl.flock(opened, fcntl.LOCK_EX)
            opened.write(line)
            opened.flush()
            os.fsync(opened.fileno())
    except OSError as error:
        raise TaskError("failed", f"{file}: the choice cannot be kept: {error.strerror}") from None
