"""Figures in, tables for people out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from smarthome.bench.nlu import MEASURES, Comparison
from smarthome.bench.sentences import Sentence
from smarthome.bench.talk import Talk

_WIDTH = 120
_COSTS = {
    "load_s": "start to first answer, s",
    "median_ms": "a sentence, median, ms",
    "p95_ms": "p95, ms",
    "worst_ms": "worst, ms",
    "peak_mb": "peak memory, MB",
}


def console(*, is_terminal: bool, width: int = _WIDTH) -> Console:
    """As wide as the terminal, or ``width``, wide enough for every table."""
    return Console(width=None if is_terminal else width)


def nlu_table(comparison: Comparison) -> Group:
    """Right, wrong and silent by kind, ours beside the peer's, in percent; then what it costs."""
    figures: Any = comparison.figures()
    results = figures["results"]
    quality = plain_table("kind", "n", *(f"{side}\n{measure}" for side in ("left", "right") for measure in MEASURES))
    for kind in results[0]["kinds"]:
        quality.add_row(kind, str(results[0]["kinds"][kind]["n"]), *_percent(each["kinds"][kind] for each in results))
    quality.add_section()
    quality.add_row("all", str(figures["sentences"]), *_percent(each["all"] for each in results), style="bold")
    costs = plain_table("", *("left" if place == 0 else "right" for place in range(len(results))))
    for key, label in _COSTS.items():
        costs.add_row(label, *(f"{each[key]:g}" for each in results))
    left, right = (each["name"] for each in results)
    return Group(
        Text(f"left: {left}; right: {right}"),
        Text(f"{figures['sentences']} sentences, {figures['devices']} devices; {figures['machine']}"),
        quality,
        Text("%. intents: the right ones, no others; slots: and their slots; wrong: another action; silent: nothing"),
        costs,
    )


def mistakes_table(comparison: Comparison) -> Table:
    """Every sentence that somebody did not get right."""
    table = plain_table("whose", "kind", "sentence", "wanted", "answered")
    for name, sentence, answers, verdict in comparison.mistakes():
        row = (name.partition(" ")[0], sentence.kind, sentence.text, _wanted(sentence), _short(answers))
        table.add_row(*row, style="red" if verdict.wrong else None)
    for column in table.columns:
        column.justify = "left"
    return table


def house_table(figures: Mapping[str, Any]) -> Group:
    """What each size of house costs."""
    ways = {"exact": "as it stands", "misheard": "misheard", "talk": "talk"}
    table = plain_table(
        "devices",
        "start\ns",
        "peak\nMB",
        "load\naverage",
        *(f"{way}\nmedian / p95 / worst ms" for way in ways.values()),
    )
    for house in figures["houses"]:
        costs = [f"{house[w]['median_ms']:.2f} / {house[w]['p95_ms']:.2f} / {house[w]['worst_ms']:.2f}" for w in ways]
        start = f"{house['read_s'] + house['build_s']:.2f}"
        table.add_row(f"{house['devices']:,}", start, f"{house['peak_mb']:.0f}", f"{house['load_average']}", *costs)
    sizes = ", ".join(f"{way}: {' / '.join(str(h[w]['n']) for h in figures['houses'])}" for w, way in ways.items())
    return Group(Text(figures["machine"]), table, Text(f"n: {sizes}"))


def plain_table(*columns: str) -> Table:
    """All columns but the first to the right."""
    table = Table(*columns, box=box.SIMPLE_HEAD, pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    return table


def _percent(counts: Any) -> list[str]:
    return [f"{100 * each[measure] / each['n']:.1f}" for each in counts for measure in MEASURES]


def _wanted(sentence: Sentence) -> str:
    return _short([{"intent": g.intent, "slots": g.slots} for g in sentence.ways[0]]) if sentence.ways else "nothing"


def _short(intents: Sequence[Mapping[str, Any]]) -> str:
    shown = [
        f"{str(each.get('intent')).removeprefix('Hass')} {json.dumps(each.get('slots') or {}, ensure_ascii=False)}"
        for each in intents
    ]
    return "; ".join(shown) or "nothing"


def talk_table(talk: Talk) -> Group:
    """How often the house did something that nobody asked of it, and what it was."""
    table = plain_table("noise", "sentences", "actions", "on locks, doors, alarms", "answered", "asked back")
    acts = plain_table("noise", "heard", "does")
    for each in talk.rounds:
        grave = sum(act.grave for act in each.acts)
        counts = (len(each.acts), grave, each.answered, each.asked)
        table.add_row(f"{each.noise:g}", str(talk.sentences), *map(str, counts))
        for act in each.acts:
            acts.add_row(f"{act.noise:g}", act.heard, "; ".join(act.does), style="red" if act.grave else None)
    return Group(table, Text(f"{talk.devices} devices; noise: errors a word"), *([acts] if acts.row_count else []))
