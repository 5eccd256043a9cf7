"""Untrusted files in, plain samples or pixels out: decoders run in a process of their own, within the kernel's limits.

    task ─ Sandbox.run ─► cell.py, which has imported the decoder ─ fork ─► one file: limits, decode, answer, exit

A decoder that crashes, hangs, or wants too much memory becomes a TaskError; the next file gets a fresh process.
"""

from __future__ import annotations

import contextlib
import json
import mmap
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from smarthome.settings import InputsSettings
from smarthome.tasks.decoders.cell import MB
from smarthome.tasks.task import TaskError

START_S = 60.0
"""How long the decoder may take to be imported, on a busy machine."""

GRACE_S = 5.0
"""How long after its time the kernel may take to end a decoder; then the whole cell is killed."""

HEAD_BYTES = 1_000_000
_TIMEOUTS = (signal.SIGALRM, signal.SIGXCPU, signal.SIGKILL)


@dataclass(frozen=True, slots=True)
class Limits:
    """What decoding one file may take: memory beside the decoder's own, wall time, size of the answer."""

    memory_mb: int
    seconds: float
    answer_mb: int

    @classmethod
    def of(cls, settings: InputsSettings) -> Limits:
        """Those of the settings; what was decoded must fit into the memory for decoding, too."""
        return cls(settings.decode_memory_mb, settings.decode_s, settings.decode_memory_mb)


class Decoded(NamedTuple):
    """What a decoder says about its file, and its raw bytes."""

    facts: Mapping[str, Any]
    raw: bytes | mmap.mmap


class _Cell(NamedTuple):
    process: subprocess.Popen[bytes]
    channel: socket.socket


class Sandbox:
    """A decoder, ``module:function``, behind a process boundary. Starts it when first needed; safe for threads."""

    def __init__(self, decoder: str, limits: Limits) -> None:
        self._decoder = decoder
        self._limits = limits
        self._lock = threading.Lock()
        self._cell: _Cell | None = None

    def run(self, file: int, options: Mapping[str, Any], name: str) -> Decoded:
        """What the decoder makes of an open file. Raises TaskError, whose message begins with ``name``.

        ``file`` is a descriptor; the decoder gets a path that opens it anew, from its beginning.
        """
        with self._lock:
            cell = self._cell = self._cell or self._start()
            try:
                return self._run(cell, file, options, name)
            except OSError:
                self._end()
                raise TaskError("failed", f"{name}: the decoder's process ended; try again") from None

    def close(self) -> None:
        """End the process; ``run`` starts it again."""
        with self._lock:
            self._end()

    def _start(self) -> _Cell:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, "-m", "smarthome.tasks.decoders.cell", self._decoder, str(theirs.fileno())]
        with theirs:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env=_environment(),
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        cell = _Cell(process, ours)
        ours.settimeout(START_S)
        try:
            ready = ours.recv(16)
        except OSError:
            ready = b""
        if ready != b"ready":
            self._cell = cell
            self._end()
            raise TaskError("failed", f"the decoder {self._decoder} does not start")
        return cell

    def _run(self, cell: _Cell, file: int, options: Mapping[str, Any], name: str) -> Decoded:
        limits = self._limits
        request = {
            "memory_mb": limits.memory_mb,
            "answer_mb": limits.answer_mb,
            "seconds": limits.seconds,
            "options": options,
        }
        raw = os.memfd_create("decoded")
        try:
            head, status = self._exchange(cell, json.dumps(request).encode(), file, raw)
            if status is None:
                self._end()
                raise TaskError("timeout", f"{name}: decoding takes longer than {limits.seconds:g} s")
            facts = self._facts(head, status, name)
            size = os.fstat(raw).st_size
            return Decoded(facts, mmap.mmap(raw, size, prot=mmap.PROT_READ) if size else b"")
        finally:
            os.close(raw)

    def _exchange(self, cell: _Cell, request: bytes, file: int, raw: int) -> tuple[bytes, int | None]:
        """The head of the answer, and how the child ended; None: it did not in time."""
        deadline = time.monotonic() + self._limits.seconds + GRACE_S
        ours, theirs = os.pipe()
        with os.fdopen(ours, "rb", buffering=0) as heads:
            try:
                socket.send_fds(cell.channel, [request], [file, raw, theirs])
            finally:
                os.close(theirs)
            head = b""
            while len(head) <= HEAD_BYTES:
                if not select.select([heads], [], [], max(0.0, deadline - time.monotonic()))[0]:
                    return head, None
                if not (more := heads.read(65_536)):
                    break
                head += more
        cell.channel.settimeout(max(0.1, deadline - time.monotonic()))
        try:
            status = cell.channel.recv(16)
        except TimeoutError:
            return head, None
        if not status:
            raise ConnectionResetError
        return head, os.waitstatus_to_exitcode(int(status))

    def _facts(self, head: bytes, status: int, name: str) -> Mapping[str, Any]:
        if status < 0 and -status in _TIMEOUTS:
            raise TaskError("timeout", f"{name}: decoding takes longer than {self._limits.seconds:g} s")
        try:
            answer = json.loads(head) if status == 0 else None
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            how = signal.Signals(-status).name if status < 0 else f"code {status}"
            raise TaskError("unreadable", f"{name}: its decoder crashed ({how}); the file is damaged or malicious")
        if "ok" not in answer:
            raise TaskError(str(answer.get("code")), f"{name}: {answer.get('message')}")
        facts: Mapping[str, Any] = answer["ok"]
        return facts

    def _end(self) -> None:
        if self._cell is None:
            return
        process, channel = self._cell
        self._cell = None
        channel.close()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def __del__(self) -> None:
        if self._cell is not None:
            self._end()


def _environment() -> dict[str, str]:
    """Nothing of ours but where Python finds its modules: no password, one thread a library, little address space."""
    return {
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "PATH": os.environ.get("PATH", ""),
        "LANG": "C.UTF-8",
        "MALLOC_ARENA_MAX": "2",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }


def megabytes(value: float) -> int:
    """As bytes."""
    return round(value * MB)
