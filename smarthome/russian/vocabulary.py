"""Every form of every word that can be understood, in one tree: the lexicon's and the house's.

Words in, readings out: ``match`` follows the tree from one word on and returns what ends where, the longest first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from smarthome.russian.lexicon import Lexicon, Noun, Reading, Sign, State, Value, Verb, Word
from smarthome.russian.morphology import Morphology


@dataclass(slots=True)
class _Node:
    children: dict[str, _Node] = field(default_factory=dict)
    readings: list[Reading] = field(default_factory=list)


class Vocabulary:
    """A tree of phrases, word by word."""

    def __init__(self) -> None:
        self._root = _Node()

    def add(self, words: Iterable[str], reading: Reading) -> None:
        """Let ``words`` mean ``reading``, besides what they mean already."""
        node = self._root
        for word in words:
            node = node.children.setdefault(word, _Node())
        if reading not in node.readings:
            node.readings.append(reading)

    def match(self, words: Sequence[str], start: int) -> list[tuple[int, list[Reading]]]:
        """(end, readings) of every phrase that begins at ``words[start]``, the longest first."""
        node, found = self._root, []
        for place in range(start, len(words)):
            child = node.children.get(words[place])
            if child is None:
                break
            node = child
            if node.readings:
                found.append((place + 1, node.readings))
        return found[::-1]

    def phrases(self) -> Iterator[tuple[str, list[Reading]]]:
        """Every phrase with its readings."""
        stack = [("", self._root)]
        while stack:
            prefix, node = stack.pop()
            if node.readings:
                yield prefix, node.readings
            stack.extend((f"{prefix} {word}".strip(), child) for word, child in node.children.items())


def learn_lexicon(vocabulary: Vocabulary, lexicon: Lexicon, morphology: Morphology) -> None:
    """Add every form of every word of the lexicon."""
    for key, infinitives in lexicon.verbs.items():
        for phrase in infinitives:
            infinitive, *rest = phrase.split()
            for form, role in morphology.verb_forms(infinitive).items():
                vocabulary.add([form, *rest], Verb(key, role))
    for infinitive in lexicon.asking_verbs:
        for form, role in morphology.verb_forms(infinitive).items():
            vocabulary.add(
                [form], Sign("filler", "ask") if role in {"command", "infinitive", "future"} else Verb("", role)
            )
    for noun, phrases in lexicon.nouns.items():
        for phrase in phrases:
            _learn_noun(vocabulary, noun, phrase, fixed=noun.key in lexicon.fixed_nouns, morphology=morphology)
    words: dict[Reading, list[str]] = {Word(key): phrases for key, phrases in lexicon.words.items()}
    for reading, phrases in (words | dict(lexicon.misheard) | dict(lexicon.signs)).items():
        _learn_fixed(vocabulary, reading, phrases)
    _learn_values(vocabulary, lexicon, morphology)


def _learn_fixed(vocabulary: Vocabulary, reading: Reading, phrases: Iterable[str]) -> None:
    for phrase in phrases:
        vocabulary.add(phrase.replace("-", " ").split(), reading)


def _learn_noun(vocabulary: Vocabulary, noun: Noun, phrase: str, *, fixed: bool, morphology: Morphology) -> None:
    phrase = phrase.replace("-", " ")
    vocabulary.add(phrase.split(), noun)
    if fixed:
        return
    for forms in morphology.phrase_forms(phrase, ("sing", "plur")).values():
        for words in forms:
            vocabulary.add(words, noun)


def _learn_values(vocabulary: Vocabulary, lexicon: Lexicon, morphology: Morphology) -> None:
    for kind, table in lexicon.values.items():
        for name, phrases in table.items():
            value = Value(kind, int(name) if name.isdigit() else name)
            for phrase in phrases:
                for form in _value_forms(phrase, morphology):
                    vocabulary.add(form, value)
    for name, state in lexicon.states.items():
        _learn_state(vocabulary, name, state, morphology)


def _learn_state(vocabulary: Vocabulary, name: str, state: State, morphology: Morphology) -> None:
    """«Заперта»; «не заперта», «незапертая», the opposite; «не заперта ли», a doubt whether it is."""
    for word in [*state.words, *(word for verb in state.participles_of for word in morphology.participles(verb))]:
        vocabulary.add([word], Value("состояние", name))
        if state.opposite:
            vocabulary.add(["не", word], Value("несостояние", state.opposite))
            vocabulary.add(["не", word, "ли"], Value("сомнение", name))
            vocabulary.add([f"не{word}"], Value("состояние", state.opposite))


def _value_forms(phrase: str, morphology: Morphology) -> Iterator[tuple[str, ...]]:
    """A single adjective in all its forms, a noun in all cases; adjectives of a phrase agree («тёплый белый»)."""
    words = tuple(phrase.split())
    yield words
    if all(morphology.is_adjective(word) for word in words):
        tables = [morphology.adjective_table(word) for word in words]
        for key in set.intersection(*(set(table) for table in tables)):
            yield tuple(table[key] for table in tables)
    elif len(words) == 1:
        for forms in morphology.phrase_forms(phrase, ("sing", "plur")).values():
            yield from forms
