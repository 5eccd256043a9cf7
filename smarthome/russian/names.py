"""The house's names in, their forms into the vocabulary: areas, floors, devices, as their owner wrote them.

A name is written once, in the nominative. From «Колонка в спальне», standing in the bedroom, people are understood when
they say the name in any case, «колонка» with the bedroom said elsewhere in the sentence, or «колонка» where there is
no other one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Literal

from smarthome.inventory import Area, Device, Floor, Inventory
from smarthome.russian.lexicon import Adjective, Lexicon, Named, Noun, Place, Tail
from smarthome.russian.morphology import Morphology
from smarthome.russian.numerals import Numerals
from smarthome.russian.tokens import tokenise
from smarthome.russian.vocabulary import Vocabulary

Phrase = tuple[str, ...]
_PAIR = 2
Rank = Literal["exact", "short", "part"]

_SOUNDS = "а б к д е ф г х и дж к л м н о п к р с т у в в кс и з".split()
_LATIN = dict(zip("abcdefghijklmnopqrstuvwxyz", _SOUNDS, strict=True)) | {
    "sh": "ш", "ch": "ч", "ee": "и", "oo": "у", "ph": "ф", "th": "т", "ck": "к", "qu": "кв",
}  # fmt: skip


class Names:
    """Adds the house's names to a vocabulary and knows the forms of its areas."""

    def __init__(self, inventory: Inventory, lexicon: Lexicon, morphology: Morphology, numerals: Numerals) -> None:
        self._inventory = inventory
        self._lexicon = lexicon
        self._morphology = morphology
        self._numerals = numerals
        self._area_forms = {area.id: set(self._area_phrases(area)) for area in inventory.areas}
        self._devices: dict[Phrase, dict[Rank, list[Device]]] = defaultdict(lambda: defaultdict(list))
        self._common_words = frozenset(
            word for table in lexicon.values.values() for words in table.values() for word in words
        )
        self._tails: dict[Phrase, list[Device]] = defaultdict(list)
        self._adjectives: dict[str, list[Device]] = defaultdict(list)

    def learn(self, vocabulary: Vocabulary) -> None:
        """Add every form of every name."""
        for phrase, place in self._places():
            vocabulary.add(phrase, place)
        for device in self._inventory.devices:
            for name in (device.name, *device.aliases):
                self._learn_device(device, name)
        for phrase, ranks in self._devices.items():
            vocabulary.add(phrase, Named(*(tuple(ranks.get(rank, ())) for rank in ("exact", "short", "part"))))
        for phrase, devices in self._tails.items():
            vocabulary.add(phrase, Tail(tuple(devices)))
        for word, devices in self._adjectives.items():
            vocabulary.add((word,), Adjective(tuple(devices)))

    def collisions(self) -> list[tuple[str, tuple[str, ...]]]:
        """Phrases that are some form of several devices' names, with the devices' ids."""
        found = []
        for phrase, ranks in self._devices.items():
            devices = ranks.get("exact", ())
            if len({device.name for device in devices}) > 1:
                found.append((" ".join(phrase), tuple(device.id for device in devices)))
        return found

    # --- areas and floors ----------------------------------------------------------------------------------------

    def _places(self) -> Iterator[tuple[Phrase, Place]]:
        by_phrase: dict[Phrase, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
        for area in self._inventory.areas:
            for phrase in self._area_forms[area.id]:
                by_phrase[phrase][0].append(area.id)
        for floor in self._inventory.floors:
            for phrase in set(self._floor_phrases(floor)):
                by_phrase[phrase][1].append(floor.id)
        for phrase, level in self._levels():
            by_phrase[phrase][1].append(level.id)
        for phrase, (areas, floors) in by_phrase.items():
            yield phrase, Place(tuple(areas), tuple(floors))
        for phrase, area in self._called_by_noun(set(by_phrase)):
            yield phrase, Place((area.id,))
        yield from self._fixed_places()

    def _fixed_places(self) -> Iterator[tuple[Phrase, Place]]:
        """«Везде», «здесь», «в этой комнате»."""
        for words in self._lexicon.everywhere:
            yield tuple(words.split()), Place(everywhere=True)
        for words in self._lexicon.here:
            yield tuple(words.split()), Place()
        for room in self._lexicon.here_rooms:
            yield from ((phrase, Place()) for phrase in self._all_forms(room))

    def _levels(self) -> Iterator[tuple[Phrase, Floor]]:
        """«Наверху» and «внизу» in a house with two floors that are numbered."""
        numbered = [(self._numerals.read(_words(floor.name), 0), floor) for floor in self._inventory.floors]
        levels = sorted((number.value, floor.id, floor) for number, floor in numbered if number)
        if len(levels) == len(numbered) == _PAIR:
            for phrases, (_, _, floor) in zip((self._lexicon.downstairs, self._lexicon.upstairs), levels, strict=True):
                yield from ((form, floor) for phrase in phrases for form in self._all_forms(phrase))

    def _area_phrases(self, area: Area) -> Iterator[Phrase]:
        for name in (area.name, *area.aliases):
            yield from self._all_forms(name)
            words = _words(name)
            if len(words) == 1 and self._morphology.is_adjective(words[0]):
                for room in self._lexicon.room_words:
                    yield from self._all_forms(f"{words[0]} {room}")

    def _called_by_noun(self, taken: set[Phrase]) -> Iterator[tuple[Phrase, Area]]:
        """«В ванне», «в гардеробе»: an area called by an adjective may be called by the noun that it was made from."""
        taken = taken | {_words(name) for device in self._inventory.devices for name in (device.name, *device.aliases)}
        for area in self._inventory.areas:
            name = _words(area.name)
            stem = name[0][:-2] if len(name) == 1 and self._morphology.is_adjective(name[0]) else ""
            made_from = (stem + "а", stem.removesuffix("н")) if stem.endswith("н") else ()
            noun = next((each for each in made_from if self._morphology.is_common_noun(each)), None)
            if noun is None or (noun,) in taken:
                continue
            forms = self._morphology.phrase_forms(noun)
            yield from ((("в", *form), area) for case in ("loct", "accs") for form in forms[case])

    def _floor_phrases(self, floor: Floor) -> Iterator[Phrase]:
        for name in (floor.name, *floor.aliases):
            yield from self._all_forms(name)
            yield from (phrase[::-1] for phrase in self._all_forms(name) if len(phrase) == _PAIR)
            located = self._morphology.phrase_forms(" ".join(_words(name)))["loct"]
            yield from (phrase[:1] for phrase in located if len(phrase) == _PAIR and not phrase[0].isdecimal())

    # --- devices -------------------------------------------------------------------------------------------------

    def _learn_device(self, device: Device, name: str) -> None:
        words = _words(name)
        head, tail = self._split(words)
        own = tail and device.area and tail[1:] in self._area_forms.get(device.area, ())
        if own:
            self._enter(device, head, "short")
            if self._is_measure(device, head):
                return
        elif tail:
            self._tails[tail].append(device)
            self._enter(device, head, "part")
        self._enter(device, words, "exact")
        if len(words) == _PAIR and not tail:
            self._enter(device, (words[0], "у", words[1]), "exact")
        if len(words) == _PAIR and not tail and self._morphology.is_adjective(words[0]):
            self._enter_adjective(device, words)
        for noun in self._morphology.head_forms(" ".join(head if tail else words)):
            if (noun,) != head:
                self._enter(device, (noun,), "part")

    def _split(self, words: Phrase) -> tuple[Phrase, Phrase]:
        """(what it is, where it stands) of «Температура на улице»; the second is () without a preposition inside."""
        for place, word in enumerate(words):
            if place and word in self._lexicon.prepositions:
                return words[:place], words[place:]
        return words, ()

    def _is_measure(self, device: Device, head: Phrase) -> bool:
        """«Температура в спальне» says nothing but what it measures and where: the question finds it by that."""
        if device.domain not in {"sensor", "binary_sensor"}:
            return False
        phrase = " ".join(head)
        return any(phrase in words and _measures(noun, device) for noun, words in self._lexicon.nouns.items())

    def _enter(self, device: Device, words: Phrase, rank: Rank) -> None:
        for phrase in self._all_forms(" ".join(words)):
            devices = self._devices[phrase][rank]
            if not devices or devices[-1] is not device:  # they are learned one after the other
                devices.append(device)

    def _enter_adjective(self, device: Device, words: Phrase) -> None:
        """«Открой левую и правую штору»: the first of them lacks its noun; «дверь входную» says it first.

        A recogniser mishears endings: every form of the adjective is known, see ``mentions``.
        """
        for form in set(self._morphology.adjective_table(words[0]).values()):
            self._adjectives[form].append(device)
        for phrase in self._all_forms(" ".join(words)):
            devices = self._devices[phrase[:1]]["part"]
            if device not in devices and len(phrase) == _PAIR and phrase[0] not in self._common_words:
                devices.append(device)
            reverse = self._devices[phrase[::-1]]["exact"]
            if device not in reverse and len(phrase) == _PAIR:
                reverse.append(device)

    def _all_forms(self, name: str) -> set[Phrase]:
        words = _words(name)
        phrases = {words}
        for forms in self._morphology.phrase_forms(" ".join(words)).values():
            phrases |= forms
        return {variant for phrase in phrases for variant in self._spellings(phrase)}

    def _spellings(self, phrase: Phrase) -> Iterator[Phrase]:
        """The phrase, and with numbers in digits or words, and Latin letters as they sound."""
        yield phrase
        digits = tuple(self._in_digits(word) for word in phrase)
        if digits != phrase:
            yield digits
        spoken = tuple(part for word in phrase for part in self._in_words(word))
        if spoken != phrase:
            yield spoken

    def _in_digits(self, word: str) -> str:
        number = self._numerals.read([word], 0)
        return str(number.value) if number and not number.share and not word.isdecimal() else word

    def _in_words(self, word: str) -> Iterable[str]:
        if word.isdecimal() and len(word) < 5:
            return self._numerals.write(int(word)).split()
        return [_transliterate(word)] if word.isascii() and word.isalpha() else [word]


def _words(name: str) -> Phrase:
    return tuple(token.word for token in tokenise(name))


def _measures(noun: Noun, device: Device) -> bool:
    if device.device_class == "temperature":
        return noun.key == "температура"
    return noun.device_class is not None and noun.device_class == device.device_class


def _transliterate(word: str) -> str:
    letters, place = "", 0
    while place < len(word):
        for length in (2, 1):
            piece = word[place : place + length]
            if piece in _LATIN and len(piece) == length:
                letters, place = letters + _LATIN[piece], place + length
                break
    return letters
