"""What happened, as JSON: the lines of ``listen --json`` and the payloads of the site's topics (docs/topics.md)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal, TypeAlias

from smarthome.events import Loudness, Report
from smarthome.house.shadow import Shadow
from smarthome.house.timers import Timer
from smarthome.intents import TIMER_ACTIONS, Intent
from smarthome.inventory import Device

FREE_TEXT = frozenset({"conversation_command", "message", "item", "search_query"})
"""Slots that repeat what was said word by word."""

PublishText: TypeAlias = Literal["accepted", "all", "none"]


def utterance_record(report: Report, ms: Mapping[str, float], text: str | None) -> str:
    """One utterance, whole; ``text`` is what of its words may be told. ``ms`` adds to the report's own stages."""
    spans = {"start_s": report.start_s, "end_s": report.end_s}
    return _json(
        {
            "type": "utterance",
            "file": report.file,
            "id": report.id,
            **{key: None if value is None else round(value, 3) for key, value in spans.items()},
            "text": text,
            "intents": [intent.hass() for intent in report.intents],
            "status": report.status,
            "reason": report.reason,
            "commands": [{"topic": each.topic, "payload": each.payload} for each in report.commands],
            "reply": report.reply,
            "level": _level(report.loudness),
            "ms": {stage: round(value, 1) for stage, value in {**report.ms, **ms}.items()},
        }
    )


def public_record(report: Report, ms: Mapping[str, float], publish_text: PublishText) -> str:
    """One utterance as it may leave the process.

    Under ``accepted`` the words of a rejected one stay inside, also those that its reason and its intents quote;
    under ``none`` those of every one.
    """
    if publish_text == "all" or (publish_text == "accepted" and is_accepted(report)):
        return utterance_record(report, ms, report.text)
    reason = report.reason.partition(":")[0] if report.reason else None
    commands = tuple(replace(command, payload="") for command in report.commands)
    silent = replace(
        report, reason=reason, intents=tuple(map(_wordless, report.intents)), commands=commands, reply=None
    )
    return utterance_record(silent, ms, None)


def _wordless(intent: Intent) -> Intent:
    free = FREE_TEXT | ({"name"} if intent.action in TIMER_ACTIONS else set())
    return replace(intent, slots={key: value for key, value in intent.slots.items() if key not in free})


def is_accepted(report: Report) -> bool:
    """Whether it was a command or a question to the house."""
    return report.status in {"ok", "confirm", "ask"}


def error_record(file: str | None, reason: str) -> str:
    """An audio file that could not be read."""
    return _json({"type": "error", "file": file, "reason": reason})


def shadow_record(shadow: Shadow) -> str:
    """A device's ``{desired, reported, confirmed}``."""
    return _json(
        {"desired": dict(shadow.desired), "reported": dict(shadow.reported), "confirmed": shadow.confirmed}
        | ({} if shadow.available is None else {"available": shadow.available})
    )


def unconfirmed_record(device: Device, shadow: Shadow) -> str:
    """A device that did not echo what it was told."""
    return _json({"type": "unconfirmed", "device": device.id, "desired": dict(shadow.desired)})


def timer_record(timer: Timer, *, quiet: bool) -> str:
    """A timer that has ended; a ``quiet`` one does not say what for."""
    words = {} if quiet else {"name": timer.name, "command": timer.command}
    return _json({"type": "timer", "area": timer.area, "delayed": timer.command is not None, **words})


def counters_record(counters: Mapping[str, int]) -> str:
    """How often what happened since the start."""
    return _json(dict(sorted(counters.items())))


def microphone_record(state: str, loudness: Loudness | None) -> str:
    """How the microphone does, and how loud the last utterance was."""
    return _json({"state": state, "level": _level(loudness)})


def _level(loudness: Loudness | None) -> dict[str, float | None] | None:
    if loudness is None:
        return None
    levels = {
        "speech_dbfs": loudness.speech_dbfs,
        "noise_dbfs": loudness.noise_dbfs,
        "peak_dbfs": loudness.peak_dbfs,
    }
    rounded = {key: None if value is None else round(value, 1) for key, value in levels.items()}
    return {**rounded, "clipped": round(loudness.clipped, 4)}


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
