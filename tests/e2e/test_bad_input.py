"""What goes wrong outside: one clear message and the right exit code each."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from smarthome.ears import packaged
from tests.e2e.program import DEVICES, RECORDINGS, Program, as_wav, silence
from tests.mosquitto import Mosquitto, Observer
from tests.pulse import silent_environment

SPOKEN = str(RECORDINGS / "01.flac")


@dataclass(frozen=True)
class Case:
    """What is wrong, how it is run, what comes of it."""

    devices: str | None = None
    model: str | None = None
    audio: bool = True
    code: int = 2
    message: tuple[str, ...] = ()


CASES = {
    "YAML that is none": Case(devices="areas: [", message=("devices.yaml: line ", "column ")),
    "a domain that there is not": Case(
        devices="devices:\n  - {id: light.a, name: А, domain: lamp}\n", message=("line 2", "devices.0.domain", "'lamp'")
    ),
    "a model directory that is not there": Case(model="/nowhere/whisper", message=("/nowhere/whisper", "models pull")),
    "an empty model directory": Case(model="{tmp}", message=("no Whisper model", "model.safetensors")),
    "damaged weights": Case(model="{damaged}", message=("{damaged}",)),
}


@pytest.mark.parametrize("name", CASES)
def test_wrong_configuration_ends_with_2(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    devices = tmp_path / "devices.yaml"
    devices.write_text(case.devices or Path(DEVICES).read_text(encoding="utf-8"), encoding="utf-8")
    model = (case.model or "whisper-base").format(tmp=tmp_path, damaged=tmp_path / "damaged")
    if case.model == "{damaged}":
        whole = packaged.provide(tmp_path / "cache")
        shutil.copytree(whole, tmp_path / "damaged")
        with (tmp_path / "damaged" / "model.bin").open("r+b") as weights:
            weights.truncate(50_000_000)
    program = Program(
        tmp_path, "listen", "--dry-run", "--devices", str(devices), "--audio", SPOKEN, whisper__model=model
    )
    with program as listen:
        assert listen.wait() == 2, listen.err
    assert listen.err.startswith("smarthome: ")
    assert "Traceback" not in listen.err
    for part in case.message:
        assert part.format(damaged=tmp_path / "damaged") in listen.err


@contextmanager
def nothing_to_hear_with() -> Iterator[dict[str, str]]:
    with tempfile.TemporaryDirectory() as runtime:
        yield silent_environment(runtime)


def test_no_microphone_ends_with_1(tmp_path: Path) -> None:
    with (
        nothing_to_hear_with() as env,
        Program(tmp_path, "listen", "--dry-run", "--devices", DEVICES, env=env) as listen,
    ):
        assert listen.wait() == 1
    assert "no microphone found; plug one in" in listen.err
    assert "Traceback" not in listen.err


def test_a_wrong_password_is_told_and_ends_a_single_command_with_1(tmp_path: Path) -> None:
    passwords = tmp_path / "passwords"
    passwords.touch(mode=0o600)
    with Mosquitto(tmp_path, f"allow_anonymous false\npassword_file {passwords}") as broker:
        program = Program(
            tmp_path,
            *("say", "включи чайник", "--devices", DEVICES),
            mqtt__host="127.0.0.1",
            mqtt__port=broker.port,
            mqtt__username="anna",
            mqtt__password="wrong",
        )
        with program as say:
            assert say.wait() == 1
    assert "mqtt.password" in say.err
    assert "wrong" not in say.err.replace("wrong password", "")
    assert "Traceback" not in say.err


def test_no_broker_ends_a_single_command_with_1(tmp_path: Path) -> None:
    with Program(tmp_path, "say", "включи чайник", "--devices", DEVICES, mqtt__port=1) as say:
        assert say.wait() == 1
    assert "1" in say.err
    assert "Traceback" not in say.err


def test_payloads_that_are_none_are_told_and_change_nothing(tmp_path: Path, mosquitto: Mosquitto) -> None:
    with (
        Observer(mosquitto.port, "smarthome/#", "home/#") as observer,
        Program(
            tmp_path,
            *("listen", "--devices", DEVICES, "--audio", str(as_wav(tmp_path / "quiet.wav", silence(60)))),
            mqtt__host="127.0.0.1",
            mqtt__port=mosquitto.port,
        ) as listen,
    ):
        assert observer.saw("smarthome/test/availability", "online")
        observer.publish("smarthome/test/say", b"\xff\xfe")
        observer.publish("smarthome/test/feedback", "good")
        observer.publish("home/kitchen/kettle/state", "{")
        observer.publish("zigbee2mqtt/desk_lamp", "[" * 10_000)
        for topic in ("test/say", "test/feedback", "kettle/state", "desk_lamp"):
            assert listen.logs(f"WARNING.*{topic}"), listen.err
        observer.publish("smarthome/test/say", "включи чайник")
        assert observer.saw("home/kitchen/kettle/set", '{"state": "on"}')
        assert "Traceback" not in listen.err
