"""What the demo takes for a success, and what it complains of."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from smarthome.demo import MUST_DO_NOTHING
from smarthome.demo.table import DemoTable
from smarthome.events import Command, Report
from smarthome.intents import Action, Intent, Status

LIGHT = Command("light.ceiling", "home/kitchen/ceiling/set", '{"state": "on"}')
ON = (Intent(Action.ON, {"area": "Кухня", "domain": "light"}),)
FILES = [Path("01.flac"), Path("14.flac")]


def report(file: str, *commands: Command, status: Status = "ok", reason: str | None = None) -> Report:
    return Report("u", file, 0, 1, "включи свет", ON if commands else (), status, reason, commands, ms={"asr": 300})


@pytest.fixture
def table() -> DemoTable:
    table = DemoTable(MUST_DO_NOTHING)
    table.utterance(report("01.flac", LIGHT), {})
    table.state("light.ceiling", b'{"desired": {"state": "on"}, "reported": {"state": "on"}, "confirmed": true}')
    return table


def test_all_is_well(table: DemoTable) -> None:
    table.utterance(report("14.flac", status="rejected", reason="negation"), {})
    assert table.problems(FILES) == []
    console = Console(width=140, file=io.StringIO())
    console.print(table)
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    for part in ("включи свет", "TurnOn area=Кухня", 'home/kitchen/ceiling {"state": "on"}', "✓ on", "300", "negation"):
        assert part in shown


def test_what_must_do_nothing_did_something(table: DemoTable) -> None:
    table.utterance(report("14.flac", LIGHT), {})
    table.state("light.ceiling", b'{"desired": {"state": "on"}, "reported": {"state": "on"}, "confirmed": true}')
    assert table.problems(FILES) == ['14.flac must do nothing, but did: {"state": "on"}']


def test_a_device_that_stays_silent(table: DemoTable) -> None:
    table.state("light.ceiling", b'{"desired": {"state": "on"}, "reported": {}, "confirmed": false}')
    table.utterance(report("14.flac", status="rejected", reason="negation"), {})
    assert table.problems(FILES) == ['01.flac: light.ceiling did not confirm {"state": "on"}']


def test_a_recording_that_was_not_heard(table: DemoTable) -> None:
    assert table.problems(FILES) == ["not heard to the end, or nothing was heard in: 14.flac"]


def test_no_command_at_all() -> None:
    table = DemoTable(MUST_DO_NOTHING)
    for path in FILES:
        table.utterance(report(path.name, status="rejected", reason="not_understood"), {})
    assert table.problems(FILES) == ["no recording led to a command"]
