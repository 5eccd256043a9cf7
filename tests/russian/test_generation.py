"""The rules speak, and what they say is understood: no rule is hidden by another, no word of the lexicon is dead."""

from __future__ import annotations

from smarthome.russian import Context
from tests.russian.houses import HERE, parser


def test_every_generated_sentence_is_understood_as_its_rule() -> None:
    sentences = list(parser().generator.sentences())
    assert len(sentences) > 400
    wrong = []
    for sentence in sentences:
        parse = parser().parse(sentence.text, Context(HERE))
        actions = [intent.action for intent in parse.intents]
        if sentence.rule.action not in actions:
            wrong.append((sentence.rule.name, sentence.text, parse.reason, actions))
    assert wrong == []


def test_generated_names_and_places_are_the_ones_meant() -> None:
    for sentence in parser().generator.sentences():
        parse = parser().parse(sentence.text, Context(HERE))
        for intent in parse.intents:
            if sentence.device and "name" in intent.slots:
                assert intent.slots["name"] == sentence.device.name, sentence.text
            if sentence.area and "area" in intent.slots and not intent.here:
                assert intent.slots["area"] == sentence.area.name, sentence.text


def test_every_synonym_is_understood_in_some_sentence() -> None:
    named, understood = set(), set()
    for key, synonym, sentence in parser().generator.synonyms():
        named.add((key, synonym))
        if (key, synonym) not in understood:
            parse = parser().parse(sentence.text, Context(HERE))
            if sentence.rule.action in [intent.action for intent in parse.intents]:
                understood.add((key, synonym))
    assert len(named) > 500
    assert named - understood == set()
