"""The part of Ollama's HTTP API that lists and pulls models, on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@dataclass
class Registry:
    """``published``: model → digest that a pull brings; ``here``: what the server has."""

    published: dict[str, str]
    here: dict[str, str] = field(default_factory=dict)
    url: str = ""


class Server(ThreadingHTTPServer):
    """Knows the registry its handlers speak for."""

    def __init__(self, registry: Registry) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.registry = registry
        registry.url = f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    """``GET /api/tags`` and ``POST /api/pull``."""

    server: Server

    def do_GET(self) -> None:
        models = [{"model": name, "name": name, "digest": digest} for name, digest in self.server.registry.here.items()]
        self._reply(200, [{"models": models}])

    def do_POST(self) -> None:
        name = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["model"]
        registry, full = self.server.registry, name if ":" in name else f"{name}:latest"
        if full not in registry.published:
            self._reply(200, [{"status": "pulling manifest"}, {"error": "pull model manifest: file does not exist"}])
            return
        registry.here[full] = registry.published[full]
        layer = {"status": "pulling aeda25e63ebd", "digest": "sha256:aeda25e63ebd", "total": 100}
        self._reply(200, [{"status": "pulling manifest"}, layer, layer | {"completed": 100}, {"status": "success"}])

    def _reply(self, status: int, lines: list[dict[str, object]]) -> None:
        content = "\n".join(json.dumps(line) for line in lines).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/x-ndjson" if len(lines) > 1 else "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@contextmanager
def serve(published: dict[str, str]) -> Iterator[Registry]:
    """A registry for the length of the ``with``."""
    registry = Registry(published)
    with Server(registry) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield registry
        finally:
            server.shutdown()
            thread.join()
