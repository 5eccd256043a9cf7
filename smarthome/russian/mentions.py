"""Words in, mentions out: which stretch of the sentence may mean what.

The longest phrase wins («режим вечеринки» over «режим»); all its readings are kept. What no phrase covers becomes a
mention without readings, and later the reason why the sentence is not carried out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from smarthome.inventory import Device
from smarthome.russian.amounts import Amount, Amounts, Duration
from smarthome.russian.clock import ClockTime
from smarthome.russian.lexicon import Adjective, Named, Noun, Place, Reading, Sign, Tail, Value, Verb, Word
from smarthome.russian.tokens import Token
from smarthome.russian.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Mention:
    """Words ``start`` to ``end`` of the sentence and what they may mean. ``preposition`` stood before them.

    ``stop`` is punctuation after them, ``key`` how they are spelled in the vocabulary. ``said`` are the words as
    written when they stood in an earlier sentence.
    """

    start: int
    end: int
    readings: tuple[Reading, ...]
    preposition: str = ""
    stop: str = ""
    key: str = ""
    said: str = ""

    @property
    def unknown(self) -> bool:
        """Whether nothing is known about these words."""
        return not self.readings

    def sign(self, *roles: str) -> Sign | None:
        """The reading that shapes the sentence in one of ``roles``, if any."""
        for reading in self.readings:
            if isinstance(reading, Sign) and reading.role in roles:
                return reading
        return None

    @property
    def skippable(self) -> bool:
        """Whether the sentence means the same without it."""
        return self.sign("filler", "all", "both") is not None

    @property
    def verbs(self) -> tuple[Verb, ...]:
        """Its readings as a verb."""
        return tuple(reading for reading in self.readings if isinstance(reading, Verb))

    @property
    def word(self) -> Word | None:
        """Its reading as a word of its own."""
        return next((each for each in self.readings if isinstance(each, Word)), None)

    @property
    def duration(self) -> Duration | None:
        """The length of time that it can be."""
        spans = (each.value for each in self.values if each.kind == "время" and isinstance(each.value, Duration))
        return next(spans, None)

    @property
    def clock(self) -> ClockTime | None:
        """The time of day that it says when something shall be done: «в семь», «7:30»."""
        times = (each.value for each in self.readings if isinstance(each, Value) and isinstance(each.value, ClockTime))
        time = next(times, None)
        plain = any(isinstance(each, Value) and each.kind in {"число", "время"} for each in self.readings)
        return time if self.preposition in {"в", "во"} or not (plain or self.preposition) else None

    @property
    def wait(self) -> Duration | None:
        """How long something shall be put off: «через час», «минут через пять»."""
        put_off = self.preposition == "через" or " через " in self.key
        return self.duration if put_off else None

    @property
    def day(self) -> str | None:
        """The day that it can be."""
        return next((str(each.value) for each in self.values if each.kind == "день"), None)

    @property
    def is_when(self) -> bool:
        """Whether it says when something shall be done."""
        return bool(self.wait or self.clock or self.day)

    @property
    def is_object(self) -> bool:
        """Whether it can be what a command acts on."""
        return any(isinstance(each, Named) or (isinstance(each, Noun) and each.is_device) for each in self.readings)

    @property
    def is_place(self) -> bool:
        """Whether it can only be a place."""
        return any(isinstance(each, Place) for each in self.readings)

    @property
    def values(self) -> tuple[Value, ...]:
        """Its readings as something to set."""
        return tuple(reading for reading in self.readings if isinstance(reading, Value))

    @property
    def is_value(self) -> bool:
        """Whether it can be something to set."""
        return any(isinstance(each, Value) for each in self.readings)


_TELLING = frozenset({"command", "infinitive", "future", "past"})


class Reader:
    """Finds the mentions of a sentence."""

    def __init__(self, vocabulary: Vocabulary, amounts: Amounts) -> None:
        self._vocabulary = vocabulary
        self._amounts = amounts

    def read(self, tokens: Sequence[Token]) -> tuple[Mention, ...]:
        """The mentions of the sentence in order, covering every word; prepositions are joined to what follows."""
        words = [token.word for token in tokens]
        mentions: list[Mention] = []
        place = 0
        while place < len(words):
            end, readings, inside = self._longest(words, place)
            key = " ".join(words[place:end])
            mentions.append(Mention(place, end, readings, inside, stop=tokens[end - 1].stop, key=key))
            place = end
        return _join_tails(_join_lengths(_join_prepositions(_join_adjectives(mentions), words)))

    def _longest(self, words: Sequence[str], start: int) -> tuple[int, tuple[Reading, ...], str]:
        """(end, readings, the preposition inside) of the longest phrase from ``start``."""
        phrases = self._vocabulary.match(words, start)
        amounts = [each for each in self._amounts.read(words, start) if not self._cuts(words, each)]
        end = max([found for found, _ in phrases[:1]] + [amount.end for amount in amounts[:1]], default=start + 1)
        readings: list[Reading] = list(phrases[0][1]) if phrases and phrases[0][0] == end else []
        readings += [Value(amount.kind, amount.value) for amount in amounts if amount.end == end]
        inside = next((each.preposition for each in amounts if each.end == end), "")
        return end, _likely(readings), inside

    def _cuts(self, words: Sequence[str], amount: Amount) -> bool:
        """«Сколько градусов на 2 этаже»: the number belongs to the name after it."""
        if not amount.preposition:
            return False
        return any(end > amount.end for end, _ in self._vocabulary.match(words, amount.end - 1))


def _likely(readings: Sequence[Reading]) -> tuple[Reading, ...]:
    """A form of a verb that tells nobody to do anything gives way to other readings («играет», «горит»)."""
    others = tuple(each for each in readings if not isinstance(each, Verb) or each.form in _TELLING)
    return others or tuple(readings)


def _join_adjectives(mentions: Sequence[Mention]) -> list[Mention]:
    """«Ночной лампу»: the two words of a name whose endings do not agree are the name all the same."""
    joined: list[Mention] = []
    for mention in mentions:
        before = joined[-1] if joined and not joined[-1].stop else None
        described = {device.id for device in _described(before)} if before else set()
        named = next((each for each in mention.readings if isinstance(each, Named)), None)
        devices = tuple(device for device in named.part if device.id in described) if named else ()
        if before and devices:
            key = f"{before.key} {mention.key}"
            joined[-1] = replace(mention, start=before.start, readings=(Named(exact=devices),), key=key)
        else:
            joined.append(mention)
    return [_without_adjective(mention) for mention in joined]


def _described(mention: Mention) -> tuple[Device, ...]:
    return next((each.devices for each in mention.readings if isinstance(each, Adjective)), ())


def _without_adjective(mention: Mention) -> Mention:
    """What describes nothing means nothing."""
    readings = tuple(each for each in mention.readings if not isinstance(each, Adjective))
    return mention if len(readings) == len(mention.readings) else replace(mention, readings=readings)


def _join_prepositions(mentions: Sequence[Mention], words: Sequence[str]) -> list[Mention]:
    """«на» + «кухне» → one mention with its preposition, also over a hesitation («на э кухне»)."""
    joined: list[Mention] = []
    waiting: Mention | None = None
    for mention in mentions:
        sign = mention.sign("prep")
        if sign and len(mention.readings) == 1:
            if waiting and words[waiting.start] != words[mention.start]:  # «в в спальне» is a stammer
                joined.append(waiting)
            waiting = mention
        elif waiting and not mention.sign("filler", "more", "joint", "not", "all", "both"):
            joined.append(replace(mention, start=waiting.start, preposition=words[waiting.start]))
            waiting = None
        else:
            joined.append(mention)
    return [*joined, waiting] if waiting else joined


def _join_lengths(mentions: Sequence[Mention]) -> list[Mention]:
    """«Таймер на час», «таймер длительностью (в) час»: right after it, a time may say which timer is meant."""
    joined: list[Mention] = []
    for mention in mentions:
        lasts = bool(joined and joined[-1].word and joined[-1].word.key == "длительностью")
        spanned = _lasting(joined.pop(), mention) if lasts and (mention.duration or mention.clock) else mention
        span = spanned.duration if spanned.preposition == "на" else None
        if span and joined and any(isinstance(each, Noun) and each.key == "таймер" for each in joined[-1].readings):
            spanned = replace(spanned, readings=(*spanned.readings, Value("длина", span)))
        joined.append(spanned)
    return joined


def _lasting(word: Mention, span: Mention) -> Mention:
    """«Длительностью час», «длительностью в час» → «на час»."""
    return replace(span, start=word.start, preposition="на")


def _join_tails(mentions: Sequence[Mention]) -> tuple[Mention, ...]:
    """«На улице какая температура»: head and tail of one name, said apart, become the name."""
    for mention in mentions:
        tail = next((each for each in mention.readings if isinstance(each, Tail)), None)
        if tail is None:
            continue
        for head in mentions:
            named = next((each for each in head.readings if isinstance(each, Named)), None)
            parts = {device.id for device in named.part} if named else set()
            devices = tuple(device for device in tail.devices if device.id in parts)
            if devices:
                joined = replace(head, readings=(Named(exact=devices),))
                return tuple(joined if each is head else each for each in mentions if each is not mention)
    return tuple(mentions)
