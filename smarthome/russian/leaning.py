"""What one sentence leaves for the next, and how the next leans on it: «а теперь выключи», «и в спальне»."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from smarthome.intents import Action
from smarthome.inventory import Device
from smarthome.russian.context import Memory, Told
from smarthome.russian.frames import Frame, Matcher
from smarthome.russian.lexicon import Named, Place
from smarthome.russian.mentions import Mention
from smarthome.russian.pieces import Piece
from smarthome.russian.sentence import Reading, Sentence
from smarthome.russian.spoken import Spoken

_NEVER_LENT = frozenset({Action.UNLOCK, Action.DISARM})
_WAYS_IN = frozenset({"проём"})
"""What lets somebody in, as an action or as the kind of thing in rules.yaml."""

_EARLIER = 1000
"""Moves mentions of an earlier sentence before those of this one; no sentence has as many words."""


def lean(matcher: Matcher, pieces: Sequence[Piece], commands: Sequence[Told]) -> Reading:
    """What the pieces say, with what they leave unsaid from the last of ``commands`` that makes sense of them.

    Commands of the same sort as that one are meant too: «включи люстру и торшер», «выключи их»; «его» is one thing.
    """
    first: Reading | None = None
    chosen: Told | None = None
    frames: list[Frame] = []
    for command in reversed(commands):
        found = Sentence(matcher, command).read(pieces)
        first = first or found
        if found.stuck is not None or not found.frames:
            continue
        if chosen is None:
            first, chosen = found, command
        if command.is_like(chosen) or _is_about_many(pieces):
            frames[:0] = [frame for frame in found.frames if frame not in frames]
        if _is_about_one(pieces):
            break
    if first is None:
        return Sentence(matcher).read(pieces)
    return replace(first, frames=frames) if chosen else first


def chosen(mentions: Sequence[Mention], memory: Memory | None) -> Sequence[Mention]:
    """«Первую», «последнюю» as the device of that place in the choice that was asked about; else the same mentions."""
    choice = memory.choice if memory and memory.asked else ()
    if not choice or any(mention.verbs for mention in mentions):
        return mentions
    return [each for mention in mentions for each in _device(mention, choice)]


def _device(mention: Mention, choice: Sequence[Device]) -> Iterable[Mention]:
    orders = [each.value for each in mention.values if each.kind in {"порядок", "конец"}]
    order = next((value for value in orders if isinstance(value, int) or value == "last"), None)
    place = len(choice) if order == "last" else order
    if not isinstance(place, int) or not 0 < place <= len(choice):
        return [mention]
    device = choice[place - 1]
    named = replace(mention, readings=(Named(exact=(device,)),), preposition="")
    return [named, replace(named, readings=(Place((device.area,)),))] if device.area else [named]


def lets_in(frames: Iterable[Frame], memory: Memory | None) -> bool:
    """Whether a door would be opened by a verb of an earlier sentence: «открой шторы», «а дверь?».

    «Какую дверь отпереть?» may be answered with «заднюю».
    """
    asked = {command.action for command in memory.commands} if memory and memory.asked else set()
    return any(
        frame.rule.action not in asked
        and all(mention.said for mention in frame.mentions if mention.verbs)
        and any(mention.said for mention in frame.mentions)
        and (frame.rule.action in _NEVER_LENT or (frame.kind is not None and frame.kind.name in _WAYS_IN))
        for frame in frames
    )


def _is_about_many(pieces: Iterable[Piece]) -> bool:
    return any("them" in piece.refers for piece in pieces)


def _is_about_one(pieces: Iterable[Piece]) -> bool:
    return any("it" in piece.refers for piece in pieces)


def told(frames: Iterable[Frame], spoken: Spoken) -> tuple[Told, ...]:
    """The commands that a next sentence may refer to."""
    return tuple(Told(_kept(frame, spoken), frame.rule.action) for frame in frames)


def recall(mentions: Iterable[Mention], spoken: Spoken) -> tuple[Mention, ...]:
    """The mentions as they stand in a later sentence: before all of its own, and with their words."""
    return tuple(
        mention
        if mention.said
        else replace(
            mention,
            start=mention.start - _EARLIER,
            end=mention.end - _EARLIER,
            stop="",
            said=spoken.words([mention]),
        )
        for mention in mentions
    )


def _kept(frame: Frame, spoken: Spoken) -> tuple[Mention, ...]:
    """All that was said; «в 22» of a temperature is no time of day any more, «в семь» of a delay no number."""
    plain = frame.mentions if frame.is_timed else map(_untimed, frame.mentions)
    return recall((*(mention for mention in plain if not mention.sign("filler")), *frame.when), spoken)


def _untimed(mention: Mention) -> Mention:
    if not mention.clock or mention.unknown:
        return mention
    return replace(mention, readings=tuple(each for each in mention.values if each.kind != "часы"))
