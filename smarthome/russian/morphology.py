"""A word or a name in, its forms out: everything that needs the Russian dictionary.

Names stand in devices.yaml once, in the nominative («Ночная лампа»); people say them in every case («выключи ночную
лампу», «у ночной лампы»). All forms are derived here, when the house is loaded, with pymorphy3 (Korobov 2015);
matching a sentence is then a look-up, and agreement inside a name is guaranteed: only agreeing forms exist.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Protocol, cast

import pymorphy3

from smarthome.russian.tokens import normalise

CASES = ("nomn", "gent", "datv", "accs", "ablt", "loct")
_CASE_OF = {"gen2": "gent", "acc2": "accs", "loc2": "loct", "loc1": "loct", "gen1": "gent", "voct": "nomn"}
_RUSSIAN = frozenset("абвгдеёжзийклмнопрстуфхцчшщъыьэюя-")
_REMEMBERED = 20_000
_NAMED_BY = {"Name", "Surn", "Patr"}


class Tag(Protocol):
    """The part of pymorphy3's tag that is used; a grammeme is asked for with ``in``."""

    POS: str | None
    case: str | None
    gender: str | None
    number: str | None
    person: str | None
    tense: str | None
    mood: str | None
    animacy: str | None
    grammemes: frozenset[str]


class Analysis(Protocol):
    """One reading of a word by pymorphy3."""

    word: str
    tag: Tag
    normal_form: str
    score: float
    lexeme: list[Analysis]


class Morphology:
    """pymorphy3 with a memory. One instance serves a process; it holds the dictionary (about 20 MB)."""

    def __init__(self) -> None:
        self._analyser = pymorphy3.MorphAnalyzer()
        self.analyses = lru_cache(maxsize=_REMEMBERED)(self._analyses)
        self._agreeing = lru_cache(maxsize=_REMEMBERED)(self._agree)
        self._declined: dict[tuple[str, str, str | None], list[tuple[str, str]]] = {}

    def _analyses(self, word: str) -> tuple[Analysis, ...]:
        """Every reading of ``word``, the likeliest first; none for letters that are neither Russian nor Latin."""
        if not all(letter in _RUSSIAN or letter.isascii() for letter in word):
            return ()
        return tuple(cast("list[Analysis]", self._analyser.parse(word)))

    def lemmas(self, word: str) -> tuple[str, ...]:
        """The dictionary forms that ``word`` may belong to, the likeliest first."""
        return tuple(dict.fromkeys(normalise(each.normal_form) for each in self.analyses(word))) or (word,)

    def verb_forms(self, infinitive: str) -> Mapping[str, str]:
        """Every finite form and infinitive of a verb → command, infinitive, future, past, third or other."""
        forms: dict[str, str] = {}
        for form in self._lexeme(infinitive, {"INFN"}):
            role = _verb_role(form.tag)
            spelling = normalise(form.word)
            if role and _RANK[role] > _RANK.get(forms.get(spelling, ""), -1):
                forms[spelling] = role
        return forms

    def imperative(self, infinitive: str) -> str:
        """«Включи» of «включить»."""
        for form in self._lexeme(infinitive, {"INFN"}):
            if form.tag.mood == "impr" and form.tag.number == "sing" and "excl" in form.tag.grammemes:
                return normalise(form.word)
        return infinitive

    def participles(self, infinitive: str) -> set[str]:
        """Passive participles of a verb, full and short: «включён», «включённые»."""
        return {
            normalise(form.word)
            for form in self._lexeme(infinitive, {"INFN"})
            if form.tag.POS in {"PRTS", "PRTF"} and "pssv" in form.tag.grammemes
        }

    def adjective_table(self, adjective: str) -> dict[tuple[str | None, ...], str]:
        """(part of speech, case, gender, number, animacy) → every form of an adjective, short ones too."""
        return {
            (form.tag.POS, form.tag.case, form.tag.gender, form.tag.number, form.tag.animacy): normalise(form.word)
            for form in self._lexeme(adjective, {"ADJF"})
            if not {"Supr", "V-oy", "V-ey", "V-be"} & form.tag.grammemes and form.tag.POS in {"ADJF", "ADJS"}
        }

    def numeral_forms(self, numeral: str) -> Iterator[tuple[str, Tag]]:
        """Every form of a cardinal or ordinal numeral given in the nominative, with its tag."""
        for part in ("NUMR", "ADJF", "NOUN"):
            lexeme = self._lexeme(numeral, {part})
            if lexeme:
                yield from ((normalise(form.word), form.tag) for form in lexeme if form.tag.case)
                return

    def phrase_forms(self, phrase: str, numbers: tuple[str, ...] = ()) -> dict[str, set[tuple[str, ...]]]:
        """Case → the phrase in that case, word by word; ``numbers`` adds «sing» or «plur» to the number it is given in.

        The first noun in the nominative is the head; adjectives before it agree with it, what follows it stays as it
        is («Свет над столом» → «света над столом»). A phrase without such a head has one form for all cases.
        """
        words = tuple(normalise(phrase).split())
        forms: dict[str, set[tuple[str, ...]]] = {case: set() for case in CASES}
        for head, analysis in self._heads(words):
            for number in {analysis.tag.number, *numbers}:
                self._decline(words, head, analysis, number, forms)
        if not any(forms.values()):
            for case in CASES:
                forms[case].add(words)
        forms["nomn"].add(words)
        return forms

    def head_forms(self, phrase: str) -> tuple[str, ...]:
        """The head noun of a phrase of several words, in its dictionary form of that number; () when there is none."""
        words = tuple(normalise(phrase).split())
        return tuple(dict.fromkeys(words[head] for head, _ in self._heads(words) if len(words) > 1))

    def is_word(self, word: str) -> bool:
        """Whether the dictionary has ``word``."""
        return bool(self._analyser.word_is_known(word))

    def tells(self, word: str) -> bool:
        """Whether ``word`` only tells what somebody does («включается»), did («пришла») or what is («перекрыта»)."""
        if not self.is_word(word):
            return False
        roles = {"past" if each.tag.POS == "PRTS" else _verb_role(each.tag) for each in self.analyses(word)}
        return bool(roles) and roles <= {"past", "third", "other"}

    def is_nominative(self, word: str) -> bool:
        """Whether ``word`` can be a noun or a pronoun in the nominative: who does what is told."""
        kinds = {"NOUN", "NPRO"}
        return any(each.tag.POS in kinds and each.tag.case == "nomn" for each in self.analyses(normalise(word)))

    def is_common_noun(self, word: str) -> bool:
        """Whether the dictionary has ``word`` as a noun in the nominative singular, and not as a name."""
        found = [each.tag for each in self.analyses(normalise(word)) if each.tag.POS == "NOUN" and self.is_word(word)]
        return any(
            tag.case == "nomn" and tag.number == "sing" and not {*_NAMED_BY, "Abbr"} & tag.grammemes for tag in found
        )

    def is_somebody(self, word: str) -> bool:
        """Whether ``word`` can only name a person, in the nominative, or be «я, мы, он …»: who does or is spoken to."""
        tags = [each.tag for each in self.analyses(word)] if self.is_word(word) else []
        people = all(
            (tag.POS == "NOUN" and tag.animacy == "anim") or (tag.POS == "NPRO" and tag.person != "2per")
            for tag in tags
        )
        return people and any(tag.case == "nomn" for tag in tags)

    def is_whom(self, word: str) -> bool:
        """Whether ``word`` can only name a person, in the accusative: «маму», «детей»."""
        tags = [each.tag for each in self.analyses(word)] if self.is_word(word) else []
        return any(tag.case == "accs" for tag in tags) and all(
            tag.POS == "NOUN" and tag.animacy == "anim" for tag in tags
        )

    def is_where(self, word: str) -> bool:
        """Whether ``word`` is a noun or adjective in the locative: «балконе», «гостевой»."""
        return self.is_word(word) and any(
            each.tag.POS in {"NOUN", "ADJF"} and each.tag.case in {"loct", "loc2"} for each in self.analyses(word)
        )

    def forbids(self, word: str) -> bool:
        """Whether «не» is glued to a verb in the imperative or infinitive: «невключай»."""
        rest = word.removeprefix("не")
        return (
            word != rest
            and not self.is_word(word)
            and self.is_word(rest)
            and any(_verb_role(each.tag) in {"command", "infinitive"} for each in self.analyses(rest))
        )

    def is_adjective(self, word: str) -> bool:
        """Whether ``word`` can be an adjective in the nominative («детская», «ванная»)."""
        return any(each.tag.POS == "ADJF" and each.tag.case == "nomn" for each in self.analyses(normalise(word)))

    def _lexeme(self, word: str, parts: set[str]) -> list[Analysis]:
        for analysis in self.analyses(normalise(word)):
            if analysis.tag.POS in parts and analysis.tag.case in {None, "nomn"}:
                return analysis.lexeme
        return []

    def _heads(self, words: tuple[str, ...]) -> Iterator[tuple[int, Analysis]]:
        """The head noun's place and its readings; without a noun an adjective that stands for one («Детская»)."""
        readings = [self.analyses(word) for word in words]
        for part in ("NOUN", "ADJF"):
            for place, analyses in enumerate(readings):
                found = [each for each in analyses if part == each.tag.POS and each.tag.case == "nomn"]
                plain = [each for each in found if not _NAMED_BY & each.tag.grammemes]
                if found and not (part == "NOUN" and self._describes(words, place)):
                    yield from ((place, each) for each in plain or found)
                    if not (part == "NOUN" and place + 1 < len(words) and self._is_noun(words[place + 1])):
                        return
                    continue
                if not any(each.tag.POS in {"ADJF", "PRTF"} and each.tag.case == "nomn" for each in analyses):
                    break

    def _describes(self, words: tuple[str, ...], place: int) -> bool:
        """«Ванная комната»: a noun that is an adjective here, for another noun follows."""
        return place + 1 < len(words) and self.is_adjective(words[place]) and self._is_noun(words[place + 1])

    def _is_noun(self, word: str) -> bool:
        return any(each.tag.POS == "NOUN" and each.tag.case == "nomn" for each in self.analyses(word))

    def _decline(
        self,
        words: tuple[str, ...],
        head: int,
        analysis: Analysis,
        number: str | None,
        forms: dict[str, set[tuple[str, ...]]],
    ) -> None:
        key = analysis.word, str(analysis.tag), number
        if key not in self._declined:
            self._declined[key] = list(_declension(analysis, number))
        for case, form in self._declined[key]:
            before = [self._agreeing(word, case, number, analysis.tag.gender) for word in words[:head]]
            forms[case].add((*before, form, *words[head + 1 :]))

    def _agree(self, word: str, case: str, number: str | None, gender: str | None) -> str:
        """An adjective before its noun («белые» + gent plur → «белых»); things are inanimate."""
        for analysis in self.analyses(word):
            if analysis.tag.POS not in {"ADJF", "PRTF"} or analysis.tag.case != "nomn":
                continue
            for form in analysis.lexeme:
                tag = form.tag
                fits = tag.case == case and tag.number == number and (number == "plur" or tag.gender in {gender, None})
                if fits and tag.POS == analysis.tag.POS and tag.animacy in {None, "inan"}:
                    return normalise(form.word)
        return word


def _declension(analysis: Analysis, number: str | None) -> Iterator[tuple[str, str]]:
    """(case, form) of a noun, or of an adjective that stands for one, in one number."""
    part, gender = analysis.tag.POS, analysis.tag.gender
    for form in analysis.lexeme:
        tag = form.tag
        if tag.number != number or tag.case is None or part != tag.POS:
            continue
        if part != "ADJF" or number != "sing" or tag.gender == gender:
            yield _CASE_OF.get(tag.case, tag.case), normalise(form.word)


_RANK = {"": -1, "other": 0, "third": 1, "past": 2, "future": 3, "infinitive": 4, "command": 5}


def _verb_role(tag: Tag) -> str | None:
    """What a form can do. «Включим» counts as a command: the recogniser writes it for «включи», people say it too."""
    if tag.POS == "INFN":
        return "infinitive"
    if tag.POS != "VERB":
        return None
    if tag.mood == "impr" or (tag.person == "1per" and tag.number == "plur"):
        return "command"
    if tag.tense == "past":
        return "past"
    if tag.person == "2per":
        return "future"
    return "third" if tag.person == "3per" else "other"
