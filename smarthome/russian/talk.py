"""What is no command: how to tell, and which reason to give. The reasons are those of ``Parse`` (docs/grammar.md)."""

from __future__ import annotations

from collections.abc import Sequence

from smarthome.russian.frames import Frame
from smarthome.russian.lexicon import Noun, Verb
from smarthome.russian.mentions import Mention
from smarthome.russian.spoken import Spoken


def why(mentions: Sequence[Mention]) -> str | None:
    """Why this is talk and no command: a question about why, a past tense, a third person; None when it may be one."""
    if _takes_back(mentions):
        return "negation"
    told = {"command", "infinitive", "future"}
    if any(mention.sign("wish") for mention in mentions):
        told.add("past")
    if any(mention.sign("let") for mention in mentions):
        told.add("third")
    for mention in mentions:
        if mention.sign("tale") and len(mention.readings) == 1:
            return "not_a_command"
        if mention.verbs and not mention.is_value and not {verb.form for verb in mention.verbs} & told:
            return "not_a_command"
    return None


def _takes_back(mentions: Sequence[Mention]) -> bool:
    """Whether an order ends with «нет»: nothing was put in its place."""
    last = next((place for place in reversed(range(len(mentions))) if not mentions[place].sign("filler")), 0)
    ordered = any(mention.verbs for mention in mentions[:last])
    return ordered and mentions[last].sign("repair") is not None and mentions[last].key.endswith("нет")


def holds_back(mention: Mention) -> bool:
    """Whether it forbids, corrects or stops something: then nothing may be guessed."""
    stops = mention.word is not None and mention.word.key in {"стоп", "отмена"}
    return stops or mention.sign("not", "forbid", "cancel", "repair") is not None


def follows(mentions: Sequence[Mention], asked: bool) -> bool:
    """Whether a sentence may lean on the one before: an answer, «а …», «нет, …», «его», or a command of its own."""
    if asked or not mentions:
        return asked
    if mentions[0].sign("joint", "repair", "more"):
        return True
    if any(mention.verbs or mention.sign("it", "them", "there", "more", "too") for mention in mentions):
        return True
    says = any(not mention.skippable for mention in mentions)  # «подожди» alone repeats nothing
    return says and all(mention.word or mention.is_value or mention.skippable for mention in mentions)


def revises(mentions: Sequence[Mention]) -> str:
    """«repair» when it begins with «нет», «more» when it is «ещё» with neither a verb nor a noun, otherwise nothing."""
    first = next((mention for mention in mentions if not mention.sign("filler") or mention.sign("repair")), None)
    if first is None:
        return ""
    if first.sign("repair"):
        return "repair"
    told = any(isinstance(each, (Verb, Noun)) for mention in mentions for each in mention.readings)
    return "more" if first.sign("more") and not told else ""


def merely_asks(mentions: Sequence[Mention]) -> bool:
    """Whether «пылесос на базе?» only asks: a question mark, no verb, and no word of politeness."""
    asked = any("?" in mention.stop for mention in mentions)
    return asked and not any(mention.verbs or mention.sign("filler", "joint", "more", "too") for mention in mentions)


def merely_remarks(mentions: Sequence[Mention], frames: Sequence[Frame], remarks: frozenset[str]) -> bool:
    """Whether «сегодня теплее», «тише вы» only tell how it is: a change without a verb beside one of ``remarks``."""
    if any(mention.verbs for mention in mentions) or not any(mention.key in remarks for mention in mentions):
        return False
    return any(slot.endswith("_step") for frame in frames for slot in frame.rule.slots)


def may_ask(mentions: Sequence[Mention]) -> bool:
    """Whether «выключи его» shall be answered with «что именно?»: it is an order, and nothing else in it is strange."""
    ordered = any(verb.form == "command" for mention in mentions for verb in mention.verbs)
    return ordered and not any(mention.unknown for mention in mentions)


def why_not(mentions: Sequence[Mention], spoken: Spoken, *, negated: bool) -> str:
    """The reason to give for a sentence of which some piece met no rule."""
    unknown = [mention for mention in mentions if mention.unknown]
    told = any(mention.verbs for mention in mentions)
    if not unknown and negated:
        return "negation"
    if not told:
        return "not_a_command"
    return "unexplained: " + " ".join(spoken.words([mention]) for mention in unknown) if unknown else "not_understood"
