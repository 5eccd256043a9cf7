"""Lines of text in, lines of intents out: ``smarthome parse``."""

from __future__ import annotations

import json
import math
from typing import TextIO

from smarthome.devices import area_called
from smarthome.errors import ConfigurationError
from smarthome.house.house import House, judged
from smarthome.inventory import Inventory
from smarthome.russian import Context, Dialogue, Parser

TURN_S = 5.0
"""In a dialogue, each line is taken to be said this long after the one before it."""


class BadLineError(ValueError):
    """A line that asks for nothing that can be answered; the message says why."""


def parse_lines(home: Inventory, lines: TextIO, out: TextIO, area: str | None, *, dialogue: bool = False) -> None:
    """Answer every line of ``{"id", "text", "context": {"area"}}`` with ``{"id", "intents", "status", "reason"}``.

    ``area`` is the default for lines without a context. Each line stands on its own, or with ``dialogue`` follows
    ``TURN_S`` seconds on the one before. Whatever cannot be read, an empty line too, is answered with status
    ``error``. Raises ConfigurationError when ``area`` is not in the home.
    """
    answers = _Answers(home, area, dialogue=dialogue)
    for line in lines:
        answer = json.dumps(answers.to(line), ensure_ascii=False, allow_nan=False)
        # Half a surrogate pair cannot be written; spelled out as \udXXX it is JSON again.
        out.write(answer.encode("utf-8", "backslashreplace").decode("utf-8") + "\n")
        out.flush()


def explain_text(home: Inventory, text: str, area: str | None) -> str:
    """How a sentence is read, and what the house makes of it: tokens, rules, what stayed unexplained, the status."""
    here = area_called(home, area).id if area else None
    parser = Parser(home)
    explanation = parser.explain(text, Context(area=here))
    plan = House(home).plan(explanation.parse, here, lambda delayed: parser.parse(delayed, Context(area=here)))
    _, status, reason = judged(plan, explanation.parse)
    return f"{explanation}\nanswered with: {status}" + (f": {reason}" if reason not in {None, status} else "")


class _Answers:
    """One line in, one answer out; remembers the dialogue, if there is one."""

    def __init__(self, home: Inventory, area: str | None, *, dialogue: bool) -> None:
        self._home = home
        self._house = House(home)
        self._parser = Parser(home)
        self._area = area_called(home, area).id if area else None
        self._dialogue = Dialogue()
        self._goes_on = dialogue
        self._now_s = 0.0

    def to(self, line: str) -> dict[str, object]:
        """The answer to a line."""
        self._now_s += TURN_S
        key = None
        try:
            request = _request(line)
            key = _id(request)
            intents, status, reason = self._judged(_text(request), self._here(request))
        except BadLineError as error:
            return {"id": key, "intents": [], "status": "error", "reason": f"bad line: {error}"}
        except ConfigurationError as error:
            return {"id": key, "intents": [], "status": "error", "reason": str(error)}
        return {"id": key, "intents": intents, "status": status, "reason": reason}

    def _judged(self, text: str, area: str | None) -> tuple[list[dict[str, object]], str, str | None]:
        parse, said = (self._dialogue if self._goes_on else Dialogue()).turn(
            self._parser, text, Context(area), self._now_s
        )
        self._dialogue = said
        plan = self._house.plan(parse, area, lambda delayed: self._parser.parse(delayed, Context(area=area)))
        intents, status, reason = judged(plan, parse)
        return [intent.hass() for intent in intents], status, reason

    def _here(self, request: dict[str, object]) -> str | None:
        context = request.get("context")
        if context is None:
            return self._area
        if not isinstance(context, dict):
            raise BadLineError('"context" must be an object')
        area = context.get("area")
        if area is None or area == "":
            return self._area
        if not isinstance(area, str):
            raise BadLineError('"area" must be an id, a name or an alias')
        return area_called(self._home, area).id


def _request(line: str) -> dict[str, object]:
    if not line.strip():
        raise BadLineError("empty")
    try:
        request = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadLineError(f"not JSON: {error}") from None
    if not isinstance(request, dict):
        raise BadLineError('an object with a "text" was expected')
    return request


def _id(request: dict[str, object]) -> str | int | float | None:
    key = request.get("id")
    if isinstance(key, float) and not math.isfinite(key):
        raise BadLineError('"id" is not a finite number')
    if key is not None and not isinstance(key, (str, int, float)):
        raise BadLineError('"id" must be a string or a number')
    return key


def _text(request: dict[str, object]) -> str:
    text = request.get("text")
    if not isinstance(text, str):
        raise BadLineError('a "text" was expected')
    return text
