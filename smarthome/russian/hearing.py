"""What a recogniser made of an utterance in, what was said out: exact words first, then sounds, then live state.

A recogniser may hand over several hypotheses, each with the logarithm of its probability, and a sentence may be
misheard altogether. Every way to understand it is a reading; two readings that are about as likely and want different
things are settled by what they would change, or become a question.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from math import exp
from typing import TypeAlias

from rapidfuzz.distance import Levenshtein

from smarthome.intents import QUESTIONS, Parse
from smarthome.inventory import Inventory
from smarthome.russian import mishearing
from smarthome.russian.context import Context, Heard
from smarthome.russian.language import Language
from smarthome.russian.mentions import Mention
from smarthome.russian.sound import sounds
from smarthome.russian.tokens import Token, tokenise

Understand: TypeAlias = Callable[[str, Sequence[Token], Context], Heard]

FAR = 3.0
"""A hypothesis whose logarithm of probability is so much less than the first's is not listened to."""

CLEAR = 1.5
"""How many times likelier than what contradicts it a hypothesis must be to be believed."""

ABOUT = 3.0
"""A question is spared when a hypothesis at most so many times less likely needs none."""

SOUNDS_LIKE = 0.5
"""What a hypothesis that only sounds like a reading counts for it, beside one that says it."""

UNLIKELY = 0.02
"""What every unit of a hypothesis's score below the first's costs in similarity."""

SUPPORT = 0.02
"""What another hypothesis that sounds like the same is worth in similarity."""

_STEM = 4
"""A word that loses its ending to «и» is longer than this."""

_CONDITION, _QUESTION = "если", "есть ли"

MAX_SOUNDED = 3
"""How many hypotheses are matched by sound: what this costs in time stays bounded."""


@dataclass(frozen=True, slots=True)
class _Hypothesis:
    """What was perhaps said, ``gap`` less likely than the first, and what it means as it stands."""

    text: str
    gap: float
    said: Heard

    @property
    def weight(self) -> float:
        """Its probability, the first's being 1."""
        return exp(-self.gap)

    def contradicts(self, other: Heard) -> bool:
        """Whether it forbids what the other wants, or wants something else."""
        parse = self.said.parse
        return parse.reason == "negation" or mishearing.conflict(parse.intents, other.parse.intents)


@dataclass(frozen=True, slots=True)
class _Guess:
    """A hypothesis bent to a sentence that sounds like it."""

    similarity: float
    text: str
    heard: tuple[Mention, ...]
    words: frozenset[str]
    gap: float


@dataclass(frozen=True, slots=True)
class _Reading:
    similarity: float
    said: Heard


class Hearing:
    """Chooses among hypotheses; ``understand`` reads a sentence as it stands."""

    def __init__(self, language: Language, inventory: Inventory, understand: Understand) -> None:
        self._language = language
        self._inventory = inventory
        self._understand = understand

    def hear(self, hypotheses: Sequence[tuple[str, float]], context: Context) -> Heard:
        """What hypotheses (text, score) mean together, the likeliest first; there must be one."""
        best = hypotheses[0][1]
        near = [(text, best - score) for text, score in hypotheses if best - score <= FAR] or [hypotheses[0]]
        found = [_Hypothesis(text, gap, self._understand(text, tokenise(text), context)) for text, gap in near]
        first = found[0].said
        if first.parse.status == "ok":
            one = self._one_and(near[0][0], first, context)
            return one or self._unless_contradicted(found[0], found, context)
        if first.parse.status == "ask":
            return self._clearer(found, context) or first
        if first.parse.status != "rejected" or not first.doubtful:
            return self._asked_after_all(near[0][0], context) or first
        clear = next((each for each in found if self._is_safe(each.said)), None)
        if clear:
            return self._unless_contradicted(clear, found, context)
        return self._by_sound(found, context) or self._to_be_asked(found, context) or first

    def _clearer(self, found: Sequence[_Hypothesis], context: Context) -> Heard | None:
        """Of hypotheses about as likely as the first, which would have to ask, one that need not."""
        near = (each for each in found if exp(each.gap) < ABOUT and self._is_safe(each.said))
        clear = next(near, None)
        return self._unless_contradicted(clear, found, context) if clear else None

    def _asked_after_all(self, text: str, context: Context) -> Heard | None:
        """A question whose beginning sounds like a condition: «если свет на кухне» for «есть ли»."""
        tokens = tokenise(text)
        if not tokens or tokens[0].word != _CONDITION:
            return None
        question = " ".join([_QUESTION, *(token.word for token in tokens[1:])])
        said = self._understand(question, tokenise(question), context)
        asks = said.parse.status == "ok" and all(intent.action in QUESTIONS for intent in said.parse.intents)
        return replace(said, guess=question) if asks else None

    def _one_and(self, text: str, first: Heard, context: Context) -> Heard | None:
        """«Телевизоры и …» for «телевизор и …», which sounds the same: the one of that name, where there is one."""
        words = [token.word for token in tokenise(text)]
        if "и" not in words[1:]:
            return None
        one = " ".join(_without_and(words))
        said = self._understand(one, tokenise(one), context)
        if said.parse.status != "ok" or len(said.parse.intents) != len(first.parse.intents):
            return None
        pairs = list(zip(first.parse.intents, said.parse.intents, strict=True))
        same = all(many.action == each.action for many, each in pairs)
        named = any("name" in each.slots and "name" not in many.slots for many, each in pairs)
        lost = any("name" in many.slots and many.slots["name"] != each.slots.get("name") for many, each in pairs)
        return replace(said, guess=one) if same and named and not lost else None

    def _to_be_asked(self, found: Sequence[_Hypothesis], context: Context) -> Heard | None:
        """A hypothesis that lets somebody in and only sounds like the first one: for the house to ask about."""
        asked = [each for each in found if each.said.parse.status == "ok" and _alike(each.text, found[0].text)]
        chosen = next((each for each in asked if mishearing.may_be_asked(each.said.parse.intents)), None)
        if chosen is None:
            return None
        said = self._unless_contradicted(chosen, found, context)
        return replace(said, parse=replace(said.parse, unsure=True)) if said is chosen.said else None

    def _is_safe(self, said: Heard) -> bool:
        """Whether it may be done although it was not, or not surely, heard so."""
        return said.parse.status == "ok" and mishearing.harmless(said.parse.intents, self._inventory)

    # --- several hypotheses --------------------------------------------------------------------------------------

    def _unless_contradicted(self, chosen: _Hypothesis, found: Sequence[_Hypothesis], context: Context) -> Heard:
        """``chosen``, unless others that want something else are about as likely."""
        rivals = [each for each in found if each is not chosen and each.contradicts(chosen.said)]
        if not rivals:
            return chosen.said
        weight = self._weight(chosen.said, found, context)
        if weight >= CLEAR * max(self._weight(each.said, found, context) for each in rivals):
            return chosen.said
        return self._settled([chosen.said, *(each.said for each in rivals)], context) or _unclear()

    def _weight(self, said: Heard, found: Sequence[_Hypothesis], context: Context) -> float:
        """How likely it is that this was said: every hypothesis that says so, or sounds so, adds to it."""
        weight = 0.0
        for each in found:
            if each.said.parse == said.parse:
                weight += each.weight
            elif each.said.parse.status == "rejected" and each.said.doubtful:
                readings = self._readings([each], context)
                same = readings and readings[0].said.parse.intents == said.parse.intents
                weight += SOUNDS_LIKE * each.weight if same else 0.0
        return weight

    def _settled(self, readings: Sequence[Heard], context: Context) -> Heard | None:
        """The only one of these readings that would change anything in the house, if all of them are safe."""
        changes = context.changes
        if changes is None or not all(map(self._is_safe, readings)):
            return None
        effects = [[changes(intent) for intent in said.parse.intents] for said in readings]
        if any(None in effect for effect in effects):
            return None
        useful = [said for said, effect in zip(readings, effects, strict=True) if any(effect)]
        different = [said for said in useful if said.parse.intents != useful[0].parse.intents]
        return useful[0] if useful and not different else None

    # --- misheard ones -------------------------------------------------------------------------------------------

    def _by_sound(self, found: Sequence[_Hypothesis], context: Context) -> Heard | None:
        """What the nearest sentences by sound mean; None when nothing is near enough."""
        doubtful = [each for each in found if each.said.doubtful][:MAX_SOUNDED]
        readings = self._readings(doubtful, context)
        if not readings:
            return None
        nearest = readings[0]
        least = nearest.similarity - mishearing.MARGIN
        wanted = nearest.said.parse.intents
        rivals = [
            each.said
            for each in readings
            if each.similarity >= least and mishearing.conflict(each.said.parse.intents, wanted)
        ]
        if rivals:
            settled = self._settled([nearest.said, *rivals], context)
            return settled or (_unclear() if nearest.similarity > mishearing.SURE else None)
        return nearest.said if self._is_safe(nearest.said) else None

    def _readings(self, found: Sequence[_Hypothesis], context: Context) -> list[_Reading]:
        """What the guesses say, the nearest first; one that several hypotheses sound like counts as nearer."""
        readings: list[_Reading] = []
        told: list[set[float]] = []
        for guess, said in self._understood(sorted(self._guesses(found), key=lambda each: -each.similarity), context):
            if readings and guess.similarity < readings[0].similarity - mishearing.MARGIN - SUPPORT * len(found):
                break
            same = [place for place, each in enumerate(readings) if each.said.parse.intents == said.parse.intents]
            if not same:
                readings.append(_Reading(guess.similarity, said))
                told.append({guess.gap})
            elif guess.gap not in told[same[0]]:
                told[same[0]].add(guess.gap)
                known = readings[same[0]]
                readings[same[0]] = replace(known, similarity=known.similarity + SUPPORT)
        return sorted(readings, key=lambda each: -each.similarity)

    def _guesses(self, found: Sequence[_Hypothesis]) -> Iterator[_Guess]:
        """Sentences that sound like these hypotheses, unless they are talk."""
        for each in found:
            tokens = tokenise(each.text)
            heard = self._language.reader.read(tokens)
            strange = mishearing.strangers(heard, self._language.morphology)
            if strange > mishearing.MAX_STRANGERS or mishearing.heard_well(heard, len(tokens)):
                continue
            cost = strange * mishearing.STRANGER + each.gap * UNLIKELY
            guesses = self._language.sounds.guesses(tokens, mishearing.NEAR, cost)
            for guess in islice(guesses, mishearing.MAX_GUESSES):
                yield _Guess(guess.similarity, guess.text, heard, frozenset(token.word for token in tokens), each.gap)

    def _understood(self, guesses: Sequence[_Guess], context: Context) -> Iterator[tuple[_Guess, Heard]]:
        """The guesses that make sense and may have been what was said, in that order."""
        read = idle = 0
        most = mishearing.MAX_READ * min(2, len({guess.gap for guess in guesses}))
        for guess in guesses:
            tokens = tokenise(guess.text)
            mentions = self._language.reader.read(tokens)
            if not mishearing.loses_nothing(mentions, guess.heard):
                continue
            idle += not any(mention.verbs or mention.word for mention in mentions)
            if read > most or idle > mishearing.MAX_IDLE:
                return
            read += len(mentions)
            said = self._understand(guess.text, tokens, context)
            plausible = said.parse.status == "ok" and mishearing.plausible(said.parse, mentions, guess.heard)
            if plausible and mishearing.says(said.parse.intents, guess.words):
                yield guess, replace(said, guess=guess.text)


def _without_and(words: Sequence[str]) -> Iterator[str]:
    """The words, those before «и» without an ending that may have been its sound."""
    for word, after in zip(words, [*words[1:], ""], strict=True):
        yield word[:-1] if after == "и" and word[-1:] in {"и", "ы"} and len(word) > _STEM else word


def _unclear() -> Heard:
    return Heard(Parse((), "ask", "ambiguous"))


def _alike(one: str, other: str) -> bool:
    """Whether two sentences sound nearly the same."""
    mine, yours = ("".join(sounds(token.word) for token in tokenise(text)) for text in (one, other))
    return Levenshtein.normalized_similarity(mine, yours) >= mishearing.NEAR
