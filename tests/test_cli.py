"""The command line: what it loads, what it prints, how it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from smarthome import __version__

SMARTHOME = str(Path(sys.executable).parent / "smarthome")
DEVICES = str(Path(__file__).parent.parent / "devices.yaml")


def run(*args: str, cwd: Path | None = None, stdin: str = "", **env: str) -> subprocess.CompletedProcess[str]:
    """`smarthome ARGS` with nothing of this machine's settings."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("SMARTHOME_")}
    return subprocess.run(
        [SMARTHOME, *args],
        cwd=cwd,
        env=clean | env,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_importing_the_command_line_loads_nothing_heavy() -> None:
    heavy = "torch transformers ctranslate2 sounddevice numpy av soxr paho pydantic pymorphy3 rich.live"
    code = f"import sys, smarthome.cli; print([m for m in {heavy!r}.split() if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_help_lists_the_commands() -> None:
    done = run("--help")
    assert done.returncode == 0
    for command in ("demo", "listen", "parse", "transcribe", "say", "simulate", "devices", "config", "models"):
        assert f"\n  {command} " in done.stdout


@pytest.mark.parametrize(
    "args",
    [
        ("sing",),
        ("listen", "--loud"),
        ("listen", "file.wav"),
        ("parse", "--devices", DEVICES),
        ("parse", "--devices", DEVICES, "--jsonl", "--explain", "включи свет"),
        ("parse", "--devices", DEVICES, "--dialogue", "--explain", "включи свет"),
        ("transcribe",),
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_2(args: tuple[str, ...]) -> None:
    done = run(*args)
    assert done.returncode == 2
    assert "Error" in done.stderr


def test_wrong_configuration_ends_with_2_and_one_line(tmp_path: Path) -> None:
    done = run("config", "show", cwd=tmp_path, SMARTHOME_MQTT__PORT="0")
    assert done.returncode == 2
    assert (
        done.stderr == "smarthome: SMARTHOME_MQTT__PORT: mqtt.port = '0': input should be greater than or equal to 1\n"
    )


def test_a_house_that_is_not_there_ends_with_2(tmp_path: Path) -> None:
    done = run("devices", "list", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("smarthome: devices.yaml: there is no such file")


def test_config_show_and_schema(tmp_path: Path) -> None:
    shown = json.loads(
        run("config", "show", cwd=tmp_path, SMARTHOME_MQTT__USERNAME="a", SMARTHOME_MQTT__PASSWORD="b").stdout
    )
    assert shown["mqtt"]["password"] == "**********"
    schema = json.loads(run("config", "schema").stdout)
    assert schema["$defs"]["MqttSettings"]["properties"]["port"]["description"]


def test_devices_check_and_list() -> None:
    assert run("devices", "check", "--devices", DEVICES).stdout == "28 devices in 8 areas on 2 floors: all well\n"
    assert "home/kitchen/kettle/set" in run("devices", "list", "--devices", DEVICES).stdout


def test_version() -> None:
    assert run("--version").stdout.strip() == __version__


def test_parse_answers_line_by_line_in_utf8_whatever_the_locale() -> None:
    lines = '{"id": "й", "text": "включи чайник"}\n\n{"text": "включи свет", "context": {"area": "чердак"}}\n'
    done = run("parse", "--devices", DEVICES, "--jsonl", stdin=lines, PYTHONIOENCODING="latin1")
    first, empty, nowhere = (json.loads(line) for line in done.stdout.splitlines())
    assert (done.returncode, done.stderr) == (0, "")
    assert (first["id"], first["status"]) == ("й", "ok")
    assert (empty["status"], nowhere["status"]) == ("error", "error")


def test_parse_goes_on_after_bytes_that_are_no_text() -> None:
    done = subprocess.run(
        [SMARTHOME, "parse", "--devices", DEVICES, "--jsonl"],
        input=b'{"text": "\xff"}\n{"text": "\xd0"}\n',
        capture_output=True,
        check=True,
        timeout=120,
    )
    assert len(done.stdout.splitlines()) == 2


def test_parse_in_an_area_that_is_not_there_ends_with_2() -> None:
    done = run("parse", "--devices", DEVICES, "--jsonl", "--area", "чердак", stdin="{}\n")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("smarthome: area = 'чердак': there is no such area in the house; there are: ")


@pytest.mark.parametrize(
    ("shell", "why"),
    [
        ('"$0" config show >&-', "standard output is closed"),
        ('"$0" config show > /dev/full', "No space left on device"),
        ('"$0" --version > /dev/full', "No space left on device"),
        ('"$0" parse --devices "$1" --jsonl <&-', "standard input is closed"),
    ],
)
def test_output_that_goes_nowhere_ends_with_1_and_one_line(shell: str, why: str, tmp_path: Path) -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", shell, SMARTHOME, DEVICES],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 1
    assert why in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_reader_that_has_enough_is_no_error(tmp_path: Path) -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", '"$0" config schema | true', SMARTHOME],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.stderr == ""


def test_a_benchmark_of_what_does_not_start_ends_with_1_and_its_reason(tmp_path: Path) -> None:
    done = run("bench", "idle", "--devices", str(tmp_path / "none.yaml"), "--rounds", "1", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "`smarthome listen` ended with 2" in done.stderr
    assert "none.yaml: there is no such file" in done.stderr
