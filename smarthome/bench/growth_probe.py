"""What understanding costs in one house: ``python -m smarthome.bench.growth_probe DEVICES.yaml``, figures to stdout.

A process of its own, so that its memory is that house's.
"""

from __future__ import annotations

import json
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from smarthome.bench.noise import misheard
from smarthome.devices import load_inventory
from smarthome.inventory import Inventory
from smarthome.russian import Context, Parser

Thing = TypeVar("Thing")

VIEWS = 4
"""Sentences are generated about so many parts of the house."""
EVERY = 5
"""One sentence in so many is misheard too, …"""
NOISE = 0.3
"""… with about so many errors a word."""
TALK = Path(__file__).parent / "talk.txt"
"""Ordinary sentences that ask a house for nothing."""


def probe(devices: Path) -> dict[str, object]:
    """Seconds to load, and milliseconds a sentence: understood as it stands, misheard, ordinary talk."""
    began = time.perf_counter()
    home = load_inventory(devices)
    read = time.perf_counter()
    parser = Parser(home)
    built = time.perf_counter()
    context = Context(home.areas[0].id if home.areas else None)
    generated = list(_sentences(parser, home))
    spoiled = [misheard(text, NOISE, seed=1) for text in generated[::EVERY]]

    def cost(texts: Sequence[str], wanted: Callable[[str], bool]) -> dict[str, object]:
        took = [(text, _took_ms(parser, text, context)) for text in texts]  # classified only after all were timed
        return _spread([ms for text, ms in took if wanted(text)])

    def as_it_stands(text: str) -> bool:
        said = parser.explain(text, context)
        return said.heard is None and said.parse.status != "rejected"

    figures: dict[str, object] = {
        "devices": len(home.devices),
        "read_s": round(read - began, 3),
        "build_s": round(built - read, 3),
        "exact": cost(generated, as_it_stands),
        "misheard": cost(spoiled, lambda text: not as_it_stands(text)),
        "talk": cost(TALK.read_text(encoding="utf-8").splitlines(), lambda text: not as_it_stands(text)),
    }
    return figures | {"peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6, 1)}


def _sentences(parser: Parser, home: Inventory) -> Iterator[str]:
    """What the rules say about the house, once for each of several parts of it."""
    for view in range(VIEWS):
        part = Inventory(home.floors, _from(home.areas, view / VIEWS), _from(home.devices, view / VIEWS))
        yield from (sentence.text for sentence in replace(parser.generator, inventory=part).sentences())


def _from(things: tuple[Thing, ...], share: float) -> tuple[Thing, ...]:
    """The same, beginning further on."""
    start = int(share * len(things))
    return things[start:] + things[:start]


def _took_ms(parser: Parser, text: str, context: Context) -> float:
    began = time.perf_counter()
    parser.parse(text, context)
    return 1000 * (time.perf_counter() - began)


def _spread(took_ms: Sequence[float]) -> dict[str, object]:
    ordered = sorted(took_ms)
    return {
        "n": len(ordered),
        "median_ms": round(statistics.median(ordered), 3),
        "p95_ms": round(ordered[-(-95 * len(ordered) // 100) - 1], 3),
        "worst_ms": round(ordered[-1], 3),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(probe(Path(sys.argv[1]))))
