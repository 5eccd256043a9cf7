"""A program that answers lines of JSON, measured from outside: start-up, round trip, peak memory."""

from __future__ import annotations

import json
import os
import re
import select
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from smarthome.errors import ConfigurationError, FailureError

PATIENCE_S = 120.0
FIRST = "который час"
"""Asked once before anything is timed: what a program loads late belongs to its start."""


class Program:
    """``command`` running, with ``load_s`` seconds from its start to its first answer.

    Raises ConfigurationError when there is no such command, FailureError when it ends early, answers something else
    than JSON objects, or needs more than two minutes for an answer.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self.load_s = 0.0

    def __enter__(self) -> Self:
        began = time.perf_counter()
        self._complaints: IO[bytes] = tempfile.TemporaryFile()
        try:
            self._process = subprocess.Popen(
                self._command, bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._complaints
            )
        except OSError as error:
            self._complaints.close()
            raise ConfigurationError(f"{self._command[0]}: cannot be started: {error.strerror}") from None
        pipes = self._process.stdin, self._process.stdout
        self._stdin, self._stdout = (pipe.fileno() if pipe else -1 for pipe in pipes)
        try:
            self.ask({"id": "first", "text": FIRST, "context": None})
        except BaseException:
            self.__exit__(None, None, None)
            raise
        self.load_s = time.perf_counter() - began
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._complaints.close()

    def ask(self, request: Mapping[str, object]) -> tuple[dict[str, Any], float]:
        """(its answer, seconds of the round trip)."""
        question = json.dumps(request, ensure_ascii=False).encode() + b"\n"
        began = time.perf_counter()
        line = self._exchange(question)
        took_s = time.perf_counter() - began
        try:
            answer = json.loads(line)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise FailureError(f"{self._name}: answered something else than a JSON object: {line[:200]!r}")
        return answer, took_s

    @property
    def peak_mb(self) -> float:
        """The most memory it has held so far (proc(5), VmHWM), in 10^6 bytes."""
        status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="utf-8")
        held = re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)
        return int(held[1]) * 1024 / 1e6 if held else 0.0

    @property
    def _name(self) -> str:
        return " ".join(self._command)

    def _exchange(self, question: bytes) -> bytes:
        try:
            os.write(self._stdin, question)
        except BrokenPipeError:
            raise self._ended() from None
        line, give_up_at = b"", time.monotonic() + PATIENCE_S
        while not line.endswith(b"\n"):
            if not select.select([self._stdout], [], [], max(0.0, give_up_at - time.monotonic()))[0]:
                raise FailureError(f"{self._name}: no answer after {PATIENCE_S:.0f} s to: {question.decode().strip()}")
            read = os.read(self._stdout, 65536)
            if not read:
                raise self._ended()
            line += read
        return line

    def _ended(self) -> FailureError:
        self._process.wait()
        self._complaints.seek(0)
        said = self._complaints.read().decode("utf-8", "replace").strip().splitlines()
        return FailureError(
            f"{self._name}: ended with {self._process.returncode}: {said[-1] if said else 'no message'}"
        )
