"""What is known besides the words, and what one sentence leaves for the next. Frozen values."""

from __future__ import annotations

from dataclasses import dataclass

from smarthome.intents import Intent, Parse
from smarthome.russian.frames import Frame
from smarthome.russian.mentions import Mention


@dataclass(frozen=True, slots=True)
class Memory:
    """What was said before: the mentions of the last command, its intents, and whether the system asked back."""

    mentions: tuple[Mention, ...] = ()
    intents: tuple[Intent, ...] = ()
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Context:
    """What is known besides the words. ``area`` is the id of the area where the microphone stands."""

    area: str | None = None
    memory: Memory | None = None


NO_CONTEXT = Context()


@dataclass(frozen=True, slots=True)
class Heard:
    """A parse, the mentions that a next sentence may refer to, and the filled rules.

    ``doubtful``: nothing in the words forbids that others, which sound alike, were said; ``guess`` are those when it
    was read so.
    """

    parse: Parse
    mentions: tuple[Mention, ...] = ()
    frames: tuple[Frame, ...] = ()
    doubtful: bool = False
    guess: str | None = None
