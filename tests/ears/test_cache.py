"""Made once, completely or not at all, by however many processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from smarthome.ears import cache
from smarthome.errors import ConfigurationError

MAKER = """
import os, sys, time
from pathlib import Path
from smarthome.ears import cache

def make(directory):
    (directory / "first").write_text(str(os.getpid()))
    print("making", flush=True)
    time.sleep(float(sys.argv[2]))
    (directory / "second").write_text(str(os.getpid()))

cache.made_once(Path(sys.argv[1]), make)
print((Path(sys.argv[1]) / "second").read_text(), flush=True)
"""


def start(directory: Path, seconds: float) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", MAKER, str(directory), str(seconds)], stdout=subprocess.PIPE, text=True
    )


def test_two_processes_at_once_make_one_and_both_have_it(tmp_path: Path) -> None:
    processes = [start(tmp_path / "made", 0.5) for _ in range(2)]
    said = [process.communicate(timeout=60)[0].split() for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    assert sum("making" in words for words in said) == 1
    assert said[0][-1] == said[1][-1]
    assert {path.name for path in tmp_path.iterdir()} == {"made", ".made.lock"}


def test_one_that_was_killed_midway_leaves_nothing_that_counts(tmp_path: Path) -> None:
    with start(tmp_path / "made", 60) as killed:
        assert killed.stdout is not None
        assert killed.stdout.readline() == "making\n"
        os.kill(killed.pid, signal.SIGKILL)
    assert not (tmp_path / "made").exists()
    before = time.monotonic()
    cache.made_once(tmp_path / "made", lambda directory: (directory / "whole").touch())
    assert time.monotonic() - before < 30
    assert [path.name for path in (tmp_path / "made").iterdir()] == ["whole"]


def test_a_failure_leaves_nothing(tmp_path: Path) -> None:
    def fail(directory: Path) -> None:
        (directory / "half").touch()
        raise ConfigurationError("no such weights")

    with pytest.raises(ConfigurationError, match="no such weights"):
        cache.made_once(tmp_path / "made", fail)
    assert [path.name for path in tmp_path.iterdir()] == [".made.lock"]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match=r"file/cache/made: cannot be written .*whisper\.cache"):
        cache.made_once(tmp_path / "file" / "cache" / "made", lambda _: None)


def test_it_lies_where_the_desktop_standard_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache.location(None) == tmp_path / "smarthome"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache.location(None) == tmp_path / ".cache" / "smarthome"
    assert cache.location(tmp_path / "mine") == tmp_path / "mine"
