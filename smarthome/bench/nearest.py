"""The simplest way to know what a house can be told: of all its sentences the one nearest to the transcript.

``python -m smarthome.bench.nearest --devices FILE --audio FILE…`` speaks as ``smarthome listen --json`` does. It takes
the texts from the real ``smarthome listen``, so that hearing is the same, and understands each as the sentence at the
least edit distance, spaces left out, among those that the grammar generates about every device and every area.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from smarthome.devices import load_inventory
from smarthome.inventory import Inventory
from smarthome.russian import Context, Parser
from smarthome.russian.generation import Generator
from smarthome.russian.tokens import tokenise

LEAST = 0.6
"""Texts that are less alike are no command of this house's."""


@dataclass(frozen=True)
class Nearest:
    """Finds, by their letters without spaces, the sentences of a house."""

    sentences: dict[str, str]

    @classmethod
    def of(cls, generator: Generator) -> Nearest:
        """All that ``generator`` says about its house, with every device and every area in its turn."""
        return cls({_letters(text): text for text in dict.fromkeys(generated(generator))})

    def find(self, text: str) -> str | None:
        """The nearest sentence; None when none is near."""
        found = process.extractOne(
            _letters(text), self.sentences.keys(), scorer=Levenshtein.normalized_similarity, score_cutoff=LEAST
        )
        return self.sentences[found[0]] if found else None


def generated(generator: Generator) -> Iterator[str]:
    """The sentences of every rule, made anew with each device, and each area, standing first in the house."""
    for inventory in _turned(generator.inventory):
        turned = replace(generator, inventory=inventory)
        yield from (sentence.text for sentence in turned.sentences())
        yield from (sentence.text for _, _, sentence in turned.synonyms())


def _turned(home: Inventory) -> Iterator[Inventory]:
    for area in home.areas:
        areas = (area, *(each for each in home.areas if each is not area))
        own = [each for each in home.devices if each.area == area.id]
        yield replace(home, areas=areas)
        for device in own:
            others = (each for each in home.devices if each is not device)
            yield replace(home, areas=areas, devices=(device, *others))


def _letters(text: str) -> str:
    return "".join(token.word for token in tokenise(text))


def answers(lines: Iterable[str], parser: Parser, area: str | None) -> Iterator[dict[str, Any]]:
    """The utterances of ``lines``, their intents those of the nearest sentence."""
    nearest = Nearest.of(parser.generator)
    for record in map(json.loads, lines):
        if record.get("type") != "utterance":
            continue
        sentence = nearest.find(record["text"])
        parse = parser.parse(sentence, Context(area)) if sentence else None
        yield {**record, "nearest": sentence, "intents": [intent.hass() for intent in parse.intents] if parse else []}


def main() -> None:
    """As the module says."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--devices", type=Path, required=True)
    arguments.add_argument("--area")
    arguments.add_argument("--audio", nargs="+", required=True)
    given = arguments.parse_args()
    home = load_inventory(given.devices)
    command = [sys.executable, "-m", "smarthome", "listen", "--fast", "--json", "--dry-run", "--devices", given.devices]
    command += ["--area", given.area] if given.area else []
    heard = subprocess.run([*command, "--audio", *given.audio], stdout=subprocess.PIPE, check=True, text=True)
    area = home.find_area(given.area) if given.area else None
    for answer in answers(heard.stdout.splitlines(), Parser(home), area.id if area else None):
        print(json.dumps(answer, ensure_ascii=False), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
