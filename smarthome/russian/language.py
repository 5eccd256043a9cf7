"""The language of one house: its data files, its names and its owner's own words, read once."""

from __future__ import annotations

from smarthome.inventory import Inventory
from smarthome.russian import data, lexicon, rules
from smarthome.russian.amounts import Amounts
from smarthome.russian.asides import Asides
from smarthome.russian.generation import Generator
from smarthome.russian.meaning import Meaning
from smarthome.russian.mentions import Reader
from smarthome.russian.morphology import Morphology
from smarthome.russian.names import Names
from smarthome.russian.numerals import Numerals
from smarthome.russian.sound import Sounds
from smarthome.russian.tokens import tokenise
from smarthome.russian.vocabulary import Vocabulary, learn_lexicon


class Language:
    """Everything that understanding needs. Raises DataError for a synonym of a word that is not in the lexicon."""

    def __init__(self, inventory: Inventory) -> None:
        own = inventory.own_words
        self.morphology = Morphology()
        numbers = data.load("numerals.yaml")
        numerals = Numerals(numbers, self.morphology)
        self.numbers = numerals.words
        amounts = Amounts(numbers, numerals, self.morphology)
        self.lexicon = lexicon.read(data.load("lexicon.yaml")).with_synonyms(own.synonyms)
        vocabulary = Vocabulary()
        learn_lexicon(vocabulary, self.lexicon, self.morphology)
        self.names = Names(inventory, self.lexicon, self.morphology, numerals)
        self.names.learn(vocabulary)
        self.reader = Reader(vocabulary, amounts)
        self.asides = Asides(data.load("asides.yaml"), self.morphology)
        self.sounds = Sounds(vocabulary.phrases(), amounts.words, numerals.spell)
        present = {each.domain for each in inventory.devices} | {each.device_class or "" for each in inventory.devices}
        self.rules = rules.read(data.load("rules.yaml"), self.lexicon, frozenset(present))
        self.meaning = Meaning(inventory, self.lexicon)
        self.generator = Generator(inventory, self.lexicon, self.rules, self.morphology)
        self._phrases = {_words(phrase): command for phrase, command in own.phrases.items()}

    def command(self, text: str) -> str:
        """``text``, or the command that it stands for by the owner's wish."""
        return self._phrases.get(_words(text), text) if self._phrases else text


def _words(text: str) -> tuple[str, ...]:
    return tuple(token.word for token in tokenise(text))
