"""Words in, what they come to out: the dialogue with whoever speaks, the plan, the timers, the reply.

Pure, as the flow around it: times are handed in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from smarthome.endpoint import Prospect
from smarthome.house.house import House, Plan
from smarthome.house.resolution import Change
from smarthome.house.timers import Timer, TimerOutcome, Timers
from smarthome.intents import QUESTIONS, Action, Intent, Parse
from smarthome.record import FREE_TEXT
from smarthome.reply.answers import answer, problem, timer_reply
from smarthome.russian import Context, Dialogue, Parser
from smarthome.russian.dialogue import ANSWER_WITHIN_S

NEVER_MIND = Parse((Intent(Action.NEVERMIND),))


@dataclass(frozen=True, slots=True)
class Words:
    """One utterance as words, the likeliest hypothesis first.

    ``speaker`` keeps conversations apart: the microphone's, a file's, that of texts for one area. The utterance began
    and ended at ``began_s`` and ``ended_s``, and its reply is given at ``answered_s``, on one clock per speaker.
    ``late``: whoever said it has given up by now.
    """

    hypotheses: tuple[tuple[str, float], ...]
    speaker: str
    area: str | None
    began_s: float
    ended_s: float
    answered_s: float
    late: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What words came to. ``question`` is for the language model; ``ms`` is stage → milliseconds."""

    parse: Parse
    plan: Plan
    reply: str | None = None
    question: str | None = None
    ms: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Question:
    """A sentence that waits for a yes."""

    parse: Parse
    area: str | None
    asked_s: float

    def may_be_answered_by(self, words: Words) -> bool:
        """Whether these words were begun after the question, and not long after it."""
        return self.asked_s <= words.began_s <= self.asked_s + ANSWER_WITHIN_S


@dataclass(frozen=True, slots=True)
class _Talk:
    """One speaker's conversation so far. ``before`` is what the last command changed, as it was."""

    dialogue: Dialogue = field(default_factory=Dialogue)
    question: _Question | None = None
    before: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class _Turn:
    """What words mean, what that comes to, and the dialogue after it."""

    parse: Parse
    plan: Plan
    dialogue: Dialogue
    confirmed: bool = False


class Conversation:
    """Everybody's conversation with one house, its timers included.

    ``wall`` tells the time of day for those who ask; ``stopwatch`` only measures how long a stage took. While it
    ``takes_questions``, «спроси …» is one.
    """

    def __init__(
        self, parser: Parser, house: House, *, wall: Callable[[], datetime], stopwatch: Callable[[], float]
    ) -> None:
        self._parser = parser
        self._house = house
        self._wall = wall
        self._stopwatch = stopwatch
        self._talks: dict[str, _Talk] = {}
        self.timers = Timers()
        self.takes_questions = False

    def forget(self, speaker: str) -> None:
        """What this speaker says next refers to nothing."""
        self._talks.pop(speaker, None)

    def hear(self, words: Words, now: float, *, online: bool) -> Outcome:
        """What words come to, with all that was said before; ``online``: whether commands can be sent."""
        started = self._stopwatch()
        if question := self._question(words):
            return Outcome(Parse(()), Plan("ok", None), question=question)
        talk = self._talks.get(words.speaker, _Talk())
        turn = self._answered(talk, words) or self._understood(talk, words)
        read_at = self._stopwatch()
        if words.late and _acts(turn.parse):
            turn = replace(turn, plan=Plan("error", "too_late"))
        else:
            turn = replace(turn, plan=_sendable(turn.plan, online=online))
            self._remember(talk, words, turn)
        outcome = self._carried_out(turn, words.area, now)
        ms = {"parse": 1000 * (read_at - started), "resolve": 1000 * (self._stopwatch() - read_at)}
        return replace(outcome, ms=ms)

    def prospect(self, words: Words) -> Prospect:
        """What may still come after these words; nothing is done, nor remembered."""
        if self._question(words):
            return Prospect.MAY_GO_ON
        talk = self._talks.get(words.speaker, _Talk())
        answered = self._answered(talk, words)
        turn = answered or self._understood(talk, words)
        if turn.plan.status not in {"ok", "confirm"} or self._parser.dangles(words.hypotheses[0][0]):
            return Prospect.DANGLES
        if answered or talk.dialogue.was_asked:
            return Prospect.COMPLETE
        # «Включи …» makes sense after «погаси люстру», too, and is no end.
        alone = turn if talk.dialogue.memory is None else self._understood(_Talk(), words)
        if alone.plan.status not in {"ok", "confirm"}:
            return Prospect.MAY_GO_ON if " " in words.hypotheses[0][0].strip() else Prospect.DANGLES
        return Prospect.MAY_GO_ON if any(map(_may_go_on, alone.parse.intents)) else Prospect.COMPLETE

    def obey(self, timer: Timer, now: float, *, online: bool) -> Outcome:
        """What the command of a timer that has ended comes to; no conversation remembers it."""
        parse = self._read(timer.command or "", timer.area)
        plan = self._house.plan(parse, timer.area, self._reader(timer.area), confirmed=timer.confirmed)
        return self._carried_out(_Turn(parse, _sendable(plan, online=online), Dialogue()), timer.area, now)

    # --- understanding -----------------------------------------------------------------------------------------------

    def _question(self, words: Words) -> str | None:
        return self._parser.question(words.hypotheses[0][0]) if self.takes_questions else None

    def _answered(self, talk: _Talk, words: Words) -> _Turn | None:
        """What a yes or a no comes to; None when nothing was asked, or something else is said."""
        question = talk.question
        if question is None or not question.may_be_answered_by(words):
            return None
        said_yes = self._parser.answer(words.hypotheses[0][0])
        if said_yes is None:
            return None
        if not said_yes:
            return self._refused(words)
        plan = self._house.plan(question.parse, question.area, self._reader(question.area), confirmed=True)
        return _Turn(question.parse, plan, talk.dialogue, confirmed=True)

    def _refused(self, words: Words) -> _Turn:
        """«Нет»; or a no with more: «нет, закрой шторы» is carried out, «не открывай» is what it says."""
        turn = self._understood(_Talk(), words)
        return turn if turn.parse.intents else _Turn(NEVER_MIND, Plan("ok", None), Dialogue())

    def _understood(self, talk: _Talk, words: Words) -> _Turn:
        context = Context(words.area, changes=lambda intent: self._house.changes(intent, words.area))
        parse, dialogue = talk.dialogue.turn(self._parser, words.hypotheses, context, words.ended_s)
        takes_back = parse.status == "ok" and dialogue.memory is None and talk.dialogue.remembers(words.ended_s)
        if takes_back and talk.question is not None:
            return _Turn(NEVER_MIND, Plan("ok", None), dialogue)
        if takes_back and talk.before:
            return _Turn(parse, self._house.restore(talk.before), dialogue)
        plan = self._house.plan(parse, words.area, self._reader(words.area))
        if plan.status == "ask" and not plan.choice and dialogue.memory is not None:
            plan = replace(plan, choice=dialogue.memory.choice)
        return _Turn(parse, plan, dialogue)

    def _reader(self, area: str | None) -> Callable[[str], Parse]:
        return lambda text: self._read(text, area)

    def _read(self, text: str, area: str | None) -> Parse:
        return self._parser.parse(text, Context(area=area))

    def _remember(self, talk: _Talk, words: Words, turn: _Turn) -> None:
        """What this turn leaves for the next one; what was not understood or could not be sent leaves nothing."""
        status, dialogue = turn.plan.status, turn.dialogue
        if turn.plan.reason == "negation" and talk.question is not None:
            self._talks[words.speaker] = replace(talk, question=None)  # «не открывай»
        if status in {"rejected", "error"} or turn.plan.reason == "offline":
            return
        if status == "ask":
            dialogue = dialogue.asking(turn.plan.choice)
        question = _Question(turn.parse, words.area, words.answered_s) if status == "confirm" else None
        before = self._house.before(turn.plan) if _acts(turn.parse) else talk.before
        self._talks[words.speaker] = _Talk(dialogue, question, before)

    # --- carrying out ------------------------------------------------------------------------------------------------

    def _carried_out(self, turn: _Turn, area: str | None, now: float) -> Outcome:
        """Set timers, and say what there is to say; the plan's commands are the caller's to send."""
        plan, replies = turn.plan, []
        if plan.status == "ok":
            outcomes = [(each, self._timed(each, turn, area, now)) for each in turn.parse.intents]
            plan = _with_problems(plan, [outcome for _, outcome in outcomes])
            replies = [self._answer(intent, outcome, area, now) for intent, outcome in outcomes]
        replies.insert(0, problem(plan, self._house.inventory))
        return Outcome(turn.parse, plan, " ".join(filter(None, replies)) or None)

    def _timed(self, intent: Intent, turn: _Turn, area: str | None, now: float) -> TimerOutcome | None:
        return self.timers.handle(intent, area, now, wall=self._wall(), confirmed=turn.confirmed)

    def _answer(self, intent: Intent, outcome: TimerOutcome | None, area: str | None, now: float) -> str | None:
        if outcome is not None:
            return timer_reply(intent, outcome, now)
        return answer(intent, self._house, area, self._wall()) if intent.action in QUESTIONS else None


def _may_go_on(intent: Intent) -> bool:
    """Whether a place («включи свет» … «на кухне») or more free words may follow."""
    return intent.here or bool(FREE_TEXT & intent.slots.keys())


def _acts(parse: Parse) -> bool:
    return parse.status == "ok" and any(intent.action not in QUESTIONS for intent in parse.intents)


def _sendable(plan: Plan, *, online: bool) -> Plan:
    return plan if online or not plan.orders else Plan("ok", "offline")


def _with_problems(plan: Plan, outcomes: list[TimerOutcome | None]) -> Plan:
    """A timer that could not be set, or is not there, is a reason too; what else was said is carried out."""
    found = next((outcome.problem for outcome in outcomes if outcome and outcome.problem), None)
    return plan if found is None or plan.reason else replace(plan, reason=found)
