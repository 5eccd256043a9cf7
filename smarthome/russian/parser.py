"""Text in, Parse out: the way of a sentence through this package, from top to bottom.

tokens → mentions → pieces → filled rules → intents. Everything that a sentence says must be explained; one word that no
rule takes, and nothing is done.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from smarthome.intents import QUESTIONS, Action, Intent, Parse, Status
from smarthome.inventory import Inventory
from smarthome.russian import mishearing, talk
from smarthome.russian.context import NO_CONTEXT, Context, Heard, Told
from smarthome.russian.delays import timer
from smarthome.russian.done import asked
from smarthome.russian.explanation import Explanation, explain
from smarthome.russian.frames import Frame, Matcher
from smarthome.russian.generation import Generator
from smarthome.russian.hearing import Hearing
from smarthome.russian.items import apart
from smarthome.russian.language import Language
from smarthome.russian.leaning import chosen, lean, lets_in, recall, told
from smarthome.russian.meaning import UnclearError
from smarthome.russian.mentions import Mention
from smarthome.russian.morphology import Morphology
from smarthome.russian.pieces import cut
from smarthome.russian.question import question
from smarthome.russian.rules import Rule
from smarthome.russian.spoken import Spoken
from smarthome.russian.stammer import unstammered
from smarthome.russian.tokens import Token, tokenise, too_long

_REPEATED = frozenset({Action.NEXT, Action.PREVIOUS})


class Parser:
    """Understands Russian sentences about one house."""

    def __init__(self, inventory: Inventory) -> None:
        self._language = Language(inventory)
        self._hearing = Hearing(self._language, inventory, self._understand)

    def parse(self, text: str, context: Context = NO_CONTEXT) -> Parse:
        """What ``text`` asks for; intents are empty unless everything in it is explained."""
        return self.hear([(text, 0.0)], context).parse

    def parse_nbest(self, hypotheses: Sequence[tuple[str, float]], context: Context = NO_CONTEXT) -> Parse:
        """What several hypotheses (text, score) of one utterance, the likeliest first, mean together.

        ``score`` is the natural logarithm of a hypothesis's probability. The first hypothesis counts when it is
        understood as it stands; when it is not, the next one that is, unless it lets somebody in or is far less likely
        (e³ times); when none is, the sentence nearest by sound to any of them, nearer the more of them sound like it.
        Hypotheses that want different things, or forbid it, and are about as likely (less than 1.5 times) become
        ``ask ambiguous``, unless ``context.changes`` shows that only one of them would change anything.
        """
        return self.hear(hypotheses, context).parse

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Every rule it knows, in the order of the file."""
        phrases = (*self._language.rules.phrases, *self._language.rules.openers, *self._language.rules.wholes)
        return tuple({phrase.rule.name: phrase.rule for phrase in phrases}.values())

    @property
    def morphology(self) -> Morphology:
        """The dictionary that it reads with, for others who need one."""
        return self._language.morphology

    @property
    def generator(self) -> Generator:
        """What makes sentences of the same rules."""
        return self._language.generator

    def collisions(self) -> list[tuple[str, tuple[str, ...]]]:
        """(phrase, device ids) where two differently named devices are called the same in some form."""
        return self._language.names.collisions()

    def answer(self, text: str) -> bool | None:
        """Whether ``text`` is a yes or a no to the system's own question; None when it is neither.

        A yes is nothing but a yes: with a question mark or anything else beside it, it is none. A word that forbids or
        stops makes it a no.
        """
        mentions = self._language.reader.read(tokenise(text))
        signs = [mention.sign("yes", "no") for mention in mentions]
        if all(sign and sign.role == "yes" for sign in signs) and signs:
            return None if any("?" in mention.stop for mention in mentions) else True
        refused = any(mention.sign("no", "not", "forbid", "cancel", "repair") for mention in mentions)
        return False if refused else None

    def revises(self, text: str) -> str:
        """How ``text`` changes what was just told: «repair» («нет, на десять»), «more» («ещё на две минуты»), or «»."""
        mentions = self._language.reader.read(tokenise(text))
        return talk.revises(mentions)

    def dangles(self, text: str) -> bool:
        """Whether a sentence cannot end like that: on a preposition or a conjunction («включи свет в», «… и»)."""
        words = [token.word for token in tokenise(text)]
        if not words:
            return True
        if words[-1] in self._language.lexicon.prepositions:
            return True
        last = self._language.reader.read(tokenise(text))[-1]
        return last.sign("joint", "except") is not None

    def suffices(self, text: str) -> bool:
        """Whether a recogniser that is sure of ``text`` need not tell what else it may have been.

        A command or a question as it stands, that lets nobody in: nothing else would be made of it.
        """
        if too_long(text):
            return False
        said = self._understand(text, tokenise(text), NO_CONTEXT)
        return said.parse.status == "ok" and mishearing.harmless(said.parse.intents, self._language.meaning.inventory)

    def question(self, text: str) -> str | None:
        """What somebody who knows more than the house is to be asked: «спроси, почему небо синее»; None: nobody is."""
        return question(text, self._language.morphology)

    def hear(self, hypotheses: Sequence[tuple[str, float]], context: Context) -> Heard:
        """As ``parse_nbest``, with what a dialogue needs to go on."""
        known = [(self._language.command(text), score) for text, score in hypotheses if not too_long(text)]
        if not known:
            return Heard(Parse((), "rejected", "too_long" if hypotheses else "not_understood"))
        return self._hearing.hear(known, context)

    def explain(self, text: str, context: Context = NO_CONTEXT) -> Explanation:
        """How ``text`` is read: words, rules, what stayed unexplained."""
        said = self.hear([(text, 0.0)], context)
        tokens = unstammered(tokenise(text), self._language.numbers)
        mentions = () if too_long(text) else self._language.reader.read(tokens)
        parts, sources = explain(text, tokens, mentions, said.frames, self._language.morphology)
        return Explanation(text, parts, sources, said.parse, said.guess)

    # --- the way of a sentence -----------------------------------------------------------------------------------

    def _understand(self, text: str, tokens: Sequence[Token], context: Context) -> Heard:
        """What it means after what was said before, or by itself when nothing here is like that."""
        tokens = unstammered(tokens, self._language.numbers)
        said = self._read(text, tokens, context)
        if context.memory and said.parse.reason == "unknown_device":
            alone = self._read(text, tokens, replace(context, memory=None))
            return alone if alone.parse.status == "ok" else said
        return said

    def _read(self, text: str, tokens: Sequence[Token], context: Context) -> Heard:
        mentions = self._language.reader.read(tokens)
        mentions = asked(mentions) or mentions
        spoken = Spoken(text, tokens)
        rest = self._language.asides.without(mentions)
        if rest:
            said = self._follow(rest, spoken, context)
            if said.parse.status == "ok" and mishearing.keeps_shut(
                said.parse.intents, self._language.meaning.inventory
            ):
                return said
        return self._follow(mentions, spoken, context)

    def _follow(self, mentions: Sequence[Mention], spoken: Spoken, context: Context) -> Heard:
        """What these mentions mean, every one of them."""
        matcher = Matcher(self._language.rules)
        opened = matcher.open(mentions) or matcher.whole(mentions)
        if opened:
            return self._mean([opened], mentions, context, spoken)
        late = matcher.open_late(mentions)
        if late and not any(map(talk.holds_back, late[0].text)):  # «… не сейчас» may be about all of it
            said = self._follow(mentions[: late[1]], spoken, context)
            if said.parse.status == "ok":
                return self._mean([*said.frames, late[0]], mentions, context, spoken)
        reason = talk.why(mentions)
        if reason:
            return Heard(Parse((), "rejected", reason))
        doubtful = not any(talk.holds_back(mention) for mention in mentions)
        before = context.memory.commands if context.memory and talk.follows(mentions, context.memory.asked) else ()
        found = lean(matcher, cut(chosen(mentions, context.memory)), before)
        if found.lost and talk.may_ask(mentions):
            return Heard(Parse((), "ask", "ambiguous"), (Told(recall(found.stuck or (), spoken)),))
        taken = {id(mention) for frame in found.frames for mention in frame.mentions}
        if any(frame.text for frame in found.frames):
            taken |= {id(mention) for mention in found.dropped}  # «не молоко, а кефир»
        if found.stuck or any(mention.unknown and id(mention) not in taken for mention in mentions):
            reason = talk.why_not(mentions, spoken, negated=found.negated)
            return Heard(Parse((), "rejected", reason), frames=tuple(found.frames), doubtful=doubtful)
        if not found.frames:
            reason = "negation" if found.negated else "not_a_command"
            return Heard(Parse((), "rejected", reason), doubtful=doubtful and not found.negated)
        asks = talk.merely_asks(mentions) and any(frame.rule.action not in QUESTIONS for frame in found.frames)
        if (
            asks
            or lets_in(found.frames, context.memory)
            or talk.merely_remarks(mentions, found.frames, self._language.lexicon.remarks)
        ):
            return Heard(Parse((), "rejected", "not_a_command"))
        return self._mean(found.frames, mentions, context, spoken)

    def _mean(self, frames: Sequence[Frame], mentions: Sequence[Mention], context: Context, spoken: Spoken) -> Heard:
        """The frames' intents; neighbours that share a delay become one timer."""
        intents: list[Intent] = []
        try:
            for when, group in groupby(frames, key=lambda frame: frame.when):
                same = list(group)
                meant = [each for frame in same for each in self._language.meaning.intents(frame, context.area, spoken)]
                meant = [timer(same, mentions, spoken)] if when else meant
                for intent in meant:
                    if intent.action in _REPEATED or not _said(intent, intents):
                        intents.append(intent)
        except UnclearError as unclear:
            status: Status = "ask" if unclear.reason == "ambiguous" else "rejected"
            parse = Parse((), status, unclear.reason)
            return Heard(parse, told(frames, spoken), tuple(frames), choice=unclear.choice)
        intents = apart(intents, self._language.morphology)
        return Heard(Parse(tuple(intents)), told(frames, spoken), tuple(frames))


def _said(intent: Intent, intents: Sequence[Intent]) -> bool:
    """Whether the same is wanted already, be it that the area was said once and meant once."""
    return any((each.action, each.slots) == (intent.action, intent.slots) for each in intents)
