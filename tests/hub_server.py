"""A model hub on loopback that speaks the Hugging Face hub's protocol and serves real files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread


@dataclass
class Repository:
    """One model: commit → file → content. ``main`` is the branch's head, ``published`` replaces true SHA-256."""

    commits: dict[str, dict[str, bytes]]
    main: str
    published: dict[str, str] = field(default_factory=dict)

    def commit(self, revision: str) -> str:
        return self.main if revision == "main" else revision


def files_of(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


@dataclass
class Hub:
    """The models it serves, and what was asked of it."""

    repositories: dict[str, Repository]
    requests: list[str] = field(default_factory=list)
    url: str = ""


def lfs(repository: Repository, file: str, content: bytes) -> dict[str, object]:
    """How the hub describes large files."""
    if not file.endswith((".safetensors", ".bin")):
        return {}
    digest = repository.published.get(file) or hashlib.sha256(content).hexdigest()
    return {"lfs": {"sha256": digest, "size": len(content), "pointerSize": 134}}


class Server(ThreadingHTTPServer):
    """Knows the hub that its handlers speak for."""

    def __init__(self, hub: Hub) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.hub = hub
        hub.url = f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    """``/api/models/OWNER/NAME[/revision/REVISION]`` and ``/OWNER/NAME/resolve/REVISION/FILE``."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        self.server.hub.requests.append(self.path)
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def _answer(self) -> None:
        path = self.path.partition("?")[0].strip("/").split("/")
        if path[:2] == ["api", "models"]:
            self._describe("/".join(path[2:4]), path[5] if len(path) > 5 else "main")
        else:
            self._serve("/".join(path[:2]), path[3], "/".join(path[4:]))

    def _files(self, name: str, revision: str) -> dict[str, bytes] | None:
        repository = self.server.hub.repositories.get(name)
        files = repository.commits.get(repository.commit(revision)) if repository else None
        if files is None:
            self._reply(404, b"{}", {"X-Error-Code": "RevisionNotFound" if repository else "RepoNotFound"})
        return files

    def _describe(self, name: str, revision: str) -> None:
        files = self._files(name, revision)
        if files is None:
            return
        repository = self.server.hub.repositories[name]
        siblings = [
            {"rfilename": file, "size": len(content), "blobId": "0" * 40, **lfs(repository, file, content)}
            for file, content in files.items()
        ]
        described = {"id": name, "sha": repository.commit(revision), "siblings": siblings, "tags": []}
        self._reply(200, json.dumps(described).encode(), {"Content-Type": "application/json"})

    def _serve(self, name: str, revision: str, file: str) -> None:
        files = self._files(name, revision)
        if files is None:
            return
        if file not in files:
            self._reply(404, b"", {"X-Error-Code": "EntryNotFound"})
            return
        digest = hashlib.sha256(files[file]).hexdigest()
        self._reply(200, files[file], {"ETag": f'"{digest}"', "X-Repo-Commit": revision})

    def _reply(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for key, value in (headers | {"Content-Length": str(len(content))}).items():
            self.send_header(key, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@contextmanager
def serve(repositories: dict[str, Repository]) -> Iterator[Hub]:
    """A hub for the length of the ``with``."""
    hub = Hub(repositories)
    with Server(hub) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield hub
        finally:
            server.shutdown()
            thread.join()
