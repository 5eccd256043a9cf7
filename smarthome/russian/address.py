"""A sentence in, what is left of it without the house's name out: «Алиса, включи свет», «включи свет, дом».

The name stands at the beginning or at the end, in any case. A house is also a place («включи свет в доме», «дома
холодно») and a thing («обойди весь дом»): what a preposition, an adjective or a verb governs calls nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Literal, TypeAlias

from rapidfuzz.distance import Levenshtein

from smarthome.russian.data import load
from smarthome.russian.morphology import Morphology
from smarthome.russian.sound import sounds
from smarthome.russian.soundalikes import allowed
from smarthome.russian.tokens import Token, normalise, tokenise

_PUNCTUATION = " ,.;:!?…—–-"
_DESCRIBES = frozenset({"ADJF", "PRTF", "NUMR"})
_ACTS = frozenset({"VERB", "INFN"})

_Case: TypeAlias = Literal["called", "named", "placed"]
"""How a form may stand: «Алиса»; «Алису», who is nobody but that; «дома», which mostly is a place."""


@dataclass(frozen=True, slots=True)
class _Name:
    sound: str
    words: int
    genders: frozenset[str | None]


class Address:
    """Finds the names that the house is called by."""

    def __init__(self, names: Iterable[str], morphology: Morphology) -> None:
        data = load("address.yaml")
        self._before = frozenset(data.words("before"))
        self._after = [tuple(phrase.split()) for phrase in data.words("after")]
        self._morphology = morphology
        self._names: list[_Name] = []
        self._forms: dict[tuple[str, ...], tuple[_Case, _Name]] = {}
        for name in names:
            self._learn(normalise(name))

    def _learn(self, name: str) -> None:
        nouns = [
            each.tag
            for word in name.split()
            for each in self._morphology.analyses(word)
            if each.tag.POS == "NOUN" and each.tag.case == "nomn"
        ]
        known = _Name(sounds(name.replace(" ", "")), len(name.split()), frozenset(tag.gender for tag in nouns))
        alive = any(tag.animacy == "anim" for tag in nouns)
        self._names.append(known)
        for case, forms in self._morphology.phrase_forms(name).items():
            for form in forms:
                if case == "nomn":
                    self._forms[form] = ("called", known)
                elif form not in self._forms or self._forms[form][0] != "called":
                    self._forms[form] = ("named" if alive else "placed", known)

    def rest(self, text: str) -> str | None:
        """``text`` without the name; "" when it says nothing else, None when nobody is called."""
        tokens = tokenise(text)
        for cut in (self._from_beginning, self._from_end):
            rest = cut(text, tokens)
            if rest is not None:
                again = self.rest(rest) if rest else None
                return rest if again is None else again
        return None

    # --- where the name may stand ------------------------------------------------------------------------------------

    def _from_beginning(self, text: str, tokens: Sequence[Token]) -> str | None:
        greeted = len(list(takewhile(lambda token: token.word in self._before, tokens)))
        for start in range(greeted, -1, -1):
            for end in self._ends(tokens, start):
                found = self._name(tokens[start:end])
                if found and (found[0] != "placed" or (tokens[end - 1].stop and end < len(tokens))):
                    rest = text[tokens[end - 1].end :].lstrip(_PUNCTUATION)
                    return "" if self._is_courtesy(tokens[end:]) else rest
        return None

    def _from_end(self, text: str, tokens: Sequence[Token]) -> str | None:
        for close in self._closes(tokens):
            for start in range(close - 1, max(0, close - self._longest - 1), -1):
                found = self._name(tokens[start:close])
                if found and not self._is_governed(tokens[:start], *found):
                    before = text[: tokens[start - 1].end]
                    return " ".join((before, text[tokens[close - 1].end :].lstrip(_PUNCTUATION))).strip()
        return None

    @property
    def _longest(self) -> int:
        return max((name.words for name in self._names), default=0) + 1

    def _ends(self, tokens: Sequence[Token], start: int) -> Iterable[int]:
        return range(min(len(tokens), start + self._longest), start, -1)

    def _closes(self, tokens: Sequence[Token]) -> Iterable[int]:
        """Where the sentence ends, with and without a «пожалуйста»."""
        yield len(tokens)
        for length in (1, 2):
            if len(tokens) > length and self._is_courtesy(tokens[-length:]):
                yield len(tokens) - length

    def _is_courtesy(self, tokens: Sequence[Token]) -> bool:
        return tuple(token.word for token in tokens) in self._after

    # --- what is a name, and what only looks like one ----------------------------------------------------------------

    def _name(self, tokens: Sequence[Token]) -> tuple[_Case, _Name] | None:
        """Whether these words are a name, as it is written or as it sounds."""
        words = tuple(token.word for token in tokens)
        if words in self._forms:
            return self._forms[words]
        if any(token.stop for token in tokens[:-1]) or (len(words) == 1 and not self._may_be_called(words[0])):
            return None
        heard = sounds("".join(words))
        for name in self._names:
            may = min(allowed(len(name.sound)), 1 if len(words) > 1 else 2) if len(words) == name.words else 0
            if abs(len(words) - name.words) < 2 and Levenshtein.distance(heard, name.sound, score_cutoff=may) <= may:
                return "called", name
        return None

    def _may_be_called(self, word: str) -> bool:
        """Whether a word can be a misheard name: one that nobody knows («Олиса»), or a thing («Лиса»); not Алина."""
        return not self._morphology.is_word(word) or self._morphology.is_common_noun(word)

    def _is_governed(self, before: Sequence[Token], case: _Case, name: _Name) -> bool:
        """Whether the words before a name at the end make it a part of the sentence; a comma says no."""
        if not before or before[-1].stop:
            return not before
        if case == "placed":
            return True
        tags = [each.tag for each in self._morphology.analyses(before[-1].word)]
        if any(tag.POS == "PREP" for tag in tags):
            return True
        if any(tag.POS in _DESCRIBES and tag.case == "nomn" and tag.gender in name.genders for tag in tags):
            return True
        takes_object = any(tag.POS in _ACTS and "tran" in tag.grammemes for tag in tags)
        return takes_object and not any(map(self._is_noun, before))

    def _is_noun(self, token: Token) -> bool:
        first = next(iter(self._morphology.analyses(token.word)), None)
        return first is not None and first.tag.POS == "NOUN"
