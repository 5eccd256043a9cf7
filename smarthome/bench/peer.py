"""Home Assistant's own understanding behind the line protocol of ``smarthome parse --jsonl``: a process of its own.

``python -m smarthome.bench.peer NAMES.json``. hassil with home-assistant-intents, called as Home Assistant's
conversation agent calls them: names found in the sentence by a trie, then the best match of all sentence templates,
names preferred. NAMES.json is written by ``peer_names.py``: every spelling that the owner would have typed.

It imports nothing of ours, so that its memory and its start are its own.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import home_assistant_intents
from hassil import Intents, TextChunk, TextSlotList, Trie, recognize_best

LANGUAGE = "ru"

Entry = Mapping[str, Any]


class Peer:
    """Understands sentences about the house of ``names``: {"devices", "areas", "floors": [{"name", "spellings"}]}."""

    def __init__(self, names: Mapping[str, list[Entry]]) -> None:
        templates = home_assistant_intents.get_intents(LANGUAGE)
        if templates is None:
            raise SystemExit("home-assistant-intents has no Russian sentences")
        self._intents = Intents.from_dict(templates)
        self._devices = Trie()
        for value in _slot_list("name", names["devices"]).values:
            if isinstance(value.text_in, TextChunk):
                self._devices.insert(value.text_in.text.strip().lower(), value)
        self._places = {slot: _slot_list(slot, names[f"{slot}s"]) for slot in ("area", "floor")}
        self._areas = {
            str(spelling).casefold(): area["name"] for area in names["areas"] for spelling in area["spellings"]
        }

    def understand(self, text: str, area: str | None) -> list[dict[str, object]]:
        """The best intent as ``[{"intent", "slots"}]``, or nothing; ``area`` is where the microphone stands."""
        said = [found[-1] for found in self._devices.find(text.strip().lower())]
        best = recognize_best(
            text,
            self._intents,
            slot_lists={**self._places, "name": TextSlotList(name="name", values=said)},
            intent_context={"area": self._areas.get(area.casefold(), area)} if area else {},
            language=LANGUAGE,
            best_slot_name="name",
        )
        if best is None:
            return []
        slots = {
            slot: each.value.strip() if isinstance(each.value, str) else each.value
            for slot, each in best.entities.items()
        }
        return [{"intent": best.intent.name, "slots": slots}]


def answer_lines(peer: Peer, lines: Iterable[str]) -> None:
    """One line out for each line in."""
    for line in lines:
        request = json.loads(line)
        intents = peer.understand(request["text"], (request.get("context") or {}).get("area"))
        answer = {
            "id": request.get("id"),
            "intents": intents,
            "status": "ok" if intents else "rejected",
            "reason": None,
        }
        sys.stdout.write(json.dumps(answer, ensure_ascii=False, default=str) + "\n")
        sys.stdout.flush()


def _slot_list(slot: str, entries: Iterable[Entry]) -> TextSlotList:
    return TextSlotList.from_tuples(
        [(spelling, each["name"], each.get("about", {})) for each in entries for spelling in each["spellings"]],
        name=slot,
    )


if __name__ == "__main__":
    answer_lines(Peer(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))), sys.stdin)
