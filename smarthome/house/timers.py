"""Timer intents in, timers out: kitchen timers and delayed commands, in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from smarthome.intents import Action, Intent, Slot

LONGEST_S = 24 * 3600 * 7
MOST = 100
_UNITS = {"hours": 3600, "minutes": 60, "seconds": 1}
_DAYS = {"today": 0, "tomorrow": 1, "after_tomorrow": 2}
_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class Timer:
    """A running timer ends at ``ends_at``; a paused one has ``left_s`` instead.

    ``command`` is said when it ends; ``confirmed``: a yes was said to it when it was set.
    """

    id: int
    total_s: float
    ends_at: float | None
    left_s: float | None = None
    name: str | None = None
    area: str | None = None
    command: str | None = None
    confirmed: bool = False

    def remaining_s(self, now: float) -> float:
        """Seconds to go."""
        return self.left_s if self.ends_at is None else max(0.0, self.ends_at - now)  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class TimerOutcome:
    """What an intent did: the timers it touched, or ``problem``: no_timer, no_duration, too_many_timers."""

    timers: tuple[Timer, ...] = ()
    problem: str | None = None


def duration_s(slots: Mapping[str, Slot], prefix: str = "") -> float:
    """Hours, minutes and seconds among the slots, as seconds; 0 when there are none."""
    return sum(float(slots[prefix + unit]) * size for unit, size in _UNITS.items() if prefix + unit in slots)


def wait_s(slots: Mapping[str, Slot], wall: datetime) -> float:
    """Seconds from ``wall`` to the ``time`` (HH:MM) and ``day`` of the slots; a time that is past means the next day.

    With ``hour_cycle`` «h12» and no day it is the next such time on the dial, in the morning or in the evening. The day
    on which clocks change is taken for one of 24 hours.
    """
    hours, minutes = (int(part) for part in str(slots["time"]).split(":"))
    day = str(slots.get("day", "today"))
    ahead = (_WEEK.index(day) - wall.weekday()) % 7 if day in _WEEK else _DAYS[day]
    first = wall.replace(hour=hours, minute=minutes, second=0, microsecond=0) + timedelta(days=ahead)
    times = [first]
    if slots.get("hour_cycle") == "h12" and ahead == 0:
        times.append(first + timedelta(hours=12 if hours < 12 else -12))
    again = timedelta(days=7 if day in _WEEK else 1)
    return min((time if time > wall else time + again) - wall for time in times).total_seconds()


class Timers:
    """All running and paused timers of a site. Pure: time is handed in."""

    def __init__(self) -> None:
        self._timers: dict[int, Timer] = {}
        self._last_id = 0

    def __len__(self) -> int:
        """How many there are."""
        return len(self._timers)

    @property
    def next_deadline(self) -> float | None:
        """When the next timer ends."""
        return min((t.ends_at for t in self._timers.values() if t.ends_at is not None), default=None)

    def ended(self, now: float) -> tuple[Timer, ...]:
        """Take out the timers that have ended, the earliest first."""
        due = [t for t in self._timers.values() if t.ends_at is not None and t.ends_at <= now]
        for timer in due:
            del self._timers[timer.id]
        return tuple(sorted(due, key=lambda timer: timer.ends_at or 0))

    def handle(
        self, intent: Intent, area: str | None, now: float, *, wall: datetime | None = None, confirmed: bool = False
    ) -> TimerOutcome | None:
        """Carry out a timer intent; None when it is none. ``wall`` is the local time that ``now`` is."""
        match intent.action:
            case Action.START_TIMER:
                total = wait_s(intent.slots, wall) if wall and "time" in intent.slots else duration_s(intent.slots)
                return self._start(intent.slots, area, now, total, confirmed=confirmed)
            case Action.CANCEL_ALL_TIMERS:
                gone, self._timers = tuple(self._timers.values()), {}
                return TimerOutcome(gone, None if gone else "no_timer")
            case Action.TIMER_STATUS:
                found = self._select(intent.slots)
                return TimerOutcome(found, None if found else "no_timer")
            case (
                Action.CANCEL_TIMER
                | Action.PAUSE_TIMER
                | Action.RESUME_TIMER
                | Action.INCREASE_TIMER
                | Action.DECREASE_TIMER
            ):
                return self._change(intent, area, now)
        return None

    def _start(
        self, slots: Mapping[str, Slot], area: str | None, now: float, total: float, *, confirmed: bool
    ) -> TimerOutcome:
        if not 0 < total <= LONGEST_S:
            return TimerOutcome(problem="no_duration")
        if len(self._timers) >= MOST:
            return TimerOutcome(problem="too_many_timers")
        self._last_id += 1
        name, command = slots.get("name"), slots.get("conversation_command")
        timer = Timer(
            self._last_id,
            total,
            now + total,
            name=None if name is None else str(name),
            area=area,
            command=None if command is None else str(command),
            confirmed=confirmed,
        )
        self._timers[timer.id] = timer
        return TimerOutcome((timer,))

    def _select(self, slots: Mapping[str, Slot]) -> tuple[Timer, ...]:
        """Timers that fit the name, command and first length spoken of, the one that ends first in front."""
        name, total, command = slots.get("name"), duration_s(slots, "start_"), slots.get("conversation_command")
        fitting = [
            timer
            for timer in self._timers.values()
            if (name is None or (timer.name or "").casefold() == str(name).casefold())
            and (not total or timer.total_s == total)
            and (command is None or timer.command == command)
        ]
        return tuple(sorted(fitting, key=lambda timer: (timer.ends_at is None, timer.ends_at or 0, timer.id)))

    def _change(self, intent: Intent, area: str | None, now: float) -> TimerOutcome:
        found = self._select(intent.slots)
        near = tuple(timer for timer in found if timer.area == area)
        if not found:
            return TimerOutcome(problem="no_timer")
        timer = (near or found)[0]
        after = _changed(timer, intent, now)
        if after is None:
            del self._timers[timer.id]
            return TimerOutcome((timer,))
        self._timers[timer.id] = after
        return TimerOutcome((after,))


def _changed(timer: Timer, intent: Intent, now: float) -> Timer | None:
    """The timer after the intent; None when it is gone."""
    left = timer.remaining_s(now)
    amount = duration_s(intent.slots)
    match intent.action:
        case Action.PAUSE_TIMER:
            return replace(timer, ends_at=None, left_s=left)
        case Action.RESUME_TIMER:
            return replace(timer, ends_at=now + left, left_s=None)
        case Action.INCREASE_TIMER | Action.DECREASE_TIMER:
            left = max(0.0, left + (amount if intent.action is Action.INCREASE_TIMER else -amount))
            return replace(timer, left_s=left) if timer.ends_at is None else replace(timer, ends_at=now + left)
    return None
