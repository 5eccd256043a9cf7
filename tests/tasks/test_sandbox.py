"""Decoders that crash, hang, eat and lie cost one TaskError each, and nothing of ours."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from smarthome.tasks.decoded import Decoded, Facts, Limits
from smarthome.tasks.inputs.inline import open_bytes
from smarthome.tasks.sandbox import Sandbox
from smarthome.tasks.task import TaskError
from tests.mosquitto import eventually


class Told(Facts):
    size: int
    environment: tuple[str, ...]
    pid: int


LIMITS = Limits(memory_mb=100, seconds=1.0, answer_mb=10)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox[Told]]:
    box = Sandbox("tests.tasks.decoders:behave", Told, LIMITS)
    yield box
    box.close()


def run(sandbox: Sandbox[Told], what: str, content: bytes = b"abc") -> Decoded[Told]:
    with open_bytes(content) as file:
        return sandbox.run(file, {"do": what}, "a.bin")


def test_facts_and_raw_bytes_come_back(sandbox: Sandbox[Told]) -> None:
    decoded = run(sandbox, "read", b"x" * 200_000 + b"y")
    assert decoded.facts.size == 200_001
    assert bytes(decoded.raw[:2]) == b"yx"
    assert len(decoded.raw) == 200_001


def test_the_decoder_sees_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMARTHOME_MQTT__PASSWORD", "hunter2")
    box = Sandbox("tests.tasks.decoders:behave", Told, LIMITS)
    environment = run(box, "read").facts.environment
    box.close()
    assert not [name for name in environment if name.startswith("SMARTHOME")]


@pytest.mark.parametrize(
    ("what", "code", "part"),
    [
        ("crash", "unreadable", "SIGABRT"),
        ("die", "too_large", "memory has probably run out"),
        ("exit", "unreadable", "crashed"),
        ("raise", "unreadable", "crashed"),
        ("eat", "too_large", "100 MB of memory"),
        ("write", "too_large", "10 MB"),
        ("refuse", "unreadable", "not to my taste"),
        ("lie", "unreadable", "was confused"),
        ("hang", "timeout", "longer than 1 s"),
        ("spin", "timeout", "longer than 1 s"),
    ],
)
def test_what_a_file_may_do_to_its_decoder(sandbox: Sandbox[Told], what: str, code: str, part: str) -> None:
    before = run(sandbox, "read").facts.pid
    began = time.monotonic()
    with pytest.raises(TaskError, match=part) as error:
        run(sandbox, what)
    assert error.value.code == code
    assert str(error.value).startswith("a.bin: ")
    assert time.monotonic() - began < 4
    assert run(sandbox, "read").facts.pid == before


def test_a_killed_cell_is_started_again(sandbox: Sandbox[Told]) -> None:
    os.kill(run(sandbox, "read").facts.pid, signal.SIGKILL)
    with pytest.raises(TaskError) as error:
        run(sandbox, "read")
    assert error.value.code == "failed"
    assert run(sandbox, "read").facts.size == 3


def test_a_decoder_that_does_not_start() -> None:
    with pytest.raises(TaskError, match="does not start"):
        run(Sandbox("tests.tasks.decoders:nothing", Told, LIMITS), "read")


def test_several_threads_take_turns(sandbox: Sandbox[Told]) -> None:
    with ThreadPoolExecutor(4) as pool:
        sizes = list(pool.map(lambda size: run(sandbox, "read", b"z" * size).facts.size, range(1, 20)))
    assert sizes == list(range(1, 20))


def test_the_decoder_ends_with_a_killed_worker() -> None:
    script = (
        "import os, signal\n"
        "from smarthome.tasks.inputs.inline import open_bytes\n"
        "from smarthome.tasks.decoded import Limits\n"
        "from smarthome.tasks.sandbox import Sandbox\n"
        "from tests.tasks.test_sandbox import Told\n"
        "box = Sandbox('tests.tasks.decoders:behave', Told, Limits(100, 1.0, 10))\n"
        "with open_bytes(b'abc') as file:\n"
        "    print(box.run(file, {'do': 'read'}, 'a').facts.pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=30)
    assert killed.returncode == -signal.SIGKILL
    assert eventually(lambda: not Path(f"/proc/{int(killed.stdout)}").exists())
