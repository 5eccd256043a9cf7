"""A real Redis on a free port, with or without memory of its past."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Self

import redis

from tests.mosquitto import eventually, free_port


class Redis:
    """Debian's ``redis-server``; ``url`` has its password."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"redis://:geheim@127.0.0.1:{self._port}/0"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.kill()

    def start(self) -> None:
        """Empty, for it keeps nothing."""
        options = ("--port", str(self._port), "--bind", "127.0.0.1", "--requirepass", "geheim", "--save", "")
        log = self._folder / "redis.log"
        command = ["redis-server", *options, "--dir", str(self._folder), "--logfile", str(log)]
        self._process = subprocess.Popen(command)
        client = redis.Redis.from_url(self.url)
        assert eventually(lambda: _answers(client)), log.read_text()
        client.close()

    def kill(self) -> None:
        """At once."""
        assert self._process
        self._process.kill()
        self._process.wait()


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
