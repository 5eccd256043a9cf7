"""rules.yaml in, rules out: what people can ask of a home, as patterns over mentions.

A rule's phrase is a bag of elements. It is met by a piece of a sentence when every required element takes a mention and
no mention is left that means something.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from smarthome.intents import Action
from smarthome.russian.data import DataError, Section
from smarthome.russian.lexicon import Kind, Lexicon, Named, Noun, Place, Reading, Sign, Tail, Value, Verb, Word
from smarthome.russian.mentions import Mention

_ELEMENT = re.compile(r"\[[^\]]*\]|<[^>]*>(?:\|\S+)?|\S+")


@dataclass(frozen=True, slots=True)
class Key:
    """A word by its key."""

    key: str

    def takes(self, mention: Mention) -> Reading | None:
        """The reading that is this word."""
        for reading in mention.readings:
            if isinstance(reading, (Verb, Noun, Word)) and reading.key == self.key:
                return reading
            if isinstance(reading, Sign) and (reading.role, reading.key) == ("aside", self.key):
                return reading
        return None


@dataclass(frozen=True, slots=True)
class Thing:
    """A device of a kind, by name or by common noun."""

    name: str
    kind: Kind
    present: frozenset[str]

    def takes(self, mention: Mention) -> Reading | None:
        """The noun or name that stands for such a device; a bare head noun only where no common noun would do."""
        if mention.is_place and mention.preposition:
            return None
        nouns = [each for each in mention.readings if isinstance(each, Noun) and each.is_device]
        fitting = [noun for noun in nouns if self.kind.fits(noun)]
        common = next(filter(self._has, fitting), next(iter(fitting), None))
        for reading in mention.readings:
            if isinstance(reading, Named):
                own = Named(
                    *(tuple(filter(self.kind.has, each)) for each in (reading.exact, reading.short, reading.part))
                )
                if self.kind.titles:
                    own = Named(own.exact)  # «кино» alone is no scene
                known = any(map(self._has, fitting))
                if own.exact or own.short or (own.part and not known):
                    return own
            if isinstance(reading, Tail) and (own := Named(exact=tuple(filter(self.kind.has, reading.devices)))).exact:
                return own
        return common

    def _has(self, noun: Noun) -> bool:
        """Whether the house has such devices."""
        return (noun.device_class or noun.domain) in self.present


@dataclass(frozen=True, slots=True)
class Where:
    """A place: <где> any, <комната> not the whole house, <везде> only that, <здесь> only «здесь»."""

    scope: str = "где"

    def takes(self, mention: Mention) -> Reading | None:
        """The place."""
        for reading in mention.readings:
            if isinstance(reading, Place) and self._fits(reading):
                return reading
        return None

    def _fits(self, place: Place) -> bool:
        if self.scope == "здесь":
            return place.here
        return self.scope == "где" or place.everywhere == (self.scope == "везде")


@dataclass(frozen=True, slots=True)
class Amount:
    """A value of some kinds; ``preposition`` when only that one will do, ``only`` when only that value will."""

    name: str
    kinds: frozenset[str]
    preposition: str = ""
    only: str = ""

    def takes(self, mention: Mention) -> Reading | None:
        """The value."""
        if mention.is_place:
            return None
        for reading in mention.readings:
            if isinstance(reading, Value) and reading.kind in self.kinds and self.only in {"", str(reading.value)}:
                # «на максимум» and «наполовину» are phrases of their own, with the preposition in them
                fits = self.preposition in {"", mention.preposition} or not isinstance(reading.value, (int, float))
                return reading if fits else None
        return None


@dataclass(frozen=True, slots=True)
class Text:
    """Free words; ``about`` names a noun that must be among them, or «таймер» for a timer's name."""

    about: str = ""

    def takes(self, mention: Mention) -> Reading | None:  # noqa: ARG002 (an option like the others)
        """Nothing by itself: free words are what the other elements leave."""
        return None


@dataclass(frozen=True, slots=True)
class Mark:
    """The sentence's question mark or exclamation mark."""

    sign: str

    def takes(self, mention: Mention) -> Reading | None:  # noqa: ARG002 (an option like the others)
        """Nothing: the mark stands beside a word that means something else."""
        return None


Option: TypeAlias = Key | Thing | Where | Amount | Text | Mark


@dataclass(frozen=True, slots=True)
class Element:
    """One place of a phrase: any of ``options`` fills it."""

    options: tuple[Option, ...]
    optional: bool = False

    @property
    def text(self) -> Text | None:
        """The free-words option, if it is one."""
        return next((option for option in self.options if isinstance(option, Text)), None)

    @property
    def mark(self) -> str:
        """The mark that it is: «?» or «!»; otherwise nothing."""
        return next((option.sign for option in self.options if isinstance(option, Mark)), "")

    def verb_keys(self, lexicon: Lexicon) -> set[str]:
        """The verbs it accepts."""
        return {each.key for each in self.options if isinstance(each, Key) and each.key in lexicon.verbs}


@dataclass(frozen=True, slots=True)
class Rule:
    """What is wanted when one of its phrases is met. ``slots`` maps slots to expressions over the values.

    ``ordered``: only when its words stand in the order of the phrase.
    """

    name: str
    action: Action
    slots: Mapping[str, str]
    here: bool
    device: Kind | None = None
    needs: Kind | None = None
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Phrase:
    """One way to say a rule; ``source`` is the line of rules.yaml, ``written`` its elements in that order."""

    rule: Rule
    source: str
    elements: tuple[Element, ...]
    written: tuple[Element, ...]
    order: int


@dataclass(frozen=True)
class Rules:
    """All phrases, found by the verb that a piece contains."""

    phrases: tuple[Phrase, ...]
    openers: tuple[Phrase, ...]
    wholes: tuple[Phrase, ...]
    by_verb: Mapping[str, tuple[Phrase, ...]]
    verbless: tuple[Phrase, ...]
    opening_verbs: frozenset[str] = field(default=frozenset())

    def candidates(self, verbs: set[str]) -> Sequence[Phrase]:
        """The phrases that a piece with these verbs may meet, in the order of the file."""
        if not verbs:
            return self.verbless
        if len(verbs) == 1:
            return self.by_verb.get(next(iter(verbs)), ())
        found = {phrase.order: phrase for verb in verbs for phrase in self.by_verb.get(verb, ())}
        return [found[order] for order in sorted(found)]


def read(data: Section, lexicon: Lexicon, present: frozenset[str]) -> Rules:
    """rules.yaml into Rules; ``present`` are the domains and device classes of the house. Raises DataError."""
    phrases = _phrases(data, "rules", lexicon, present)
    openers = _phrases(data, "openers", lexicon, present)
    wholes = _phrases(data, "wholes", lexicon, present)
    by_verb: dict[str, list[Phrase]] = defaultdict(list)
    verbless = []
    for phrase in phrases:
        for verb in {verb for element in phrase.elements for verb in element.verb_keys(lexicon)}:
            by_verb[verb].append(phrase)
        if not any(_needs_verb(element, lexicon) for element in phrase.elements):
            verbless.append(phrase)
    opening = {verb for phrase in openers for element in phrase.elements for verb in element.verb_keys(lexicon)}
    table = {verb: tuple(found) for verb, found in by_verb.items()}
    return Rules(tuple(phrases), tuple(openers), tuple(wholes), table, tuple(verbless), frozenset(opening))


def _needs_verb(element: Element, lexicon: Lexicon) -> bool:
    keys = {option.key for option in element.options if isinstance(option, Key)}
    return not element.optional and len(keys) == len(element.options) and keys <= set(lexicon.verbs)


def _rule(section: Section, lexicon: Lexicon) -> Rule:
    device = lexicon.kinds[section.text("device")] if "device" in section else None
    slots, here = section.mapping("slots"), section.flag("here", default=True)
    needs = lexicon.kinds[section.text("needs")] if "needs" in section else None
    ordered = section.flag("ordered")
    return Rule(section.text("name"), Action(section.text("action")), slots, here, device, needs, ordered)


def _phrases(data: Section, key: str, lexicon: Lexicon, present: frozenset[str]) -> list[Phrase]:
    found: list[Phrase] = []
    for section in data.items(key):
        rule = _rule(section, lexicon)
        for line in section.lines("phrases"):
            compiler = _Compiler(lexicon, present, f"{section.where}: {line}")
            written = compiler.elements(line)
            # required ones choose first, free words take what is left
            choosing = sorted(written, key=lambda element: (element.optional, element.text is not None))
            found.append(Phrase(rule, line, tuple(choosing), written, len(found)))
    return found


@dataclass(frozen=True)
class _Compiler:
    lexicon: Lexicon
    present: frozenset[str]
    where: str

    def elements(self, line: str) -> tuple[Element, ...]:
        """The elements of a line as written."""
        return tuple(self._element(part) for part in _parts(line, self.lexicon))

    def _element(self, part: str) -> Element:
        optional = part.startswith("[")
        inner = part[1:-1] if optional else part
        return Element(tuple(self._option(option.strip()) for option in inner.split("|")), optional)

    def _option(self, text: str) -> Option:
        if text in {"?", "!"}:
            return Mark(text)
        if not text.startswith("<"):
            if text not in self.lexicon.keys:
                raise DataError(f"{self.where}: no word «{text}» in the lexicon")
            return Key(text)
        preposition, _, name = text[1:-1].rpartition(" ")
        name, _, only = name.partition(":")
        if name in {"где", "комната", "везде", "здесь"}:
            return Where(name)
        if name == "текст":
            return Text(only)
        if name in self.lexicon.accepts:
            return Amount(name, self.lexicon.accepts[name], preposition, only)
        if name in self.lexicon.kinds:
            return Thing(name, self.lexicon.kinds[name], self.present)
        raise DataError(f"{self.where}: no kind or value «{name}»")


def _parts(line: str, lexicon: Lexicon) -> list[str]:
    """The elements of a line; consecutive words that together are a key («список покупок») are one element."""
    raw = _ELEMENT.findall(line)
    parts: list[str] = []
    place = 0
    while place < len(raw):
        for length in (3, 2, 1):
            joined = " ".join(raw[place : place + length])
            if length == 1 or (place + length <= len(raw) and set(joined.split("|")) <= lexicon.keys):
                parts.append(joined)
                place += length
                break
    return parts
