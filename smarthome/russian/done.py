"""A past tense that asks in, the state that it asks for out: «я чайник выключила?» means «чайник выключен?»."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from smarthome.russian.lexicon import Value
from smarthome.russian.mentions import Mention

_LEFT_BEHIND = {
    "включить": "on",
    "выключить": "off",
    "открыть": "open",
    "закрыть": "closed",
    "запереть": "locked",
    "отпереть": "unlocked",
}


def asked(mentions: Sequence[Mention]) -> tuple[Mention, ...] | None:
    """The question for the state; None unless the sentence asks, and has one verb, in the past tense."""
    verbs = [mention for mention in mentions if mention.verbs]
    if len(verbs) != 1 or "?" not in mentions[-1].stop or any(verb.form != "past" for verb in verbs[0].verbs):
        return None
    if any(mention.sign("not", "forbid", "tale", "wish", "let", "except") for mention in mentions):
        return None
    states = [_LEFT_BEHIND[verb.key] for verb in verbs[0].verbs if verb.key in _LEFT_BEHIND]
    if not states:
        return None
    state = replace(verbs[0], readings=(Value("состояние", states[0]),))
    return tuple(state if mention is verbs[0] else mention for mention in mentions)
