"""Rules in, sentences out: the same data that understands also speaks.

For every phrase of rules.yaml the shortest and the longest sentence about a house, and one for every synonym. The tests
read them back; docs and examples come from here too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from smarthome.inventory import Area, Device, Inventory
from smarthome.russian.lexicon import Kind, Lexicon
from smarthome.russian.morphology import Morphology
from smarthome.russian.rules import Amount, Element, Key, Option, Phrase, Rule, Rules, Text, Thing, Where

SAMPLES: Mapping[str, str] = {
    "процент": "сорок процентов",
    "градусы": "двадцать один градус",
    "градус": "двадцать один градус",
    "меньше": "минус два градуса",
    "кельвины": "три тысячи кельвинов",
    "кельвин": "три тысячи кельвинов",
    "скорость": "сорок процентов",
    "время": "десять минут",
    "срок": "десять минут",
    "длина": "полчаса",
    "часы": "семь утра",
    "день": "завтра",
    "сомнение": "не заперта ли",
}
_SAMPLE_TEXT = {"": "хлеб", "песня": "песню миллион алых роз", "канал": "первый канал", "таймер": "пельмени"}
_ON_AMOUNT = frozenset({"процент", "градусы", "градус", "скорость", "время", "срок", "длина", "часы"})


@dataclass(frozen=True, slots=True)
class Sentence:
    """A generated sentence with the rule it came from and the device and area it names."""

    text: str
    rule: Rule
    device: Device | None = None
    area: Area | None = None


def _is_step(rule: Rule) -> bool:
    return any(slot.endswith("_step") for slot in rule.slots)


@dataclass(frozen=True)
class Generator:
    """Makes sentences about one house."""

    inventory: Inventory
    lexicon: Lexicon
    rules: Rules
    morphology: Morphology

    def sentences(self) -> Iterator[Sentence]:
        """The shortest and the longest sentence of every phrase that the house has devices for."""
        for phrase in (*self.rules.phrases, *self.rules.openers):
            for full in (False, True):
                made = self._make(phrase, full=full)
                if made:
                    yield made

    def synonyms(self) -> Iterator[tuple[str, str, Sentence]]:
        """(key, synonym, sentence) of every verb, noun and word that some rule names."""
        for phrase in self.rules.phrases:
            for element in phrase.written:
                for option in element.options:
                    for synonym in self._words(option):
                        made = self._make(phrase, full=False, fixed=(element, option, synonym))
                        if made and isinstance(option, Key):
                            yield option.key, synonym, made

    def _make(self, phrase: Phrase, *, full: bool, fixed: tuple[Element, Option, str] | None = None) -> Sentence | None:
        words: list[str] = []
        device: Device | None = None
        area: Area | None = None
        for element in phrase.written:
            chosen = fixed is not None and element is fixed[0]
            if element.optional and not full and not chosen:
                continue
            option = fixed[1] if fixed is not None and chosen else element.options[0]
            if isinstance(option, Thing):
                device = self._device(option.kind)
                if device is None:
                    return None
                words.append(self._name(device))
            elif isinstance(option, Where) and option.scope == "везде":
                words.append("везде")
            elif isinstance(option, Where):
                area = area or next(
                    (each for each in self.inventory.areas if device is None or each.id == device.area), None
                )
                words.append(self._place(area) if area else "")
            else:
                said = self._say(option, fixed[2] if fixed is not None and chosen else None)
                words.append(said.replace("двадцать один градус", "два градуса") if _is_step(phrase.rule) else said)
        return Sentence(" ".join(filter(None, words)).replace(" ?", "?"), phrase.rule, device, area)

    def _words(self, option: Option) -> list[str]:
        if not isinstance(option, Key):
            return []
        nouns = [word for noun, words in self.lexicon.nouns.items() if noun.key == option.key for word in words]
        return [*self.lexicon.verbs.get(option.key, ()), *nouns, *self.lexicon.words.get(option.key, ())]

    def _say(self, option: Option, synonym: str | None) -> str:
        if isinstance(option, Key):
            return self._key(option.key, synonym)
        if isinstance(option, Amount):
            return self._amount(option)
        return _SAMPLE_TEXT.get(option.about, "хлеб") if isinstance(option, Text) else "?"

    def _key(self, key: str, synonym: str | None) -> str:
        word = synonym or next(iter(self._words(Key(key))), key)
        if key in self.lexicon.verbs and word in self.lexicon.verbs[key]:
            infinitive, *rest = word.split()
            return " ".join([self.morphology.imperative(infinitive), *rest])
        return word

    def _amount(self, amount: Amount) -> str:
        kinds = sorted(amount.kinds & self.lexicon.values.keys())
        table = self.lexicon.values[kinds[0]] if kinds and amount.name not in SAMPLES else {}
        states = {name: [*state.words, *state.participles_of] for name, state in self.lexicon.states.items()}
        named = states if amount.name == "состояние" else table
        if named:
            words = named.get(amount.only) or next(iter(named.values()))
            first = words[0]
            return min(self.morphology.participles(first) or {first}) if amount.name == "состояние" else first
        preposition = amount.preposition or ("на" if amount.name in _ON_AMOUNT else "")
        return f"{preposition} {SAMPLES[amount.name]}".strip()

    def _device(self, kind: Kind) -> Device | None:
        return next((device for device in self.inventory.devices if kind.has(device)), None)

    def _name(self, device: Device) -> str:
        return " ".join(min(self.morphology.phrase_forms(device.name.replace("-", " "))["accs"] or {(device.name,)}))

    def _place(self, area: Area) -> str:
        word = self.morphology.phrase_forms(area.name)["loct"]
        name = area.name.casefold()
        preposition = "на" if name in self.lexicon.with_on else "во" if name in self.lexicon.with_vo else "в"
        return f"{preposition} {' '.join(max(word))}"
