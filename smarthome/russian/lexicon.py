"""The words of the home as data: lexicon.yaml, and what the owner adds, into values that the other files share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from smarthome.intents import Slot
from smarthome.inventory import Device
from smarthome.russian.amounts import Duration
from smarthome.russian.clock import ClockTime
from smarthome.russian.data import DataError, Section
from smarthome.russian.tokens import normalise

# --- what a word can mean --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Verb:
    """A form of a verb. ``form`` is command, infinitive, future (second person), past or other."""

    key: str
    form: str


@dataclass(frozen=True, slots=True)
class Noun:
    """A common noun: a sort of device (domain, device_class) or, with neither, a property or thing that rules name."""

    key: str
    domain: str | None = None
    device_class: str | None = None
    group: bool = False

    @property
    def is_device(self) -> bool:
        """Whether it stands for devices."""
        return bool(self.domain or self.device_class)


@dataclass(frozen=True, slots=True)
class Named:
    """A device's own name.

    ``exact``: called so; ``short``: so but for its own place («Колонка [в спальне]»); ``part``: the name's head noun
    alone («дверь» of «Входная дверь»).
    """

    exact: tuple[Device, ...] = ()
    short: tuple[Device, ...] = ()
    part: tuple[Device, ...] = ()

    @property
    def ranks(self) -> tuple[tuple[Device, ...], ...]:
        """The three, the most certain first."""
        return self.exact, self.short, self.part


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere: areas (ids), floors (ids), everywhere, or here (all three empty)."""

    areas: tuple[str, ...] = ()
    floors: tuple[str, ...] = ()
    everywhere: bool = False

    @property
    def here(self) -> bool:
        """«Здесь», «в этой комнате»."""
        return not (self.areas or self.floors or self.everywhere)


@dataclass(frozen=True, slots=True)
class Tail:
    """What stands after the head in some names («на улице»); it may be said apart from it."""

    devices: tuple[Device, ...]


@dataclass(frozen=True, slots=True)
class Adjective:
    """A form of the adjective of some two-word names («ночной» of «Ночная лампа»), whatever it agrees with."""

    devices: tuple[Device, ...]


@dataclass(frozen=True, slots=True)
class Value:
    """Something to set: a colour, a percentage, a duration; ``kind`` as in lexicon.yaml and amounts.py."""

    kind: str
    value: Slot | Duration | ClockTime


@dataclass(frozen=True, slots=True)
class Word:
    """A word that rules name by its key and that has no further meaning («тише», «ли», «который час»)."""

    key: str


@dataclass(frozen=True, slots=True)
class Sign:
    """A word that shapes the sentence.

    Roles: it, them, there, more, too, yes, no, filler, joint,
    repair, cancel, not, forbid, wish, let, except, all,
    both, tale, prep, aside, rather.
    """

    role: str
    key: str = ""


Reading: TypeAlias = Verb | Noun | Named | Place | Tail | Adjective | Value | Word | Sign


# --- what rules accept -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Kind:
    """Which devices a ``<…>`` of a rule accepts; an empty ``classes`` accepts every device_class.

    ``titles``: only those whose name begins with such a word.
    """

    domains: frozenset[str]
    classes: frozenset[str] = frozenset()
    titles: frozenset[str] = frozenset()

    def has(self, device: Device) -> bool:
        """Whether ``device`` is of this kind."""
        titled = not self.titles or normalise(device.name).split()[0] in self.titles
        classed = not self.classes or (device.device_class or "") in self.classes
        return device.domain in self.domains and classed and titled

    def fits(self, noun: Noun) -> bool:
        """Whether the common noun may stand for devices of this kind."""
        if noun.domain:
            return noun.domain in self.domains
        return bool(noun.device_class) and (
            noun.device_class in self.classes
            or (not self.classes and bool(_DOMAINS_OF.get(noun.device_class or "", frozenset()) & self.domains))
        )


_COVERS = ("curtain", "blind", "shade", "shutter", "awning", "gate", "garage", "damper")
_SENSED = frozenset({"sensor", "binary_sensor"})
_DOMAINS_OF: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(_COVERS, frozenset({"cover"})),
    **dict.fromkeys(("door", "window"), frozenset({"cover", "binary_sensor"})),
    **dict.fromkeys(("motion", "occupancy", "moisture", "smoke", "gas", "battery"), _SENSED),
}


@dataclass(frozen=True, slots=True)
class State:
    """How a state is said: passive participles of verbs, words; ``opposite`` is the state that «не» makes of it."""

    participles_of: list[str]
    words: list[str]
    opposite: str


@dataclass(frozen=True)
class Lexicon:
    """lexicon.yaml, read. Phrases are normalised; their forms are derived in vocabulary.py."""

    verbs: Mapping[str, list[str]]
    asking_verbs: list[str]
    nouns: Mapping[Noun, list[str]]
    misheard: Mapping[Noun, list[str]]
    fixed_nouns: frozenset[str]
    words: Mapping[str, list[str]]
    asides: Mapping[str, list[str]]
    values: Mapping[str, Mapping[str, list[str]]]
    states: Mapping[str, State]
    kinds: Mapping[str, Kind]
    accepts: Mapping[str, frozenset[str]]
    levels: Mapping[str, Mapping[str, int]]
    limits: Mapping[str, tuple[float, float]]
    signs: Mapping[Sign, list[str]]
    everywhere: list[str]
    here: list[str]
    here_rooms: list[str]
    upstairs: list[str]
    downstairs: list[str]
    with_on: frozenset[str]
    with_vo: frozenset[str]
    room_words: list[str]
    prepositions: frozenset[str] = field(default=frozenset())
    remarks: frozenset[str] = field(default=frozenset())

    def with_synonyms(self, synonyms: Mapping[str, Sequence[str]]) -> Lexicon:
        """This lexicon with more words for its keys; raises DataError for a key it does not have."""
        for key in synonyms:
            if key not in self.keys:
                near = ", ".join(sorted(known for known in self.keys if known[:3] == key[:3]))
                raise DataError(
                    f"devices.yaml: synonyms: {key!r} is no word of the lexicon"
                    + (f"; there are {near}" if near else "; smarthome/russian/lexicon.yaml lists them")
                )
        more = {key: [normalise(word) for word in words] for key, words in synonyms.items()}
        return replace(
            self,
            verbs={key: [*words, *more.get(key, ())] for key, words in self.verbs.items()},
            nouns={noun: [*words, *more.get(noun.key, ())] for noun, words in self.nouns.items()},
            words={key: [*words, *more.get(key, ())] for key, words in self.words.items()},
        )

    @property
    def keys(self) -> frozenset[str]:
        """Every key that a rule may name."""
        return frozenset({*self.verbs, *self.words, *self.asides, *(noun.key for noun in self.nouns)})


def read(data: Section) -> Lexicon:
    """lexicon.yaml into a Lexicon; raises DataError."""
    nouns, values = data.section("nouns"), data.section("values")
    return Lexicon(
        verbs=data.table("verbs"),
        asking_verbs=data.words("asking_verbs"),
        nouns={_noun(key, noun): noun.words("words") for key, noun in nouns.sections()},
        misheard={_noun(key, noun): noun.words("misheard") for key, noun in nouns.sections()},
        fixed_nouns=frozenset(key for key, noun in nouns.sections() if noun.flag("fixed")),
        words=data.table("words"),
        asides=data.table("asides"),
        values={kind: values.table(kind) for kind in values.names},
        states={key: _state(state) for key, state in data.section("states").sections()},
        kinds={key: _kind(kind) for key, kind in data.section("kinds").sections()},
        accepts={key: frozenset(words) for key, words in data.table("accepts").items()},
        levels={
            key: {k: int(v) for k, v in data.section("levels").mapping(key).items()}
            for key in data.section("levels").names
        },
        limits={slot: (float(ends[0]), float(ends[1])) for slot, ends in data.table("limits").items()},
        signs=_signs(data),
        everywhere=data.words("everywhere"),
        here=data.words("here"),
        here_rooms=data.words("here_rooms"),
        upstairs=data.words("upstairs"),
        downstairs=data.words("downstairs"),
        with_on=frozenset(data.words("with_on")),
        with_vo=frozenset(data.words("with_vo")),
        room_words=data.words("room_words"),
        prepositions=frozenset(data.words("prepositions")),
        remarks=frozenset(data.words("remarks")),
    )


def _noun(key: str, data: Section) -> Noun:
    means = data.mapping("means")
    return Noun(key, means.get("domain"), means.get("device_class"), data.flag("group"))


def _state(data: Section) -> State:
    return State(data.words("participles_of"), data.words("words"), data.text("not", ""))


def _kind(data: Section) -> Kind:
    return Kind(frozenset(data.words("domains")), frozenset(data.words("classes")), frozenset(data.words("titles")))


_ROLES = {
    "repairs": "repair",
    "cancels": "cancel",
    "negations": "not",
    "forbids": "forbid",
    "wishes": "wish",
    "lets": "let",
    "except": "except",
    "all": "all",
    "both": "both",
    "not_commands": "tale",
    "it": "it",
    "them": "them",
    "there": "there",
    "more": "more",
    "too": "too",
    "rather": "rather",
    "yes": "yes",
    "no": "no",
}


def _signs(data: Section) -> dict[Sign, list[str]]:
    signs = {Sign("joint", key): words for key, words in data.table("joints").items()}
    signs |= {Sign("aside", key): words for key, words in data.table("asides").items()}
    signs[Sign("filler")] = [word for group in data.lists("fillers") for word in group]
    signs |= {Sign(role): data.words(section) for section, role in _ROLES.items()}
    for word in data.words("prepositions"):
        signs[Sign("prep", word)] = [word]
    return signs
