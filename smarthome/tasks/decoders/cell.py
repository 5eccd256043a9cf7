"""A file descriptor in, plain samples or pixels out: the process in which untrusted files are decoded.

``python -m smarthome.tasks.decoders.cell MODULE:FUNCTION FD`` imports the decoder once and then, for every request on
the socket FD, forks a child that limits itself and decodes. ``sandbox.py`` is the other end; nothing that comes from
here is trusted there: an answer is a line of JSON and raw bytes.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import resource
import signal
import socket
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

from smarthome.tasks.decoders.verdict import Decoder, Undecodable

MB = 1_000_000
REQUEST_BYTES = 65_536


def main() -> None:
    """Serve requests until the other end closes the socket."""
    module, _, name = sys.argv[1].partition(":")
    decoder: Decoder = getattr(import_module(module), name)
    channel = socket.socket(fileno=int(sys.argv[2]))
    channel.send(b"ready")
    while True:
        message, fds, _, _ = socket.recv_fds(channel, REQUEST_BYTES, 3)
        if not message:
            return
        child = os.fork()
        if child == 0:
            channel.close()
            _decode(decoder, json.loads(message), *fds)
        for each in fds:
            os.close(each)
        _, status = os.waitpid(child, 0)
        channel.send(str(status).encode())


def _decode(decoder: Decoder, request: Mapping[str, Any], file: int, raw: int, head: int) -> NoReturn:
    """The child: never returns, whatever happens."""
    with contextlib.suppress(BaseException):
        _limit(request["memory_mb"], request["answer_mb"], request["seconds"])
        answer = json.dumps(_answer(decoder, request, Path(f"/proc/self/fd/{file}"), raw)).encode()
        os.write(head, answer)
        os._exit(0)
    os._exit(1)


def _answer(decoder: Decoder, request: Mapping[str, Any], file: Path, raw: int) -> Mapping[str, Any]:
    try:
        with os.fdopen(raw, "wb") as out:
            return {"ok": decoder(file, request["options"], out)}
    except Undecodable as error:
        return {"code": error.code, "message": str(error)}
    except MemoryError:
        return {"code": "too_large", "message": f"decoding it takes more than {request['memory_mb']} MB of memory"}
    except OSError as error:
        if error.errno != errno.EFBIG:
            return {"code": "unreadable", "message": f"cannot be read: {error.strerror}"}
        return {"code": "too_large", "message": f"decoded it is larger than {request['answer_mb']} MB"}


def _limit(memory_mb: int, answer_mb: int, seconds: float) -> None:
    """Memory beside what is loaded already, processor and wall time, files' size, core dumps; the kernel ends it."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    memory = pages * resource.getpagesize() + memory_mb * MB
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    cpu = max(1, round(2 * seconds))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu))
    resource.setrlimit(resource.RLIMIT_FSIZE, (answer_mb * MB, answer_mb * MB))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds)


if __name__ == "__main__":
    main()
