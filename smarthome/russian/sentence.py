"""Pieces in, filled rules out: what one piece leaves unsaid is taken from its neighbours.

«Включи свет на кухне и в спальне», «торшер и люстру выключи», «не на кухне, а в спальне», «… то есть торшер».
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from smarthome.intents import QUESTIONS
from smarthome.russian.context import LETS_IN, Told
from smarthome.russian.delays import sensible
from smarthome.russian.frames import Frame, Matcher
from smarthome.russian.mentions import Mention
from smarthome.russian.pieces import Piece
from smarthome.russian.roles import complete, locates, override, role, with_units


@dataclass
class Reading:
    """What a sentence was found to say.

    ``stuck`` met no rule; ``lost``: «его» of what? ``dropped`` is what the speaker put something else in the place of.
    """

    frames: list[Frame] = field(default_factory=list)
    negated: bool = False
    stuck: tuple[Mention, ...] | None = None
    lost: bool = False
    dropped: list[Mention] = field(default_factory=list)


@dataclass
class Sentence:
    """Walks the pieces once, from left to right. ``before`` is what an earlier sentence told, to lean on."""

    matcher: Matcher
    before: Told | None = None
    result: Reading = field(default_factory=Reading)
    last: tuple[Mention, ...] = ()
    last_negated: bool = False
    contrast: bool = False
    waiting: list[Piece] = field(default_factory=list)
    listed: list[int] = field(default_factory=list)

    def read(self, pieces: Sequence[Piece]) -> Reading:
        """Every piece in turn."""
        self.last = self.before.mentions if self.before else ()
        for piece in pieces:
            self._next(piece)
            if self.result.stuck is not None:
                return self.result
        if self.waiting or self.contrast:
            self.result.stuck = tuple(mention for piece in self.waiting for mention in piece.mentions)
            self.result.negated = self.result.negated or self.contrast
        return self.result

    @property
    def _leaning(self) -> bool:
        """Whether what is left unsaid comes from an earlier sentence."""
        return self.before is not None and not self.result.frames

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
        self.result.dropped += piece.unwanted
        if piece.joint == "repair" and self.result.frames:
            del self.result.frames[-1]
        self.contrast, self.last_negated = True, False
        self.last = complete(piece.mentions, self.last) if self.last and not piece.has_verb else piece.mentions
        self.listed.clear()

    def _repair(self, piece: Piece) -> None:
        """«…, то есть торшер»: the new words take the place of those of their sort."""
        base = self.last or self.waiting.pop().mentions
        self.result.dropped += base
        if self.listed or (self.result.frames and not self.last_negated):
            self.result.frames[-1:] = []
        if piece.negated or (self.last_negated and not piece.has_verb):
            self._negated(piece)
            return
        whole = piece.has_verb and any(mention.is_object for mention in piece.mentions)
        self.last_negated = False
        self._fill(piece if whole else replace(piece, mentions=self._repaired(base, piece)))

    def _repaired(self, base: Sequence[Mention], piece: Piece) -> tuple[Mention, ...]:
        """The base with the new words; «включи свет, ой нет, музыку» names no device, yet it stands for the light."""
        plain = override(base, piece.mentions)
        if self._match(plain, piece):
            return plain
        free = override([mention for mention in base if role(mention) != "object"], piece.mentions)
        return free if self._match(free, piece) else plain

    def _fill(self, piece: Piece) -> None:
        merged = tuple(mention for each in [*self.waiting, piece] for mention in each.mentions)
        bare = self.last and not self.result.frames and not any(map(_self_contained, piece.mentions))
        if (piece.refers or bare) and self._refer(piece):
            return
        if self._follow(piece):
            return
        if piece.joint in {",", "."} and self._grows(piece):
            return
        if self.waiting and (frame := self._match(merged, piece)) and not _glued(frame, piece):
            self.waiting.clear()
            self._add(frame)
        elif frame := self._same_place(piece) or self._match(piece.mentions, piece):
            self._add(frame)
        elif frame := self._elliptic(piece):
            self._add(frame, shared=not piece.has_verb)
        elif not self._list(piece):
            self._wait(piece)

    def _follow(self, piece: Piece) -> bool:
        """«Включи свет в прихожей и сделай поярче»: the light there, when that makes sense."""
        if not (self.result.frames or self._leaning) or not piece.has_verb or any(map(locates, piece.mentions)):
            return False
        frame = self._share(tuple(mention for mention in self.last if locates(mention)), piece)
        if frame:
            self._add(frame)
        return frame is not None

    def _same_place(self, piece: Piece) -> Frame | None:
        """«Сделай в спальне темнее и теплее»: both there."""
        if piece.has_verb or piece.joint not in {"и", ","} or any(map(locates, piece.mentions)):
            return None
        there = [mention for mention in self.last if role(mention) == "place"] if self.result.frames else []
        return self._match((*there, *piece.mentions), piece) if there else None

    def _share(self, there: Sequence[Mention], piece: Piece) -> Frame | None:
        """The piece with a thing and place said before; a place alone is shared by commands of one sort only."""
        frame = self._match((*there, *with_units(piece.mentions, self.last)), piece) if there else None
        placed = {role(mention) for mention in there} == {"place"} and not piece.refers & {"it", "them", "there"}
        if frame and placed and self._leaning and self.before and not self.before.is_kin(frame.rule.action):
            return None
        return frame

    def _refer(self, piece: Piece) -> bool:
        """«Выключи его», «там», «ещё ярче»: what was said before comes first. True when that settles the piece."""
        must = bool(piece.refers & {"it", "them", "there"})
        frame = None
        whole = {"object", "place"}
        orders: tuple[set[str], ...] = (whole, {*whole, "verb"})
        if "there" in piece.refers:
            orders = ({"place"}, whole)
        elif piece.mentions and all(mention.is_value for mention in piece.mentions):
            orders = orders[::-1]  # «на треть» after «закрой шторы» closes them by a third
        for wanted in orders:
            own = {role(mention) for mention in piece.mentions}
            taken = [mention for mention in self.last if role(mention) in wanted - own or not piece.mentions]
            frame = frame or self._share(taken, piece)
        if frame and not piece.mentions and frame.rule.action in LETS_IN:
            self.result.stuck = ()
            return True
        if frame:
            self._add(frame)
        elif must:
            self.result.lost = True
            self.result.stuck = piece.mentions
        return frame is not None or must

    def _elliptic(self, piece: Piece) -> Frame | None:
        told = [each for each in self.waiting if each.has_verb] or self.waiting[-1:]
        base = self.last or tuple(mention for each in told[:1] for mention in each.mentions)
        if not base:
            return None
        placed = self._leaning or not piece.has_verb
        found = self._match(complete(piece.mentions, base), piece) if placed else None
        if found and self.result.frames and found.rule is not self.result.frames[-1].rule:
            # «Вытяжку на сорок процентов и свет»: the light is not to be dimmed.
            plain = [mention for mention in base if role(mention) != "value"]
            found = self._match(complete(piece.mentions, plain), piece) or found
        return found or self._match(complete(piece.mentions, base, place=False), piece)

    def _grows(self, piece: Piece) -> bool:
        """«Открой шторы, наполовину»: the piece only says more about the last command."""
        if piece.has_verb or not self.result.frames or self.last_negated:
            return False
        frame = self._match((*self.last, *piece.mentions), piece)
        if frame is None or _glued(frame, piece):
            return False
        self.result.frames[-1] = frame
        self.last = (*frame.mentions, *frame.when)
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

    def _add(self, frame: Frame, *, shared: bool = False) -> None:
        self.last, self.last_negated = (*frame.mentions, *frame.when), False
        self._settle_waiting()
        if not shared:
            self.listed.clear()
        self.listed.append(len(self.result.frames))
        self.result.frames.append(frame)

    def _settle_waiting(self) -> None:
        """«На кухне и в спальне выключи свет»: the first place waited for this verb and object."""
        for waiting in self.waiting:
            placed = complete(waiting.mentions, self.last, place=not waiting.has_verb)
            found = self._match(placed, waiting) or self._match(
                complete(waiting.mentions, self.last, place=False), waiting
            )
            if found is None:
                self.result.stuck = waiting.mentions
                return
            self.listed.append(len(self.result.frames))
            self.result.frames.append(found)
        self.waiting.clear()

    def _match(self, mentions: Sequence[Mention], piece: Piece) -> Frame | None:
        """The rule that is met; by what is left, to be done later, when some words only say when."""
        frame, when = self.matcher.match(mentions), piece.lasting
        if frame is None:
            when = tuple(mention for mention in mentions if mention.is_when)
            rest = tuple(mention for mention in mentions if not mention.is_when)
            frame = self.matcher.match(rest) if when and rest else None
            timed = frame is not None and frame.is_timed
        else:
            when, timed = () if frame.is_timed else when, False
        waits = not when or (frame is not None and sensible(when) and frame.rule.action not in QUESTIONS)
        return replace(frame, excluded=piece.excluded, when=when) if frame and waits and not timed else None


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


def _self_contained(mention: Mention) -> bool:
    """Whether it says what or where by itself; «ярче» does not."""
    return role(mention) in {"verb", "object", "place"} or mention.unknown
