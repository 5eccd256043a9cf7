"""Filled rules in, timers out: «через час выключи телевизор» is a timer that says a command when it ends."""

from __future__ import annotations

from collections.abc import Sequence

from smarthome.intents import Action, Intent, Slot
from smarthome.russian.frames import Frame
from smarthome.russian.mentions import Mention
from smarthome.russian.spoken import Spoken


def timer(frames: Sequence[Frame], mentions: Sequence[Mention], spoken: Spoken) -> Intent:
    """The timer for commands that share one delay; its ``conversation_command`` are the words to be said later."""
    when = frames[0].when
    begin = max(mention.end for mention in when)
    own = [mention for frame in frames for mention in frame.mentions]
    first, last = min(mention.start for mention in own), max(mention.end for mention in own)
    if first >= begin:
        command = spoken.words([mention for mention in mentions if mention.start >= first and mention.end <= last])
    else:
        command = " и ".join(_words(frame, spoken) for frame in frames)
    return Intent(Action.START_TIMER, {**_slots(when), "conversation_command": command})


def sensible(when: Sequence[Mention]) -> bool:
    """Whether this is one point in time: a wait, or a time of day, on some day."""
    waits, clocks = sum(each.wait is not None for each in when), sum(each.clock is not None for each in when)
    days = sum(each.day is not None for each in when)
    return (waits, clocks, days) in {(1, 0, 0), (0, 1, 0), (0, 1, 1)}


def _slots(when: Sequence[Mention]) -> dict[str, Slot]:
    slots: dict[str, Slot] = {}
    for mention in when:
        if mention.wait:
            slots |= mention.wait.slots()
        elif mention.clock:
            slots |= mention.clock.slots()
        elif mention.day:
            slots["day"] = mention.day
    return slots


def _words(frame: Frame, spoken: Spoken) -> str:
    """As spoken; with words from elsewhere in the sentence, or an earlier one, the verb comes first."""
    mentions = [mention for mention in frame.mentions if not mention.sign("filler")]
    starts = [mention.start for mention in mentions]
    if starts == sorted(starts) and frame.when[0].start < starts[0]:
        return spoken.words(mentions)
    verbs = [mention for mention in mentions if mention.verbs]
    rest = sorted((mention for mention in mentions if not mention.verbs), key=lambda mention: mention.start)
    return f"{spoken.words(verbs)} {spoken.words(rest)}".strip()
