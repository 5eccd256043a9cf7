"""Mentions of a sentence in, those of its command out: the reason said beside it is left out.

«Сделай телевизор потише, ребёнок спит», «я ушла выключи свет», «темно, включи свет». A reason is made of the words of
asides.yaml and of words that mean nothing to a home; whatever else stands in it, and it is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from smarthome.russian.data import Section
from smarthome.russian.mentions import Mention
from smarthome.russian.morphology import Morphology

_LONGEST = 6  # mentions
_STRANGE = 3  # of them unknown to the home
_LOOSE = 3  # without a comma: who, does what, and a small word
_CLAUSE = frozenset(",.;:!…—–")
_HOLDS = ("not", "forbid", "cancel", "repair", "tale", "wish", "let", "except", "it", "them", "there")
_VERBAL = frozenset({"VERB", "INFN", "GRND", "PRTS"})


class Asides:
    """Finds reasons at the beginning and at the end of a sentence."""

    def __init__(self, data: Section, morphology: Morphology) -> None:
        self._verbs = frozenset(data.words("verbs"))
        self._words = frozenset(data.words("words"))
        self._complaints = frozenset(data.words("complaints"))
        self._openings = frozenset(data.words("openings"))
        self._morphology = morphology

    def without(self, mentions: Sequence[Mention]) -> tuple[Mention, ...] | None:
        """The sentence without its reasons; None when it has none, or is nothing else, or gives no order."""
        rest = self._cut_end(self._cut_beginning(tuple(mentions)))
        ordered = any(verb.form in {"command", "infinitive"} for mention in rest for verb in mention.verbs)
        return rest if len(rest) < len(mentions) and ordered else None

    def _cut_beginning(self, mentions: tuple[Mention, ...]) -> tuple[Mention, ...]:
        closed = next((place for place, each in enumerate(mentions, 1) if set(each.stop) & _CLAUSE), 0)
        if self._is_reason(mentions[:closed]):
            return mentions[closed:]
        for length in range(_LOOSE, 0, -1):
            follows = mentions[length : length + 1]
            if follows and follows[0].verbs and self._is_plain(mentions[:length]):
                return mentions[length:]
        return mentions

    def _cut_end(self, mentions: tuple[Mention, ...]) -> tuple[Mention, ...]:
        inner = range(len(mentions) - 1, 0, -1)
        opened = next((place for place in inner if set(mentions[place - 1].stop) & _CLAUSE), 0)
        if opened and self._is_reason(mentions[opened:]):
            return _ended(mentions[:opened])
        for length in range(min(_LOOSE, len(mentions) - 1), 0, -1):
            if self._is_plain(mentions[-length:]):
                return _ended(mentions[:-length])
        return mentions

    def _is_reason(self, clause: Sequence[Mention]) -> bool:
        """Whether the words between two commas only say why."""
        if not 0 < len(clause) <= _LONGEST or any("?" in each.stop for each in clause):
            return False
        few = sum(each.unknown for each in clause) <= _STRANGE
        return few and all(map(self._may_stand, clause)) and any(map(self._is_core, clause))

    def _is_plain(self, words: Sequence[Mention]) -> bool:
        """Whether these words, without a comma, say why: «дождь пошёл», «я ушла»; the verb and at most who."""
        strange = [each for each in words if each.unknown]
        tells = [each for each in strange if self._is_core(each) and self._morphology.tells(each.key)]
        others = [each for each in strange if each not in tells]
        who = all(self._morphology.is_nominative(each.key) and not each.preposition for each in others)
        placed = any(each.is_place or each.stop for each in words[:-1])
        return self._is_reason(words) and len(tells) == 1 and len(others) <= 1 and who and not placed

    def _may_stand(self, mention: Mention) -> bool:
        if mention.sign(*_HOLDS) and mention.key not in self._openings:
            return False
        if mention.unknown:
            return self._is_core(mention) or not self._is_verb(mention.key)
        here = mention.is_place and not mention.is_object
        small = mention.skippable or mention.sign("prep", "aside", "joint", "more", "too") is not None
        return here or small or self._is_core(mention) or mention.key in self._openings

    def _is_core(self, mention: Mention) -> bool:
        """Whether it says what is the matter."""
        if mention.key in self._words:
            return True
        if not mention.unknown:
            return mention.word is not None and any(
                getattr(each, "key", "") in self._complaints for each in mention.readings
            )
        return self._morphology.tells(mention.key) and bool(set(self._morphology.lemmas(mention.key)) & self._verbs)

    def _is_verb(self, word: str) -> bool:
        first = next(iter(self._morphology.analyses(word)), None)
        return first is not None and first.tag.POS in _VERBAL and not set(self._morphology.lemmas(word)) & self._verbs


def _ended(mentions: tuple[Mention, ...]) -> tuple[Mention, ...]:
    """The command without the comma that led to its reason."""
    return (*mentions[:-1], replace(mentions[-1], stop=""))
