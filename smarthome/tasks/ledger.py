"""What a job has said to the house, on disk before it is said: whatever is killed meanwhile, nothing is said twice.

A line of JSON each, flushed to disk: first the texts, then ``[place, state]`` for every step. ``begun`` without a
later state means that the worker was killed around that moment: whether it arrived is unknown, and it is not repeated.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Literal, Self, TypeAlias

State: TypeAlias = Literal["begun", "sent", "lost"]

KEPT_S = 2 * 24 * 3_600
"""After any attempt at a job has ended: none takes longer than a day."""


class Ledger:
    """One job's, while entered its only user. Raises OSError when the disk does not let it.

    ``key`` names the job and what it asks for: an id may come again when its result is forgotten.
    """

    def __init__(self, folder: Path, key: str) -> None:
        self._file = folder / f"{key}.jsonl"
        self._open: IO[bytes] | None = None
        self.texts: tuple[str, ...] | None = None
        self.states: dict[int, State] = {}

    def __enter__(self) -> Self:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        _sweep(self._file.parent)
        self._open = self._file.open("a+b")
        fcntl.flock(self._open, fcntl.LOCK_EX)
        self._open.seek(0)
        for line in self._open.read().split(b"\n")[:-1]:
            self._read(line)
        return self

    def __exit__(self, *exc: object) -> None:
        if self._open is not None:
            self._open.close()

    def begin(self, texts: Sequence[str]) -> tuple[str, ...]:
        """What is to be said: an earlier attempt's texts, if there was one."""
        if self.texts is None:
            self._write(list(texts))
            self.texts = tuple(texts)
            _flush_folder(self._file.parent)
        return self.texts

    def mark(self, place: int, state: State) -> None:
        """On disk when it returns."""
        self._write([place, state])
        self.states[place] = state

    def _read(self, line: bytes) -> None:
        try:
            entry = json.loads(line)
        except ValueError:
            return  # half a line: the worker was killed while it wrote, before it did anything
        if self.texts is None:
            self.texts = tuple(entry)
        else:
            self.states[entry[0]] = entry[1]

    def _write(self, entry: object) -> None:
        assert self._open is not None  # noqa: S101 - a mistake of ours
        # An earlier half line must not swallow this one.
        self._open.write(b"\n" + json.dumps(entry, ensure_ascii=False).encode() + b"\n")
        self._open.flush()
        os.fsync(self._open.fileno())


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sweep(folder: Path) -> None:
    oldest = time.time() - KEPT_S
    for file in folder.glob("*.jsonl"):
        if file.stat().st_mtime < oldest:
            file.unlink(missing_ok=True)
