"""What each device was told and what it says: desired, reported, confirmed.

A command is confirmed when the device echoes it after it was sent; a state from before, or one that the broker had
retained, proves nothing about a device that has died. Later, ``confirmed`` says whether the device still is as wished.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from smarthome.house.attributes import Attributes, Value, awaited, echoes, under_way

MOVING_S = 90.0
"""A gate that says "opening" gets this long to say "open"."""


@dataclass(frozen=True, slots=True)
class Shadow:
    """One device. ``awaited`` is the part of ``desired`` not echoed yet, ``due_at`` the deadline for it.

    ``confirmed`` is None while an echo is awaited and when nothing was ever asked.
    """

    desired: Attributes = field(default_factory=dict)
    awaited: Attributes = field(default_factory=dict)
    reported: Attributes = field(default_factory=dict)
    confirmed: bool | None = None
    available: bool | None = None
    due_at: float | None = None

    def would_change(self, change: Attributes) -> bool | None:
        """Whether a command would change the device as it last reported; None when that cannot be told."""
        wanted = awaited(change, self.reported)
        if not wanted or self.available is False or not wanted.keys() <= self.reported.keys():
            return None
        return not echoes(wanted, self.reported)

    def told(self, change: Attributes, due_at: float) -> Shadow:
        """After a command was sent. A newer wish for the same attribute replaces the one still awaited."""
        wanted = awaited(change, self.reported)
        if not wanted:
            return self
        lasting = {key: value for key, value in wanted.items() if not key.endswith("_step")}
        stepped = {key.removesuffix("_step") for key in wanted if key.endswith("_step")}
        desired = {key: value for key, value in self.desired.items() if key not in stepped} | lasting
        still = self.awaited if self.due_at is not None else {}
        return replace(self, desired=desired, awaited={**still, **wanted}, confirmed=None, due_at=due_at)

    def said(self, attributes: Attributes, now: float, *, retained: bool = False) -> Shadow:
        """After the device reported something of itself; a ``retained`` report may be older than the command."""
        reported: dict[str, Value] = {**self.reported, **attributes}
        if retained:
            return replace(self, reported=reported)
        waiting = {key: value for key, value in self.awaited.items() if not echoes({key: value}, attributes)}
        if waiting:
            due_at = now + MOVING_S if self.due_at is not None and under_way(waiting, attributes) else self.due_at
            return replace(self, reported=reported, awaited=waiting, due_at=due_at)
        agrees = echoes(self.desired, reported) if self.desired and not self.awaited else bool(self.awaited) or None
        return replace(self, reported=reported, awaited={}, confirmed=agrees, due_at=None)

    def expired(self) -> Shadow:
        """After the deadline passed without an echo; one that comes late is still one."""
        return replace(self, confirmed=False, due_at=None)
