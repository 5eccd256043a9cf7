"""The part of Ollama's HTTP API that the house uses (docs/api.md of Ollama), on loopback.

``GET /api/tags``, ``POST /api/pull`` and ``POST /api/chat``, as a server without a GPU would answer, or fail to.
"""

from __future__ import annotations

import base64
import io
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from PIL import Image


@dataclass
class Registry:
    """``published``: model → digest that a pull brings, ``megabytes`` → how much that is; ``here``: what there is.

    ``pause_s`` is between two words of an answer; ``dies_after`` so many words the connection ends; ``fault`` is what
    the server says instead of answering. ``asked`` are the requests of chats.
    """

    published: dict[str, str]
    here: dict[str, str] = field(default_factory=dict)
    megabytes: dict[str, int] = field(default_factory=dict)
    url: str = ""
    pause_s: float = 0.0
    dies_after: int | None = None
    fault: str | None = None
    asked: list[dict[str, Any]] = field(default_factory=list)


class Server(ThreadingHTTPServer):
    """Knows the registry its handlers speak for."""

    daemon_threads = True

    def __init__(self, registry: Registry) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.registry = registry
        registry.url = f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: Server

    def do_GET(self) -> None:
        models = [{"model": name, "name": name, "digest": digest} for name, digest in self.server.registry.here.items()]
        self._reply(200, [{"models": models}])

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/api/chat":
            self._chat(request)
        else:
            with suppress(BrokenPipeError, ConnectionResetError):  # a client that goes ends the pull
                self._pull(request["model"])

    def _pull(self, name: str) -> None:
        registry, full = self.server.registry, _full(name)
        if full not in registry.published:
            self._reply(200, [{"status": "pulling manifest"}, {"error": "pull model manifest: file does not exist"}])
            return
        size = registry.megabytes.get(full, 0) * 1_000_000 or 100
        layer: dict[str, Any] = {"status": "pulling aeda25e63ebd", "digest": "sha256:aeda25e63ebd", "total": size}
        steps: list[dict[str, Any]] = [layer, layer | {"completed": size // 2}, layer | {"completed": size}]
        self._stream_begins()
        for step in [{"status": "pulling manifest"}, *steps]:
            self._stream(step)
            time.sleep(0.05)
        self._stream({"status": "verifying sha256 digest"})
        registry.here[full] = registry.published[full]
        self._stream({"status": "success"})
        self.wfile.write(b"0\r\n\r\n")

    def _chat(self, request: dict[str, Any]) -> None:
        """Says what it was asked, and how large the picture is, word by word."""
        registry = self.server.registry
        registry.asked.append(request)
        if _full(request["model"]) not in registry.here:
            self._reply(404, [{"error": f"model '{request['model']}' not found"}])
            return
        if registry.fault:
            self._reply(500, [{"error": registry.fault}])
            return
        *_, question = request["messages"]
        text = f"Вы спросили: {question['content']}"
        for picture in question.get("images") or ():
            width, height = Image.open(io.BytesIO(base64.b64decode(picture))).size
            text += f" Картинка {width} на {height}."
        words = text.split(" ")
        most = request["options"]["num_predict"]
        self._stream_begins()
        for place, word in enumerate(words[:most]):
            if place == registry.dies_after:
                self.connection.close()
                return
            time.sleep(registry.pause_s)
            self._stream(_part(request, word if place == 0 else f" {word}"))
        end = {"done": True, "done_reason": "length" if len(words) > most else "stop"}
        self._stream(_part(request, "") | end | {"eval_count": min(most, len(words)), "prompt_eval_count": 7})
        self.wfile.write(b"0\r\n\r\n")

    def _stream_begins(self) -> None:
        self.protocol_version = "HTTP/1.1"
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson")
        self.send_header("Transfer-Encoding", "chunked")
        self.send_header("Connection", "close")
        self.end_headers()

    def _stream(self, part: Mapping[str, Any]) -> None:
        line = json.dumps(part).encode() + b"\n"
        self.wfile.write(f"{len(line):x}\r\n".encode() + line + b"\r\n")
        self.wfile.flush()

    def _reply(self, status: int, lines: list[dict[str, Any]]) -> None:
        content = "\n".join(json.dumps(line) for line in lines).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/x-ndjson" if len(lines) > 1 else "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


def _full(name: str) -> str:
    return name if ":" in name else f"{name}:latest"


def _part(request: dict[str, Any], text: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": text}
    return {"model": request["model"], "created_at": "2026-01-01T00:00:00Z", "message": message, "done": False}


@contextmanager
def serve(published: dict[str, str], **how: Any) -> Iterator[Registry]:
    """A registry for the length of the ``with``."""
    registry = Registry(published, **how)
    with Server(registry) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield registry
        finally:
            server.shutdown()
            thread.join()
