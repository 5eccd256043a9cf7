"""How much of the language the test phrases touch: ``python -m tests.russian.coverage [--missing]``."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import cache
from typing import TypeAlias

from smarthome.intents import Action
from smarthome.inventory import Device
from smarthome.russian import Context, data, lexicon
from smarthome.russian.frames import Frame
from smarthome.russian.lexicon import Kind, Lexicon, Named, Noun, Reading
from smarthome.russian.morphology import Morphology
from smarthome.russian.rules import Thing
from smarthome.russian.tokens import tokenise
from smarthome.russian.vocabulary import Vocabulary, learn_lexicon
from tests.russian.houses import HERE, PHRASES, home, parser
from tests.russian.phrases import load, phrases

Part: TypeAlias = tuple[str, ...]


@dataclass(frozen=True)
class Share:
    """What of some parts of the language is touched: ``said`` by the test phrases, ``made`` by generated sentences."""

    title: str
    there: AbstractSet[Part]
    said: AbstractSet[Part]
    made: AbstractSet[Part]

    @property
    def missing(self) -> list[Part]:
        """The parts that no test phrase touches."""
        return sorted(self.there - self.said)

    def __str__(self) -> str:
        counts = len(self.there & self.said), len(self.there & (self.said | self.made))
        shares = "".join(f"{count:>7}{100 * count / len(self.there):>7.1f} %" for count in counts)
        return f"{self.title:<40}{len(self.there):>6}{shares}"


def report() -> list[Share]:
    """Every share, from the coarsest to the finest."""
    said, made = _said(), _made()
    lines = (*parser()._language.rules.phrases, *parser()._language.rules.openers)
    sorts = {(line.rule.name, *sort) for line in lines for kind in _kinds(line.written) for sort in _objects(kind)}
    named = {(line.rule.name,) for line in lines}
    written = {(line.rule.name, line.source) for line in lines}
    return [
        Share("actions", {(action,) for action in Action}, _actions(said), _actions(made)),
        Share("rules", named, _rules(said), _rules(made)),
        Share("lines of rules.yaml", written, _lines(said), _lines(made)),
        Share("rules × objects (domain, device class)", sorts, _sorts(said), _sorts(made)),
        *_words(said, made),
    ]


@cache
def _said() -> tuple[str, ...]:
    return tuple(phrase.text for phrase in phrases())


@cache
def _made() -> tuple[str, ...]:
    made = parser().generator
    return (*(each.text for each in made.sentences()), *(each.text for _, _, each in made.synonyms()))


@cache
def _frames(texts: tuple[str, ...]) -> tuple[Frame, ...]:
    """What the rules make of those that are carried out or answered."""
    heard = (parser().hear([(text, 0.0)], Context(HERE)) for text in texts)
    return tuple(frame for each in heard if each.parse.status == "ok" for frame in each.frames)


def _actions(texts: tuple[str, ...]) -> set[Part]:
    return {(frame.rule.action,) for frame in _frames(texts)}


def _rules(texts: tuple[str, ...]) -> set[Part]:
    return {(frame.rule.name,) for frame in _frames(texts)}


def _lines(texts: tuple[str, ...]) -> set[Part]:
    return {(frame.rule.name, frame.phrase.source) for frame in _frames(texts)}


def _sorts(texts: tuple[str, ...]) -> set[Part]:
    return {(frame.rule.name, *sort) for frame in _frames(texts) for sort in _meant(frame)}


# --- objects ---------------------------------------------------------------------------------------------------------


def _kinds(elements: tuple[object, ...]) -> Iterator[Kind]:
    for element in elements:
        yield from (option.kind for option in getattr(element, "options", ()) if isinstance(option, Thing))


def _objects(kind: Kind) -> AbstractSet[Part]:
    """(domain, device class) of every device in the house of the phrases that is of this kind."""
    return {_sort(device) for device in home().devices if kind.has(device)}


def _meant(frame: Frame) -> AbstractSet[Part]:
    """The sorts of devices that a frame's object stands for."""
    if isinstance(frame.thing, Named):
        ranks = next((rank for rank in frame.thing.ranks if rank), ())
        return {_sort(device) for device in ranks}
    if isinstance(frame.thing, Noun) and frame.kind:
        return {sort for sort in _objects(frame.kind.kind) if _stands_for(frame.thing, sort)}
    return set()


def _stands_for(noun: Noun, sort: Part) -> bool:
    return noun.domain in {None, sort[0]} and noun.device_class in {None, sort[1]}


def _sort(device: Device) -> Part:
    return device.domain, device.device_class or ""


# --- words -----------------------------------------------------------------------------------------------------------


def _words(said: tuple[str, ...], made: tuple[str, ...]) -> Iterator[Share]:
    """The entries of lexicon.yaml, section by section; conversations are said too."""
    entries = _entries()
    told = [text for turns in load(PHRASES / "dialogue.yaml").values() for turn in turns for text in turn]
    hit = [{entry for entry, forms in entries.items() if forms & _read(texts)} for texts in ((*said, *told), made)]
    for section in dict.fromkeys(entry[0] for entry in entries):
        yield Share(f"lexicon.yaml: {section}", {entry for entry in entries if entry[0] == section}, *hit)
    keys = [{entry[:-1] for entry in each} for each in (entries, *hit)]
    yield Share("lexicon.yaml: all keys", *keys)
    yield Share("lexicon.yaml: all words", entries.keys(), *hit)


@cache
def _read(texts: Sequence[str]) -> frozenset[tuple[str, Reading]]:
    """(form, reading) of everything in some sentences."""
    mentions = (mention for text in texts for mention in parser()._language.reader.read(tokenise(text)))
    return frozenset((mention.key, reading) for mention in mentions for reading in mention.readings)


def _entries() -> Mapping[Part, frozenset[tuple[str, Reading]]]:
    """(section, key, word) of every entry → its forms and what they mean."""
    whole = lexicon.read(data.load("lexicon.yaml"))
    nothing = replace(whole, verbs={}, asking_verbs=[], nouns={}, words={}, values={}, states={}, signs={})
    morphology = Morphology()
    found = {}
    for entry, alone in _alone(whole, nothing):
        vocabulary = Vocabulary()
        learn_lexicon(vocabulary, alone, morphology)
        found[entry] = frozenset((form, reading) for form, readings in vocabulary.phrases() for reading in readings)
    return found


def _alone(whole: Lexicon, nothing: Lexicon) -> Iterator[tuple[Part, Lexicon]]:
    """Every entry with a lexicon of nothing else. Prepositions are left out: they mean nothing by themselves."""
    for key, words in whole.verbs.items():
        yield from ((("verbs", key, word), replace(nothing, verbs={key: [word]})) for word in words)
    for noun, words in whole.nouns.items():
        yield from ((("nouns", noun.key, word), replace(nothing, nouns={noun: [word]})) for word in words)
    for key, words in whole.words.items():
        yield from ((("words", key, word), replace(nothing, words={key: [word]})) for word in words)
    for kind, table in whole.values.items():
        for name, words in table.items():
            yield from (
                (("values", kind, name, word), replace(nothing, values={kind: {name: [word]}})) for word in words
            )
    for name, state in whole.states.items():
        yield from (
            (("states", name, word), replace(nothing, states={name: replace(state, participles_of=[word], words=[])}))
            for word in state.participles_of
        )
        yield from (
            (("states", name, word), replace(nothing, states={name: replace(state, participles_of=[], words=[word])}))
            for word in state.words
        )
    for sign, words in whole.signs.items():
        if sign.role != "prep":
            yield from (
                (("signs", sign.role, sign.key, word), replace(nothing, signs={sign: [word]})) for word in words
            )


def main() -> None:
    """Print the shares, and with ``--missing`` what no phrase touches."""
    print(f"{'':<40}{'there':>6}{'phrases':>16}{'+ generated':>16}")  # noqa: T201 (it is a report)
    for share in report():
        print(share)  # noqa: T201
        if "--missing" in sys.argv:
            print(*("    " + " · ".join(filter(None, part)) for part in share.missing), sep="\n")  # noqa: T201


if __name__ == "__main__":
    main()
