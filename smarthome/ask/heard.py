"""A result of ``transcribe`` in, what a person reads out: who said what when, and which commands were sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from smarthome.ask.seen import number


def transcript_picture(name: str, result: Mapping[str, Any]) -> Group:
    """A line for each stretch of speech, with its times."""
    facts = f"{name}: {number(result['seconds'], 1)} с, {result['model']}"
    parts: list[RenderableType] = [Text(facts, style="dim")]
    if result["segments"]:
        table = Table(box=box.SIMPLE, show_header=False, pad_edge=False)
        table.add_column(justify="right", style="dim")
        table.add_column()
        for piece in result["segments"]:
            table.add_row(f"{clock(piece['start_s'])}–{clock(piece['end_s'])}", Text(piece["text"]))
        parts.append(table)
    else:
        parts.append(Text("Речи не слышно."))
    if result["executed"] is not None:
        parts += [_executed(each) for each in result["executed"]]
    return Group(*parts)


def clock(seconds: float) -> str:
    """1:02,5 is a minute, two and a half seconds."""
    tenths = round(10 * seconds)
    return f"{tenths // 600}:{tenths % 600 // 10:02d},{tenths % 10}"


def _executed(command: Mapping[str, Any]) -> Text:
    if command["sent"]:
        return Text.assemble(("✓ ", "green"), f"отправлено: {command['text']}")
    return Text.assemble(("✗ ", "red"), f"не отправлено: {command['text']} — {command['note']}")
