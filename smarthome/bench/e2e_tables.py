"""Figures of ``bench e2e``, ``noise`` and ``memory`` in, tables for people out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Group as Lines
from rich.table import Table
from rich.text import Text

from smarthome.bench.e2e_memory import Memory
from smarthome.bench.e2e_noise import Noises
from smarthome.bench.tables import plain_table

WIDTH = 150


def e2e_table(figures: Mapping[str, Any]) -> Lines:
    """Commands by how they were said, times by stage, and what was done about talk."""
    commands = figures["commands"]
    beside = f", beside `{figures['beside']}`" if figures["beside"] else ""
    return Lines(
        Text(f"{figures['machine']}, load average {figures['load_average']}{beside}; {figures['duration_s']} s"),
        _commands(commands),
        Text(
            f"%; latency: from the true end of speech to the MQTT message, of commands that were right; "
            f"clock known to {figures['clock_ms']:g} ms"
        ),
        _stages(commands["all"]["stages_ms"]),
        Text(_talk(figures["talk"])),
        Text(f"speculation: {_counts(figures['speculation'])}"),
        Text(f"counters: {_counts(figures['counters'])}"),
    )


def noise_table(noises: Noises) -> Lines:
    """What was made of each kind of noise."""
    table = plain_table("noise", "minutes", "utterances", "accepted", "commands", "rejected")
    for each in noises.reactions:
        numbers = (each.utterances, each.accepted, each.commands)
        table.add_row(each.kind, f"{each.seconds / 60:.1f}", *map(str, numbers), _counts(each.reasons))
    return Lines(table, Text(f"counters: {_counts(noises.counters)}"))


def memory_table(memory: Memory) -> Table:
    """Resident memory at the beginning, when caches were full, and at the end."""
    figures = memory.figures()
    table = plain_table("utterances", "first MB", "settled MB", "last MB", "slope, kB per 1,000")
    table.add_row(
        *(str(figures[key]) for key in ("utterances", "first_mb", "settled_mb", "last_mb")), f"{memory.slope_kb:.1f}"
    )
    return table


def _commands(commands: Mapping[str, Any]) -> Table:
    table = plain_table(
        "commands",
        "n",
        "heard",
        "right",
        "wrong",
        "cut off",
        "timed",
        "latency ms\np50 / p95",
        "any message\np50 / p95",
    )
    for name, group in commands.items():
        n, judged = group["n"], group["judged"]
        shares = [_percent(group["heard"], n), _percent(group["right"], judged), _percent(group["wrong"], judged)]
        shares.append(_percent(group["cut_off"], n))
        times = (_spread(group["latency_ms"]), _spread(group["all_latency_ms"]))
        table.add_row(name, str(n), *shares, str(group["timed"]), *times, style="bold" if name == "all" else None)
    return table


def _stages(stages: Mapping[str, Any]) -> Table:
    table = plain_table("stage, ms", "p50 / p95")
    for stage, values in stages.items():
        table.add_row(stage, _spread(values))
    return table


def _talk(talk: Mapping[str, Any]) -> str:
    return (
        f"talk: {talk['n']} sentences, {talk['seconds']:g} s; acted on {talk['acted']}, {talk['per_hour']} an hour; "
        f"where nobody spoke: {talk['acted_elsewhere']}"
    )


def _percent(count: int, of: int) -> str:
    return f"{100 * count / of:.1f}" if of else "–"


def _spread(values: Mapping[str, float]) -> str:
    return " / ".join(f"{value:.0f}" for value in values.values()) or "–"


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items())) or "none"
