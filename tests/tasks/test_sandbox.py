"""Decoders that crash, hang, eat and lie cost one TaskError each, and nothing of ours."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from smarthome.tasks.inputs.inline import open_bytes
from smarthome.tasks.sandbox import Decoded, Limits, Sandbox
from smarthome.tasks.task import TaskError

LIMITS = Limits(memory_mb=100, seconds=1.0, answer_mb=10)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    box = Sandbox("tests.tasks.decoders:behave", LIMITS)
    yield box
    box.close()


def run(sandbox: Sandbox, what: str, content: bytes = b"abc") -> Decoded:
    with open_bytes(content) as file:
        return sandbox.run(file, {"do": what}, "a.bin")


def test_facts_and_raw_bytes_come_back(sandbox: Sandbox) -> None:
    decoded = run(sandbox, "read", b"x" * 200_000 + b"y")
    assert decoded.facts["size"] == 200_001
    assert bytes(decoded.raw[:2]) == b"yx"
    assert len(decoded.raw) == 200_001


def test_the_decoder_sees_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMARTHOME_MQTT__PASSWORD", "hunter2")
    box = Sandbox("tests.tasks.decoders:behave", LIMITS)
    environment = run(box, "read").facts["environment"]
    box.close()
    assert not [name for name in environment if name.startswith("SMARTHOME")]


@pytest.mark.parametrize(
    ("what", "code", "part"),
    [
        ("crash", "unreadable", "SIGABRT"),
        ("exit", "unreadable", "crashed"),
        ("raise", "unreadable", "crashed"),
        ("eat", "too_large", "100 MB of memory"),
        ("write", "too_large", "10 MB"),
        ("refuse", "unreadable", "not to my taste"),
        ("hang", "timeout", "longer than 1 s"),
        ("spin", "timeout", "longer than 1 s"),
    ],
)
def test_what_a_file_may_do_to_its_decoder(sandbox: Sandbox, what: str, code: str, part: str) -> None:
    before = run(sandbox, "read").facts["pid"]
    began = time.monotonic()
    with pytest.raises(TaskError, match=part) as error:
        run(sandbox, what)
    assert error.value.code == code
    assert str(error.value).startswith("a.bin: ")
    assert time.monotonic() - began < 4
    assert run(sandbox, "read").facts["pid"] == before


def test_a_killed_cell_is_started_again(sandbox: Sandbox) -> None:
    os.kill(run(sandbox, "read").facts["pid"], signal.SIGKILL)
    with pytest.raises(TaskError) as error:
        run(sandbox, "read")
    assert error.value.code == "failed"
    assert run(sandbox, "read").facts["size"] == 3


def test_a_decoder_that_does_not_start() -> None:
    with pytest.raises(TaskError, match="does not start"):
        run(Sandbox("tests.tasks.decoders:nothing", LIMITS), "read")


def test_several_threads_take_turns(sandbox: Sandbox) -> None:
    with ThreadPoolExecutor(4) as pool:
        sizes = list(pool.map(lambda size: run(sandbox, "read", b"z" * size).facts["size"], range(1, 20)))
    assert sizes == list(range(1, 20))
