"""Reports and device states in, the demo's table out: heard, intent, published, state, milliseconds."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path

from rich import box
from rich.table import Table
from rich.text import Text

from smarthome.events import Report
from smarthome.intents import Intent


@dataclass(slots=True)
class Row:
    """One utterance, and what the devices it reached say since."""

    report: Report
    states: dict[str, str] = field(default_factory=dict)


class DemoTable:
    """An outlet for the daemon; ``state`` may be called from another thread."""

    def __init__(self, must_do_nothing: Collection[str]) -> None:
        self._must_do_nothing = must_do_nothing
        self._failed: dict[str, str] = {}
        self.rows: list[Row] = []

    def utterance(self, report: Report, ms: dict[str, float]) -> None:  # noqa: ARG002 (times of unpaced files)
        """A new row."""
        self.rows.append(Row(report))

    def file_failed(self, path: str, reason: str) -> None:
        """Remembered for the summary."""
        self._failed[path] = reason

    def reply(self, text: str) -> None:
        """Part of the row's report."""

    def state(self, device: str, payload: bytes) -> None:
        """What the site publishes of a device belongs to the last row that told it something."""
        shadow = json.loads(payload)
        for row in reversed(self.rows):
            for command in row.report.commands:
                if command.device == device:
                    told = shadow["desired"].keys() & json.loads(command.payload).keys() or shadow["desired"].keys()
                    row.states[device] = _state(told, shadow["reported"], shadow["confirmed"])
                    return

    def __rich__(self) -> Table:
        table = Table(
            "", "heard", "intent", "published", "state", "ms", expand=True, box=box.SIMPLE_HEAD, pad_edge=False
        )
        table.columns[-1].justify = "right"
        for row in list(self.rows):
            for line in _lines(row):
                table.add_row(*line)
        return table

    @property
    def waiting(self) -> bool:
        """Whether a device that was told something has not been seen to answer yet."""
        return any(row.states.get(c.device, "…") == "…" for row in self.rows for c in row.report.commands)

    def problems(self, recordings: Collection[Path]) -> list[str]:
        """What went wrong: recordings that did not go through every stage, and sentences that should not have acted."""
        found = [f"{path}: {reason}" for path, reason in self._failed.items()]
        heard = {Path(row.report.file or "").name for row in self.rows}
        if missing := [path.name for path in recordings if path.name not in heard and str(path) not in self._failed]:
            found.append(f"not heard to the end, or nothing was heard in: {', '.join(missing)}")
        for row in self.rows:
            name = Path(row.report.file or "").name
            if name in self._must_do_nothing and row.report.commands:
                found.append(f"{name} must do nothing, but did: {row.report.commands[0].payload}")
            if row.report.status == "error":
                found.append(f"{name}: {row.report.reason}")
            if row.report.reason == "offline":
                found.append(f"{name}: the broker was away")
            silent = [each for each in row.report.commands if not row.states.get(each.device, "").startswith("✓")]
            found += [f"{name}: {command.device} did not confirm {command.payload}" for command in silent]
        if not any(row.report.commands for row in self.rows):
            found.append("no recording led to a command")
        return found


def _lines(row: Row) -> Iterator[tuple[str | Text, ...]]:
    """The utterance with its first intent and its first command, then a line for each further one."""
    report = row.report
    ms = sum(report.ms.get(stage, 0) for stage in ("asr", "parse", "resolve"))
    told = [(f"{_short(c.topic)} {c.payload}", row.states.get(c.device, "…")) for c in report.commands]
    (intent, first), *others = zip_longest(_intents(report), told or [("", report.reply or "")], fillvalue=None)
    heard = report.text.strip() or Text("—", style="dim")
    yield Path(report.file or "").stem, heard, intent or "", *(first or ("", "")), f"{ms:.0f}"
    for intent, other in others:
        yield "", "", intent or "", *(other or ("", "")), ""


def _intents(report: Report) -> list[str | Text]:
    if not report.intents:
        return [Text(f"{report.status}: {report.reason}", style="dim")]
    reason = [Text(report.reason, style="dim")] if report.reason else []
    return [*map(_intent, report.intents), *reason]


def _intent(intent: Intent) -> str:
    slots = ", ".join(f"{key}={value}" for key, value in intent.slots.items())
    return f"{str(intent.hass()['intent']).removeprefix('Hass')} {slots}".strip()


def _short(topic: str) -> str:
    return topic.removesuffix("/set")


def _state(told: Collection[str], reported: dict[str, object], confirmed: bool | None) -> str:
    if confirmed is None:
        return "…"
    if not confirmed:
        return "✗ no echo"
    shown = {key.removesuffix("_step"): reported.get(key.removesuffix("_step")) for key in sorted(told, reverse=True)}
    return "✓ " + ", ".join(f"{value}" if key == "state" else f"{key} {value}" for key, value in shown.items())
