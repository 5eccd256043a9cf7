"""What is known besides the words, and what one sentence leaves for the next. Frozen values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from smarthome.intents import Action, Intent, Parse
from smarthome.inventory import Device
from smarthome.russian.frames import Frame
from smarthome.russian.lexicon import Value
from smarthome.russian.mentions import Mention

LETS_IN = frozenset({Action.UNLOCK, Action.DISARM, Action.OPEN})
"""What must be said in words every time: «ещё» does not do it again."""


@dataclass(frozen=True, slots=True)
class Told:
    """One command as it was told: its mentions, and what it was understood as (None: it is not clear yet)."""

    mentions: tuple[Mention, ...]
    action: Action | None = None

    def is_like(self, other: Told) -> bool:
        """Whether the two want the same of different things or places."""
        return self.action is other.action and _values(self) == _values(other)

    def is_kin(self, action: Action) -> bool:
        """Whether ``action`` is of the same sort, about the same kind of thing."""
        return any({self.action, action} <= sort for sort in _SORTS)


_SORTS = (
    frozenset({Action.GET_TEMPERATURE, Action.SET_TEMPERATURE, Action.SET_PRESET}),
    frozenset({Action.GET_STATE, Action.SET_HUMIDITY, Action.SET_HUMIDIFIER_MODE}),
    frozenset({Action.SET_LIGHT, Action.ON, Action.OFF}),
    frozenset({Action.SET_SPEED, Action.ON, Action.OFF}),
    frozenset({Action.SET_POSITION, Action.OPEN, Action.CLOSE, Action.STOP}),
    frozenset(
        {Action.SET_VOLUME, Action.STEP_VOLUME, Action.MUTE, Action.UNMUTE, Action.PAUSE, Action.RESUME}
        | {Action.NEXT, Action.PREVIOUS, Action.PLAY}
    ),
    frozenset({Action.START_CLEANING, Action.CLEAN_AREA, Action.PAUSE_CLEANING, Action.RETURN_TO_BASE}),
)


def _values(told: Told) -> set[Value]:
    return {value for mention in told.mentions for value in mention.values}


@dataclass(frozen=True, slots=True)
class Memory:
    """What was said before: the commands of the last turn, its intents, and whether the system asked back.

    ``choice``: the devices one of which was asked for, in the order in which they were named.
    """

    commands: tuple[Told, ...] = ()
    intents: tuple[Intent, ...] = ()
    asked: bool = False
    choice: tuple[Device, ...] = ()


@dataclass(frozen=True, slots=True)
class Context:
    """What is known besides the words. ``area`` is the id of the area where the microphone stands.

    ``changes`` tells whether an intent would change anything in the house now, None when that is not known; it settles
    what was half heard («включи» or «выключи») and nothing else.
    """

    area: str | None = None
    memory: Memory | None = None
    changes: Callable[[Intent], bool | None] | None = None


NO_CONTEXT = Context()


@dataclass(frozen=True, slots=True)
class Heard:
    """A parse, the commands that a next sentence may refer to, and the filled rules. ``choice`` as in Memory.

    ``doubtful``: nothing in the words forbids that others, which sound alike, were said; ``guess`` are those when it
    was read so.
    """

    parse: Parse
    commands: tuple[Told, ...] = ()
    frames: tuple[Frame, ...] = ()
    doubtful: bool = False
    guess: str | None = None
    choice: tuple[Device, ...] = ()
