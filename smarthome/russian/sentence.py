"""Pieces in, filled rules out: what one piece leaves unsaid is taken from its neighbours.

«Включи свет на кухне и в спальне», «торшер и люстру выключи», «не на кухне, а в спальне», «… то есть торшер».
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from smarthome.russian.amounts import Duration
from smarthome.russian.frames import Frame, Matcher
from smarthome.russian.lexicon import Value
from smarthome.russian.mentions import Mention
from smarthome.russian.pieces import Piece


@dataclass
class Reading:
    """What a sentence was found to say. ``stuck`` met no rule; ``lost``: «его» of what?"""

    frames: list[Frame] = field(default_factory=list)
    negated: bool = False
    stuck: tuple[Mention, ...] | None = None
    lost: bool = False


@dataclass
class Sentence:
    """Walks the pieces once, from left to right."""

    matcher: Matcher
    result: Reading = field(default_factory=Reading)
    last: tuple[Mention, ...] = ()
    last_negated: bool = False
    contrast: bool = False
    waiting: list[Piece] = field(default_factory=list)
    listed: list[int] = field(default_factory=list)

    def read(self, pieces: Sequence[Piece]) -> Reading:
        """Every piece in turn."""
        for piece in pieces:
            self._next(piece)
            if self.result.stuck is not None:
                return self.result
        if self.waiting or self.contrast:
            self.result.stuck = tuple(mention for piece in self.waiting for mention in piece.mentions)
            self.result.negated = self.result.negated or self.contrast
        return self.result

    def _next(self, piece: Piece) -> None:
        if piece.joint == "cancel":
            self.result.frames.clear()
            self.waiting.clear()
            self.result.negated, self.last, self.last_negated = True, (), True
            if not piece.mentions:
                return
        if piece.unwanted:
            self._unwanted(piece)
        elif piece.joint == "repair" and (self.last or self.waiting):
            self._repair(piece)
        elif self.contrast and not (piece.has_verb and self._match(piece.mentions, piece)):
            self.contrast = False
            self._fill(replace(piece, mentions=override(self.last, piece.mentions)))
        elif piece.negated or (self.last_negated and not piece.has_verb and piece.joint != "."):
            self._negated(piece)
        else:
            self._fill(piece)

    def _negated(self, piece: Piece) -> None:
        self.result.negated = True
        self.last = complete(piece.mentions, self.last) if piece.has_verb else override(self.last, piece.mentions)
        self.last_negated = True

    def _unwanted(self, piece: Piece) -> None:
        """«Выключи не на кухне»: what is wanted instead follows after «а», or nothing is done."""
        self.contrast, self.last_negated = True, False
        self.last = complete(piece.mentions, self.last) if self.last and not piece.has_verb else piece.mentions
        self.listed.clear()

    def _repair(self, piece: Piece) -> None:
        """«…, то есть торшер»: the new words take the place of those of their sort."""
        base = self.last or self.waiting.pop().mentions
        if self.listed or (self.result.frames and not self.last_negated):
            self.result.frames[-1:] = []
        if piece.negated or (self.last_negated and not piece.has_verb):
            self._negated(piece)
            return
        whole = piece.has_verb and any(mention.is_object for mention in piece.mentions)
        self.last_negated = False
        self._fill(piece if whole else replace(piece, mentions=override(base, piece.mentions)))

    def _fill(self, piece: Piece) -> None:
        merged = tuple(mention for each in [*self.waiting, piece] for mention in each.mentions)
        bare = self.last and not self.result.frames and not any(map(_self_contained, piece.mentions))
        if (piece.refers or bare) and self._refer(piece):
            return
        if self._follow(piece):
            return
        if piece.joint == "," and self._grows(piece):
            return
        if self.waiting and (frame := self._match(merged, piece)) and not _glued(frame, piece):
            self.waiting.clear()
            self._add(frame, piece)
        elif frame := self._match(piece.mentions, piece):
            self._add(frame, piece)
        elif frame := self._elliptic(piece):
            self._add(frame, piece, shared=not piece.has_verb)
        elif not self._list(piece):
            self._wait(piece)

    def _follow(self, piece: Piece) -> bool:
        """«Включи свет в прихожей и сделай поярче»: the light there, when that makes sense."""
        if not self.result.frames or not piece.has_verb or any(map(_locates, piece.mentions)):
            return False
        there = tuple(mention for mention in self.last if _locates(mention))
        frame = self._match((*there, *piece.mentions), piece) if there and len(piece.mentions) > 1 else None
        if frame:
            self._add(frame, piece)
        return frame is not None

    def _refer(self, piece: Piece) -> bool:
        """«Выключи его», «там», «ещё ярче»: what was said before comes first. True when that settles the piece."""
        must = bool(piece.refers & {"it", "there"})
        frame = None
        for wanted in (
            ({"place"}, {"object"}) if "there" in piece.refers else ({"object", "place"}, {"object", "place", "verb"})
        ):
            own = {role(mention) for mention in piece.mentions}
            taken = [mention for mention in self.last if role(mention) in wanted - own or not piece.mentions]
            frame = frame or (self._match((*taken, *piece.mentions), piece) if taken else None)
        if frame:
            self._add(frame, piece)
        elif must:
            self.result.lost = True
            self.result.stuck = piece.mentions
        return frame is not None or must

    def _elliptic(self, piece: Piece) -> Frame | None:
        told = [each for each in self.waiting if each.has_verb] or self.waiting[-1:]
        base = self.last or tuple(mention for each in told[:1] for mention in each.mentions)
        if not base:
            return None
        return self._match(complete(piece.mentions, base, place=not piece.has_verb), piece) or (
            self._match(complete(piece.mentions, base, place=False), piece) if not piece.has_verb else None
        )

    def _grows(self, piece: Piece) -> bool:
        """«Открой шторы, наполовину»: the piece only says more about the last command."""
        if piece.has_verb or not self.result.frames or self.last_negated:
            return False
        frame = self._match((*self.last, *piece.mentions), piece)
        if frame is None:
            return False
        self.result.frames[-1] = frame
        self.last = frame.mentions
        return True

    def _list(self, piece: Piece) -> bool:
        """«Включи торшер, люстру» without a comma: a second thing or place begins a new piece."""
        parts = _split_repeats(piece)
        for part in parts if len(parts) > 1 else ():
            self._fill(part)
        return len(parts) > 1

    def _wait(self, piece: Piece) -> None:
        if len(self.waiting) >= _PATIENCE:
            self.result.stuck = piece.mentions
        else:
            self.waiting.append(piece)

    def _add(self, frame: Frame, piece: Piece, *, shared: bool = False) -> None:
        self.last, self.last_negated = frame.mentions, False
        self._settle_waiting(frame)
        if shared:
            self._share_back(piece)
        else:
            self.listed.clear()
        self.listed.append(len(self.result.frames))
        self.result.frames.append(frame)

    def _settle_waiting(self, frame: Frame) -> None:
        """«На кухне и в спальне выключи свет»: the first place waited for this verb and object."""
        for waiting in self.waiting:
            found = self._match(complete(waiting.mentions, frame.mentions), waiting) or self._match(
                complete(waiting.mentions, frame.mentions, place=False), waiting
            )
            if found is None:
                self.result.stuck = waiting.mentions
                return
            self.listed.append(len(self.result.frames))
            self.result.frames.append(found)
        self.waiting.clear()

    def _share_back(self, piece: Piece) -> None:
        """«Открой шторы и жалюзи на кухне наполовину»: place and amount at the end belong to the whole list."""
        extra = tuple(mention for mention in piece.mentions if mention.is_place or mention.is_value)
        if not any(mention.is_object for mention in piece.mentions) or not extra:
            return
        for place in self.listed:
            frame = self.result.frames[place]
            found = self._match(complete(frame.mentions, extra), piece)
            if found and len(found.mentions) > len(frame.mentions):
                self.result.frames[place] = found

    def _match(self, mentions: Sequence[Mention], piece: Piece) -> Frame | None:
        frame = self.matcher.match(mentions)
        return replace(frame, excluded=piece.excluded, delay=piece.delay) if frame else None


_PATIENCE = 6


def _glued(frame: Frame, piece: Piece) -> bool:
    """Whether free words would run over a joint: «добавь хлеб и молоко в список» are two things."""
    return bool(frame.text) and frame.text[0] not in piece.mentions and frame.text[-1] in piece.mentions


def _split_repeats(piece: Piece) -> list[Piece]:
    parts: list[list[Mention]] = [[]]
    for mention in piece.mentions:
        if role(mention) in {"object", "place"} and role(mention) in {role(each) for each in parts[-1]}:
            parts.append([])
        parts[-1].append(mention)
    return [
        replace(piece, mentions=tuple(part), excluded=() if place else piece.excluded)
        for place, part in enumerate(parts)
    ]


def _locates(mention: Mention) -> bool:
    return role(mention) in {"object", "place"}


def _self_contained(mention: Mention) -> bool:
    """Whether it says what or where by itself; «ярче» does not."""
    return role(mention) in {"verb", "object", "place"} or mention.unknown


def role(mention: Mention) -> str:
    """Which place in a command a mention takes; two of one role cannot stand in one command."""
    if mention.verbs:
        return "verb"
    if mention.is_place:
        return "place"
    if mention.is_object:
        return "object"
    return "value" if mention.is_value else f"word {mention.readings[:1]}"


def override(base: Sequence[Mention], new: Sequence[Mention]) -> tuple[Mention, ...]:
    """``base`` with everything of the roles in ``new`` replaced; a bare number takes the unit of the one before it."""
    roles = {role(mention) for mention in new}
    old = next((mention for mention in base if role(mention) == "value"), None)
    return (
        *(mention for mention in base if role(mention) not in roles),
        *(_with_unit(mention, old) if old and role(mention) == "value" else mention for mention in new),
    )


def _with_unit(mention: Mention, old: Mention) -> Mention:
    """«На десять минут, нет, на пятнадцать»."""
    number = next((each.value for each in mention.readings if isinstance(each, Value) and each.kind == "число"), None)
    if isinstance(number, (int, float)) and any(
        isinstance(each, Value) and each.kind == "градусы" for each in old.readings
    ):
        return replace(mention, readings=(Value("градусы", number),))
    units = [unit for unit in ("hours", "minutes", "seconds") if old.duration and getattr(old.duration, unit)]
    if not isinstance(number, int) or len(units) != 1:
        return mention
    return replace(mention, readings=(Value("время", Duration(**{units[0]: number})),))


def complete(new: Sequence[Mention], base: Sequence[Mention], *, place: bool = True) -> tuple[Mention, ...]:
    """``new`` with what it leaves unsaid from ``base``; a piece with its own verb takes only what is acted on."""
    roles = {role(mention) for mention in new}
    own_verb = "verb" in roles
    taken = [
        mention
        for mention in base
        if role(mention) not in roles
        and not (own_verb and role(mention) in {"value", "place"})
        and (place or role(mention) != "place")
    ]
    old = next((mention for mention in base if role(mention) == "value"), None)
    return (*taken, *(_with_unit(mention, old) if old and role(mention) == "value" else mention for mention in new))
