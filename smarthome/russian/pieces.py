"""Mentions in, pieces of the sentence out: one piece for every command or part of one.

«Не включай свет на кухне, а включи в спальне» has two pieces: a negated one and one that lacks what it switches.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from smarthome.russian.lexicon import Place, Sign
from smarthome.russian.mentions import Mention


@dataclass(frozen=True, slots=True)
class Piece:
    """Mentions between joints. ``joint`` is what stood before: и, а, потом, «,», «.», repair, cancel or nothing.

    ``negated``: its verb is; ``unwanted``: «не на кухне»; ``excluded``: after «кроме»; ``refers``: it, them,
    there, more: «его», «там», «ещё»; ``lasting``: «через час» said before, about this piece too.
    """

    mentions: tuple[Mention, ...] = ()
    joint: str = ""
    negated: bool = False
    unwanted: tuple[Mention, ...] = ()
    excluded: tuple[Mention, ...] = ()
    refers: frozenset[str] = frozenset()
    lasting: tuple[Mention, ...] = ()

    @property
    def says(self) -> bool:
        """Whether anything is left of it."""
        return bool(self.mentions or self.unwanted or self.excluded or self.refers)

    @property
    def has_verb(self) -> bool:
        """Whether somebody is told to do something in it."""
        return any(mention.verbs for mention in self.mentions)


@dataclass
class _Cutter:
    pieces: list[Piece] = field(default_factory=list)
    piece: Piece = field(default_factory=Piece)
    forbidden: bool = False
    mode: str = ""
    lasting: tuple[Mention, ...] = ()

    def flush(self, joint: str) -> None:
        piece = self.piece
        if self.mode == "except" and joint in {"и", ","}:
            return
        if piece.says or joint == "cancel":
            self.pieces.append(piece)
            self.lasting = () if joint == "." else self.lasting
            self.piece = Piece(joint=joint, lasting=self.lasting)
        elif joint in {"repair", "cancel"} or piece.joint in {"", ","}:
            self.piece = replace(piece, joint=joint, negated=piece.negated and joint != "а")
        self.mode = ""

    def forbid(self, *, adjacent: bool, verb_follows: bool) -> None:
        """«Нельзя включать», «нельзя на кухне включать» forbid what follows; «включать нельзя» what was said."""
        said = self.piece.has_verb or not verb_follows
        if (said and not adjacent) or self.wavers:
            self.flush("cancel")
        self.forbidden = verb_follows
        if adjacent:
            self.mode = "not"
        elif verb_follows:
            self.piece = replace(self.piece, negated=True)

    @property
    def wavers(self) -> bool:
        """Whether the verb of this piece only names what to do: «включать чайник», it may be forbidden yet."""
        return any(verb.form != "command" for mention in self.piece.mentions for verb in mention.verbs)

    def exclude(self, *, before_verb: bool) -> None:
        """«…, кроме детской» belongs to the piece before the comma; «…, но не выключай» is a piece of its own."""
        if before_verb:
            self.flush("а")
            self.mode = "not"
            return
        if self.pieces and not self.piece.mentions and self.piece.joint in {"", ","}:
            self.piece = self.pieces.pop()
        self.mode = "except"

    def later(self, mention: Mention) -> None:
        """«Через час …», «в семь вечера …» are about all that follows; standing last, about their own piece."""
        if not self.mode and not self.piece.has_verb and all(each.is_when for each in self.piece.mentions):
            self.lasting = (*self.piece.mentions, mention)
        self.content(mention)

    def verb(self, mention: Mention) -> None:
        negated = self.mode == "not"  # «включи свет не открывай дверь»: of this verb, not of the piece before
        if self.piece.has_verb:
            late = self._late()
            self.flush("")
            self.piece = replace(self.piece, mentions=late)
        if not negated and any(verb.form == "command" for verb in mention.verbs):
            self.forbidden = False
        keeps = any(verb.key == "оставить" for verb in mention.verbs)
        negated = negated or self.forbidden or keeps
        self.mode = ""
        self.piece = replace(
            self.piece, mentions=(*self.piece.mentions, mention), negated=self.piece.negated or negated
        )

    def _late(self) -> tuple[Mention, ...]:
        """«Свет включи телевизор |выключи»: with the thing before its verb, the next one belongs to the next verb."""
        mentions = self.piece.mentions
        told = next(place for place, mention in enumerate(mentions) if mention.verbs)
        if not any(mention.is_object for mention in mentions[:told]):
            return ()
        late = tuple(mention for mention in mentions[told + 1 :] if mention.is_object or mention.is_place)
        self.piece = replace(self.piece, mentions=tuple(mention for mention in mentions if mention not in late))
        return late

    def content(self, mention: Mention) -> None:
        piece = self.piece
        if self.mode == "except":
            self.piece = replace(piece, excluded=(*piece.excluded, mention))
        elif self.mode == "not":
            self.piece = replace(piece, unwanted=(*piece.unwanted, mention))
        else:
            self.piece = replace(piece, mentions=_narrowed(piece.mentions, mention))


def _narrowed(mentions: tuple[Mention, ...], new: Mention) -> tuple[Mention, ...]:
    """With ``new``; of «везде» and «на втором этаже» together only the second says where."""
    if not new.is_place:
        return (*mentions, new)
    if _is_everywhere(new):
        return mentions if any(_is_somewhere(each) for each in mentions) else (*mentions, new)
    return (*(each for each in mentions if not _is_everywhere(each)), new)


def _is_everywhere(mention: Mention) -> bool:
    return any(isinstance(each, Place) and each.everywhere for each in mention.readings)


def _is_somewhere(mention: Mention) -> bool:
    return any(isinstance(each, Place) and (each.areas or each.floors) for each in mention.readings)


def cut(mentions: Sequence[Mention]) -> list[Piece]:
    """The pieces in order; words that only shape the sentence are gone."""
    cutter = _Cutter()
    for place, mention in enumerate(mentions):
        _place(cutter, mention, mentions[place + 1 :])
        if mention.stop:
            cutter.flush("," if set(mention.stop) <= set(",;:—–") else ".")
    if cutter.piece.says or cutter.piece.joint == "cancel":
        cutter.pieces.append(cutter.piece)
    return cutter.pieces


def _place(cutter: _Cutter, mention: Mention, rest: Sequence[Mention]) -> None:
    followed = next((each for each in rest if not _is_filler(each)), None)
    before_verb = followed is not None and bool(followed.verbs)
    if _forbids(cutter, mention, rest, before_verb=before_verb):
        return
    if mention.sign("rather"):
        if followed is None or not followed.is_when:
            cutter.flush("cancel")
        return
    if _shapes(cutter, mention, before_verb=before_verb) or _is_filler(mention):
        return
    if mention.verbs:
        cutter.verb(mention)
    elif mention.is_when:
        cutter.later(mention)
    else:
        cutter.content(mention)


def _forbids(cutter: _Cutter, mention: Mention, rest: Sequence[Mention], *, before_verb: bool) -> bool:
    """Act on a forbidding word; False when it is none, or says by itself «не надо», «хватит»."""
    if not mention.sign("forbid"):
        return False
    said = bool(cutter.pieces) or cutter.piece.says
    ends = said and bool(mention.stop)
    verb_follows = not ends and any(each.verbs for each in _clause(rest))
    if mention.verbs and not (before_verb or cutter.wavers):
        return False
    if not (before_verb or verb_follows or said):
        return False
    cutter.forbid(adjacent=before_verb and not ends, verb_follows=verb_follows)
    return True


def _clause(mentions: Sequence[Mention]) -> Iterator[Mention]:
    """What still belongs to the same thought."""
    for mention in mentions:
        sign = mention.sign("joint")
        if sign and sign.key != "и":
            return
        yield mention
        if mention.stop:
            return


def _shapes(cutter: _Cutter, mention: Mention, *, before_verb: bool) -> bool:
    """Act on a word that only shapes the sentence; False when it is none."""
    if mention.sign("cancel") and (cutter.pieces or cutter.piece.mentions):
        cutter.flush("cancel")
    elif sign := mention.sign("joint"):
        cutter.flush(sign.key)
    elif mention.sign("repair"):
        cutter.flush("repair")
    elif mention.sign("not"):
        cutter.mode = "not"
    elif sign := mention.sign("it", "them", "there", "more"):
        cutter.piece = replace(cutter.piece, refers=cutter.piece.refers | {sign.role})
    elif mention.sign("except"):
        cutter.exclude(before_verb=before_verb)
    else:
        return mention.sign("wish", "let", "too") is not None or bool(
            mention.sign("forbid") and len(mention.readings) == 1
        )
    return True


def _is_filler(mention: Mention) -> bool:
    sign = mention.sign("filler")
    meanings = [each for each in mention.readings if not (isinstance(each, Sign) and each.role == "aside")]
    return sign is not None and (sign.key == "ask" or len(meanings) == 1)
