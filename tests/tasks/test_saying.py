"""Every text is said once, whatever is killed and whoever is away, and the answer tells which were."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from smarthome.tasks.ledger import KEPT_S, Ledger
from smarthome.tasks.saying import Executed, line_to, say_once
from tests.mosquitto import Mosquitto, Observer, free_port

SAY = "smarthome/home/say"
TEXTS = ("включи свет", "закрой шторы", "выключи чайник")


@pytest.fixture
def site(mosquitto: Mosquitto) -> Iterator[Observer]:
    """Stands in for a listening site."""
    with Observer(mosquitto.port, SAY) as observer:
        observer.publish("smarthome/home/availability", "online", retain=True)
        yield observer


def said(site: Observer) -> list[str]:
    """What has arrived so far, a last message of our own included and left out."""
    site.publish(SAY, "end")
    assert site.saw(SAY, "end")
    return [json.loads(text)["text"] for text in site.texts(SAY) if text != "end"]


def attempt(broker: Mosquitto, folder: Path, job_id: str = "job", area: str | None = None) -> tuple[Executed, ...]:
    with line_to(broker.settings(), "home") as line:
        return say_once(folder, job_id, line, TEXTS, area)


def test_said_once_and_not_again(mosquitto: Mosquitto, site: Observer, tmp_path: Path) -> None:
    first = attempt(mosquitto, tmp_path)
    assert first == tuple(Executed(text=text, sent=True) for text in TEXTS)
    assert attempt(mosquitto, tmp_path) == first
    assert said(site) == list(TEXTS)
    attempt(mosquitto, tmp_path, "another", area="Спальня")
    assert said(site) == [*TEXTS, *TEXTS]
    assert json.loads(site.texts(SAY)[-2])["area"] == "Спальня"
    assert not any(seen.retained for seen in site.seen)


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("when", ["before", "after"])
def test_kill_9_in_the_midst_executes_nothing_twice(
    place: int, when: str, mosquitto: Mosquitto, site: Observer, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "tests.tasks.sayer", str(mosquitto.port), str(tmp_path), str(place), when, *TEXTS]
    killed = subprocess.run(command, check=False, timeout=30)
    assert killed.returncode == -signal.SIGKILL
    second = attempt(mosquitto, tmp_path)
    doubtful = [each for each in second if not each.sent]
    assert [each.text for each in doubtful] == [TEXTS[place]]
    assert "не повторяется" in str(doubtful[0].note)
    expected = [text for text in TEXTS if when == "after" or text != TEXTS[place]]
    assert said(site) == expected
    assert attempt(mosquitto, tmp_path) == second
    assert said(site) == expected


def test_a_broker_that_is_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smarthome.tasks.saying.CONNECT_S", 0.5)
    directory = tmp_path / "broker"
    directory.mkdir()
    broker = Mosquitto(directory)
    broker.port = free_port()
    lost = attempt(broker, tmp_path)
    assert [each.sent for each in lost] == [False] * 3
    assert all("брокер недоступен" in str(each.note) for each in lost)
    with broker, Observer(broker.port, SAY) as site:
        site.publish("smarthome/home/availability", "online", retain=True)
        again = attempt(broker, tmp_path)
        assert [each.sent for each in again] == [False] * 3
        assert said(site) == []


@pytest.mark.parametrize("state", [None, "offline"])
def test_a_site_that_does_not_listen(state: str | None, mosquitto: Mosquitto, tmp_path: Path) -> None:
    with Observer(mosquitto.port, SAY) as site:
        if state:
            site.publish("smarthome/home/availability", state, retain=True)
        executed = attempt(mosquitto, tmp_path)
        assert [each.sent for each in executed] == [False] * 3
        assert all("не слушает" in str(each.note) for each in executed)
        assert said(site) == []


def test_a_broker_that_freezes(
    mosquitto: Mosquitto, site: Observer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smarthome.tasks.saying.ACKNOWLEDGE_S", 0.5)
    with line_to(mosquitto.settings(), "home") as line:
        assert line.why_not() is None
        mosquitto.freeze()
        executed = say_once(tmp_path, "job", line, TEXTS[:1], None)
        mosquitto.thaw()
    assert [each.sent for each in executed] == [False]
    assert "неизвестно" in str(executed[0].note)
    assert len(said(site)) <= 1


def test_a_text_that_is_too_long_for_a_command(mosquitto: Mosquitto, site: Observer, tmp_path: Path) -> None:
    with line_to(mosquitto.settings(), "home") as line:
        long, short = say_once(tmp_path, "job", line, ("ля" * 300, TEXTS[0]), None)
    assert (long.sent, short.sent) == (False, True)
    assert "длиннее 500" in str(long.note)
    assert said(site) == [TEXTS[0]]


def test_half_a_line_is_no_line(tmp_path: Path) -> None:
    with Ledger(tmp_path, "job") as ledger:
        ledger.begin(TEXTS)
        ledger.mark(0, "sent")
    file = tmp_path / "job.jsonl"
    file.write_bytes(file.read_bytes() + b'[1, "be')
    with Ledger(tmp_path, "job") as ledger:
        assert (ledger.begin(("другое",)), ledger.states) == (TEXTS, {0: "sent"})
        ledger.mark(1, "begun")
    with Ledger(tmp_path, "job") as ledger:
        assert ledger.states == {0: "sent", 1: "begun"}


def test_old_ledgers_are_swept(tmp_path: Path) -> None:
    with Ledger(tmp_path, "old") as ledger:
        ledger.begin(TEXTS)
    long_ago = time.time() - KEPT_S - 60
    os.utime(tmp_path / "old.jsonl", (long_ago, long_ago))
    with Ledger(tmp_path, "new") as ledger:
        ledger.begin(TEXTS)
    assert [each.name for each in tmp_path.iterdir()] == ["new.jsonl"]
