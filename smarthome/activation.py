"""Spoken words in, what they come to out: whoever does not call the house stays outside of the conversation.

``always``, everything is a command that the grammar takes for one. By ``phrase``, the house has names; after a call it
listens for a while without one, and to the answers to its own questions.
"""

from __future__ import annotations

from dataclasses import replace

from smarthome.conversation import Conversation, Outcome, Words
from smarthome.endpoint import Prospect
from smarthome.house.house import Plan
from smarthome.intents import Parse
from smarthome.reply.answers import LISTENING
from smarthome.russian.address import Address
from smarthome.russian.dialogue import ANSWER_WITHIN_S
from smarthome.russian.hearing import FAR

IGNORED = Outcome(Parse(status="rejected", reason="not_addressed"), Plan("rejected", "not_addressed"))
CALLED = Outcome(Parse(status="ask", reason="called"), Plan("ask", "called"), reply=LISTENING)

_UNDERSTOOD = frozenset({"ok", "ask", "confirm"})
_ASKED = frozenset({"ask", "confirm"})


class Activation:
    """A conversation behind a name. Without an ``address`` it is open to everybody.

    What is begun within ``follow_up_s`` seconds after the house has understood somebody, or was only called, needs no
    name, nor does what is begun while a question of the house is open. Pure: times come with the words.
    """

    def __init__(self, conversation: Conversation, address: Address | None = None, follow_up_s: float = 0.0) -> None:
        self._conversation = conversation
        self._address = address
        self._follow_up_s = follow_up_s
        self._open_until: dict[str, float] = {}

    def forget(self, speaker: str) -> None:
        """Whoever speaks next is somebody else."""
        self._open_until.pop(speaker, None)
        self._conversation.forget(speaker)

    def hear(self, words: Words, now: float, *, online: bool) -> Outcome:
        """As ``Conversation.hear``; ``not_addressed`` when nobody called the house, ``called`` for a name alone."""
        if self._address is None:
            return self._conversation.hear(words, now, online=online)
        said = self._said(self._address, words)
        if not said:
            return IGNORED
        if not said[0][0]:
            outcome = CALLED
        else:
            meant = tuple((text, score) for text, score in said if text)
            outcome = self._conversation.hear(replace(words, hypotheses=meant), now, online=online)
        if outcome.plan.status in _UNDERSTOOD:
            patience_s = max(self._follow_up_s, ANSWER_WITHIN_S if _asks(outcome) else 0.0)
            self._open_until[words.speaker] = words.answered_s + patience_s
        return outcome

    def prospect(self, words: Words) -> Prospect:
        """What may still come after these words; nothing is remembered."""
        if self._address is None:
            return self._conversation.prospect(words)
        meant = tuple((text, score) for text, score in self._said(self._address, words) if text)
        return self._conversation.prospect(replace(words, hypotheses=meant)) if meant else Prospect.DANGLES

    def _said(self, address: Address, words: Words) -> tuple[tuple[str, float], ...]:
        """The hypotheses without the name: of all when none is needed now, else of those likely ones that have it."""
        rests = [(text, address.rest(text), score) for text, score in words.hypotheses]
        if words.began_s <= self._open_until.get(words.speaker, float("-inf")):
            return tuple((text if rest is None else rest, score) for text, rest, score in rests)
        likely = max((score for _, _, score in rests), default=0.0) - FAR
        return tuple((rest, score) for _, rest, score in rests if rest is not None and score >= likely)


def _asks(outcome: Outcome) -> bool:
    """Whether a question is open now; a bare call is none."""
    return outcome.plan.status in _ASKED and outcome is not CALLED
