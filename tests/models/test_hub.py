"""Fetching models from a real HTTP server, and what happens when it has other ideas."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from smarthome.models.lock import PINNED, Lock
from tests.hub_server import Hub, Repository, files_of, serve
from tests.whisper import save_tiny

SMALL = "openai/whisper-small"
OTHER = "somebody/whisper-russian"
FIRST, SECOND = "1" * 40, "2" * 40

PULL = """
import sys
from pathlib import Path
from smarthome.models import hub
from smarthome.models.layouts import TRANSCRIBE
from smarthome.models.lock import PullError
try:
    print(hub.pull(sys.argv[1], TRANSCRIBE, Path(sys.argv[2])))
except PullError as error:
    sys.exit(f"refused: {error}")
"""
CACHED = """
import sys
from pathlib import Path
from smarthome.models import hub
from smarthome.models.layouts import TRANSCRIBE
def audit(event, args):
    if event in ("socket.connect", "socket.getaddrinfo"):
        sys.exit(f"network: {args}")
sys.addaudithook(audit)
print(hub.find(sys.argv[1], TRANSCRIBE, Path(sys.argv[2])))
"""
RECOGNISE = """
import sys
from pathlib import Path
import numpy as np
from smarthome.ears.whisper import open_recogniser
from smarthome.settings import WhisperSettings
recogniser = open_recogniser(WhisperSettings(model=sys.argv[1], cache=Path(sys.argv[2]), engine="transformers"))
print(recogniser.model, recogniser.transcribe(np.zeros(16_000, np.float32)).tokens > 0)
"""


@dataclass(frozen=True)
class Machine:
    """An owner's machine: its Hugging Face home and its cache."""

    home: Path
    endpoint: str

    @property
    def cache(self) -> Path:
        return self.home / "smarthome"

    def run(self, code: str, model: str, **variables: str) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"HF_HOME": str(self.home / "hf"), "HF_ENDPOINT": self.endpoint, **variables}
        command = [sys.executable, "-c", code, model, str(self.cache)]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)

    def refused(self, model: str, **variables: str) -> str:
        done = self.run(PULL, model, **variables)
        assert done.returncode == 1
        assert done.stdout == ""
        return done.stderr.splitlines()[-1]

    def pulled(self, model: str) -> Path:
        done = self.run(PULL, model)
        assert done.returncode == 0, done.stderr
        return Path(done.stdout.strip())

    def cached(self, model: str) -> str:
        done = self.run(CACHED, model)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


@pytest.fixture(scope="module")
def models(whisper_base: Path, tiny_whisper: Path, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, bytes]]:
    """Two different models' files; both with files that nobody needs."""
    wider = tmp_path_factory.mktemp("wider")
    save_tiny(wider, whisper_base, width=32)
    unneeded = {"pytorch_model.bin": b"pickle", "README.md": b"# Whisper"}
    return [files_of(tiny_whisper) | unneeded, files_of(wider) | unneeded]


@pytest.fixture
def hub(models: list[dict[str, bytes]]) -> Iterator[Hub]:
    first, second = models
    repositories = {
        SMALL: Repository({PINNED[SMALL]: first, SECOND: second}, main=SECOND),
        OTHER: Repository({FIRST: first, SECOND: second}, main=FIRST),
        "somebody/pickled": Repository({FIRST: {"pytorch_model.bin": b"pickle", "config.json": b"{}"}}, main=FIRST),
    }
    with serve(repositories) as hub:
        yield hub


@pytest.fixture
def machine(hub: Hub, tmp_path: Path) -> Machine:
    return Machine(tmp_path, hub.url)


def test_the_pinned_revision_is_fetched_whatever_main_is(
    hub: Hub, machine: Machine, models: list[dict[str, bytes]]
) -> None:
    assert machine.cached(SMALL) == "None"
    directory = machine.pulled(SMALL)
    assert directory.name == PINNED[SMALL]
    assert files_of(directory) == {
        name: models[0][name]
        for name in ("config.json", "generation_config.json", "model.safetensors", "tokenizer.json")
    }
    assert not [path for path in hub.requests if path.endswith(("pytorch_model.bin", "README.md"))]
    assert machine.cached(SMALL) == str(directory)


def test_the_first_pull_locks_the_revision_for_ever(hub: Hub, machine: Machine) -> None:
    first = machine.pulled(OTHER)
    assert first.name == FIRST
    locked = Lock.read(machine.cache).models[OTHER]
    assert locked.commit == FIRST
    assert set(locked.sha256) == set(files_of(first))
    hub.repositories[OTHER].main = SECOND
    assert machine.pulled(OTHER) == first
    assert machine.cached(OTHER) == str(first)


def test_what_was_fetched_is_recognised_with_when_the_hub_is_gone(machine: Machine) -> None:
    machine.pulled(OTHER)
    done = Machine(machine.home, "http://127.0.0.1:9").run(RECOGNISE, OTHER)
    assert done.stdout.split() == [OTHER, "True"], done.stderr


def test_other_bytes_under_the_locked_commit_are_refused(
    hub: Hub, machine: Machine, models: list[dict[str, bytes]], tmp_path: Path
) -> None:
    machine.pulled(OTHER)
    hub.repositories[OTHER].commits[FIRST] = models[1]
    elsewhere = Machine(tmp_path / "elsewhere", hub.url)
    elsewhere.cache.mkdir(parents=True)
    (elsewhere.cache / "models.lock.json").write_bytes((machine.cache / "models.lock.json").read_bytes())
    assert "came with the SHA-256" in elsewhere.refused(OTHER)
    assert elsewhere.cached(OTHER) == "None"


def test_bytes_that_differ_from_the_published_checksum_are_refused(hub: Hub, machine: Machine) -> None:
    hub.repositories[SMALL].published["model.safetensors"] = "f" * 64
    assert f"instead of {'f' * 64} and was deleted; pull again" in machine.refused(SMALL)
    assert not (machine.cache / "models.lock.json").exists()
    assert machine.cached(SMALL) == "None"


def test_a_model_without_safetensors_is_refused(machine: Machine) -> None:
    assert machine.refused("somebody/pickled") == (
        "refused: somebody/pickled: the hub has no model.safetensors and no tokenizer.json of it"
    )


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("nobody/nothing", "the hub has no such model, or it is private"),
        ("no name at all", "no name of a model on the hub, such as openai/whisper-small"),
        ("openai/whisper-base", "the hub has no such model"),
    ],
)
def test_a_model_that_is_not_there_is_named(model: str, message: str, machine: Machine) -> None:
    assert machine.refused(model).startswith(f"refused: {model}: {message}")


def test_a_pinned_revision_that_is_gone_is_said(hub: Hub, machine: Machine) -> None:
    del hub.repositories[SMALL].commits[PINNED[SMALL]]
    assert machine.refused(SMALL) == f"refused: {SMALL}: the hub no longer has its pinned revision"


def test_without_a_network_it_says_so_soon(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening: connections are refused
        machine = Machine(tmp_path, f"http://127.0.0.1:{taken.getsockname()[1]}")
        before = time.monotonic()
        assert f"the hub at {machine.endpoint} cannot be reached; is there a network?" in machine.refused(SMALL)
        assert time.monotonic() - before < 20


def test_a_hub_that_never_answers_is_given_up(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        machine = Machine(tmp_path, f"http://127.0.0.1:{silent.getsockname()[1]}")
        before = time.monotonic()
        assert "cannot be reached; is there a network?" in machine.refused(SMALL)
        assert time.monotonic() - before < 40


def test_forbidden_network_is_said(machine: Machine) -> None:
    assert machine.refused(SMALL, HF_HUB_OFFLINE="1") == (
        f"refused: {SMALL}: HF_HUB_OFFLINE forbids the network; unset it to pull"
    )


def test_a_half_fetched_model_is_not_taken(machine: Machine) -> None:
    (machine.pulled(SMALL) / "model.safetensors").unlink()
    assert machine.cached(SMALL) == "None"


def test_a_broken_lock_file_is_named(machine: Machine) -> None:
    machine.cache.mkdir()
    (machine.cache / "models.lock.json").write_text(json.dumps({"models": {OTHER: {"commit": 1}}}))
    done = machine.run(PULL, OTHER)
    assert "ConfigurationError: " in done.stderr
    assert "models.lock.json: cannot be read; delete it to lock anew" in done.stderr
