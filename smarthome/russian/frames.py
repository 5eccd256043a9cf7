"""A piece of a sentence in, a filled rule out.

Every required element takes a mention, optional ones may; what is left over must mean nothing, or the rule is not met.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from smarthome.russian.lexicon import Named, Noun, Place, Reading, Value, Word
from smarthome.russian.mentions import Mention
from smarthome.russian.rules import Amount, Element, Phrase, Rule, Rules, Text, Thing, Where
from smarthome.russian.titles import is_title

_TIMER_WORDS = frozenset({"таймер", "название"})


@dataclass(frozen=True, slots=True)
class Frame:
    """A rule with what fills it.

    ``text`` are the mentions taken as free words; ``excluded`` stood after «кроме»; ``when`` says when it shall be done
    if not now: «через час», «завтра» «в семь»; ``full``: every word fills a place of the rule.
    """

    rule: Rule
    phrase: Phrase
    mentions: tuple[Mention, ...]
    thing: Noun | Named | None = None
    kind: Thing | None = None
    place: Place | None = None
    values: Mapping[str, Value] = field(default_factory=dict)
    text: tuple[Mention, ...] = ()
    whole: bool = False
    full: bool = False
    excluded: tuple[Mention, ...] = ()
    when: tuple[Mention, ...] = ()

    @property
    def both(self) -> bool:
        """Whether two things are meant."""
        return any(mention.sign("both") for mention in self.mentions)

    def says(self, key: str) -> bool:
        """Whether the word with this key in the lexicon is among its words."""
        return any(isinstance(each, Word) and each.key == key for mention in self.mentions for each in mention.readings)

    @property
    def is_timed(self) -> bool:
        """Whether the time of day is part of the command itself, an alarm clock's."""
        return "часы" in self.values


class Matcher:
    """Finds the first rule that a piece meets. ``steps`` counts elements tried, for the bound on work."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self.steps = 0

    def match(self, mentions: Sequence[Mention]) -> Frame | None:
        """The frame of the first rule met by exactly these mentions."""
        verbs = {verb.key for mention in mentions for verb in mention.verbs}
        phrases = self._rules.candidates(verbs)
        if verbs and any(mention.verbs and (mention.word or mention.skippable) for mention in mentions):
            phrases = [*phrases, *self._rules.verbless]
        for phrase in phrases:
            frame = self._meet(phrase, mentions)
            if frame:
                return frame
        return None

    def open(self, mentions: Sequence[Mention]) -> Frame | None:
        """The frame of a rule whose free words run to the end of the sentence («объяви, что …»)."""
        first = next((mention for mention in mentions if mention.verbs), None)
        asked = (
            first is not None and mentions[0] is not first and all(map(_is_polite, mentions[: mentions.index(first)]))
        )
        forms = {"command", "infinitive"} if asked else {"command"}
        told = {verb.key for verb in first.verbs if verb.form in forms} if first else set()
        if not told & self._rules.opening_verbs:
            return None
        for phrase in self._rules.openers:
            frame = self._meet(phrase, mentions)
            if frame:
                return frame
        return None

    def open_late(self, mentions: Sequence[Mention]) -> tuple[Frame, int] | None:
        """The frame of such a rule that follows on other commands, and where it begins: «… и скажи всем, что …»."""
        for place in range(1, len(mentions)):
            before = mentions[place - 1]
            if before.sign("joint") or before.stop:
                frame = self.open(mentions[place:])
                if frame:
                    return frame, place
        return None

    def whole(self, mentions: Sequence[Mention]) -> Frame | None:
        """The frame of a rule that is met by every word of the sentence: nothing is skipped, nothing asked."""
        if any("?" in mention.stop for mention in mentions):
            return None
        for phrase in self._rules.wholes:
            frame = self._meet(phrase, mentions) if len(mentions) <= len(phrase.elements) else None
            if frame and frame.full:
                return frame
        return None

    def _meet(self, phrase: Phrase, mentions: Sequence[Mention]) -> Frame | None:
        free = dict(enumerate(mentions))
        taken: list[tuple[Element, object, Mention, Reading]] = []
        text: Element | None = None
        for element in phrase.elements:
            if element.text:
                text = element
                continue
            if element.mark:
                if any(element.mark in mention.stop for mention in mentions):
                    continue
                return None
            found = self._take(element, free)
            if found is None:
                if element.optional:
                    continue
                return None
            place, option, reading = found
            taken.append((element, option, free.pop(place), reading))
        words = self._free_words(text, free, mentions)
        left = [mention for mention in free.values() if words is None or mention not in words]
        if words is None or not all(mention.skippable for mention in left):
            return None
        if phrase.rule.ordered and not _in_order(phrase, taken):
            return None
        counted = bool(words) or any(_counts(reading) for _, _, _, reading in taken)
        if not counted and any(mention.sign("all") for mention in left):
            return None  # «всё холоднее» tells nobody to do anything
        return _frame(phrase, tuple(mentions), taken, words)

    def _take(self, element: Element, free: Mapping[int, Mention]) -> tuple[int, object, Reading] | None:
        """The first mention that an option takes: a name before a common noun («свет торшера») before a head noun."""
        worse: tuple[int, object, Reading] | None = None
        for option in element.options:
            for place, mention in free.items():
                self.steps += 1
                reading = option.takes(mention)
                if reading is None:
                    continue
                bare = isinstance(reading, Named) and not reading.exact and not reading.short
                if not bare and not (isinstance(reading, Noun) and isinstance(option, Thing)):
                    return place, option, reading
                worse = _better(worse, (place, option, reading))
        return worse

    def _free_words(
        self, element: Element | None, free: Mapping[int, Mention], mentions: Sequence[Mention]
    ) -> tuple[Mention, ...] | None:
        """What the free-words element takes: () for none, None when it takes nothing but must."""
        if element is None or element.text is None:
            return ()
        found = _run(free, element.text, mentions)
        return found if found or element.optional else None


def _in_order(phrase: Phrase, taken: Sequence[tuple[Element, object, Mention, Reading]]) -> bool:
    starts = [mention.start for each in phrase.written for element, _, mention, _ in taken if element is each]
    return starts == sorted(starts)


def _is_polite(mention: Mention) -> bool:
    return mention.sign("filler") is not None and not mention.verbs


def _counts(reading: Reading) -> bool:
    """Whether «все» can belong to it."""
    return isinstance(reading, (Noun, Named, Place))


def _better(old: tuple[int, object, Reading] | None, new: tuple[int, object, Reading]) -> tuple[int, object, Reading]:
    """A common noun before a bare head noun, else the first."""
    return new if old is None or (isinstance(old[2], Named) and isinstance(new[2], Noun)) else old


def _run(free: Mapping[int, Mention], wanted: Text, mentions: Sequence[Mention]) -> tuple[Mention, ...]:
    """The neighbouring mentions that are left, without the fillers at their edges; () when they are scattered."""
    if wanted.about == "дословно":
        taken = [place for place in range(len(mentions)) if place not in free]
        return tuple(mentions[max(taken, default=-1) + 1 :])
    places = [place for place, mention in free.items() if not mention.sign("filler")]
    if not places:
        return ()
    first, last = places[0], places[-1]
    if any(place not in free for place in range(first, last + 1)):
        return ()
    run = tuple(mentions[first : last + 1])
    if wanted.about == "таймер":
        if run[0].preposition == "для":
            return run if all(mention.unknown for mention in run) else ()
        named = first > 0 and any(
            isinstance(each, (Noun, Word)) and each.key in _TIMER_WORDS for each in mentions[first - 1].readings
        )
        return run if named and all(mention.unknown for mention in run) else ()
    if wanted.about and not is_title(run, wanted.about):
        return ()
    return run


def _frame(
    phrase: Phrase,
    mentions: tuple[Mention, ...],
    taken: Sequence[tuple[Element, object, Mention, Reading]],
    text: tuple[Mention, ...],
) -> Frame:
    thing: Noun | Named | None = None
    kind: Thing | None = None
    place: Place | None = None
    values: dict[str, Value] = {}
    for _, option, _, reading in taken:
        if isinstance(option, Thing) and isinstance(reading, (Noun, Named)):
            thing, kind = reading, option
        elif isinstance(option, Where) and isinstance(reading, Place):
            place = reading
        elif isinstance(option, Amount) and isinstance(reading, Value):
            values[option.name] = reading
    whole = any(mention.sign("all") for mention in mentions)
    full = len(taken) == len(mentions)
    return Frame(phrase.rule, phrase, mentions, thing, kind, place, values, text, whole, full)
