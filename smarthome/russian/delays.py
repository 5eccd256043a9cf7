"""Filled rules in, timers out: «через час выключи телевизор» is a timer that says a command when it ends."""

from __future__ import annotations

from collections.abc import Sequence

from smarthome.intents import Action, Intent
from smarthome.russian.frames import Frame
from smarthome.russian.mentions import Mention
from smarthome.russian.spoken import Spoken


def timer(frames: Sequence[Frame], mentions: Sequence[Mention], spoken: Spoken) -> Intent:
    """The timer for commands that share one delay; its ``conversation_command`` are the words to be said later."""
    delay = frames[0].delay
    if delay is None or delay.duration is None:
        raise ValueError("frames without a delay")
    following = [mention for mention in mentions if mention.start >= delay.end]
    own = {id(mention) for frame in frames for mention in frame.mentions}
    last = max(mention.end for frame in frames for mention in frame.mentions)
    rest = [mention for mention in following if not mention.sign("filler", "joint") or mention.end < last]
    if own <= {id(mention) for mention in following} and rest and rest[-1].end == last:
        command = spoken.words(_trim(rest))
    else:
        command = " и ".join(spoken.words(_in_order(frame)) for frame in frames)
    return Intent(Action.START_TIMER, {**delay.duration.slots(), "conversation_command": command})


def _trim(mentions: Sequence[Mention]) -> Sequence[Mention]:
    start = next(place for place, mention in enumerate(mentions) if not mention.sign("filler", "joint"))
    return mentions[start:]


def _in_order(frame: Frame) -> Sequence[Mention]:
    """As spoken; with words from elsewhere in the sentence the verb comes first."""
    starts = [mention.start for mention in frame.mentions]
    if starts == sorted(starts) and frame.delay and frame.delay.start < starts[0]:
        return frame.mentions
    return sorted(frame.mentions, key=lambda mention: (not mention.verbs, mention.start))
