"""Mute and the house's own sound in, whether a frame may be heard out. Pure: times are handed in, in seconds."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

from smarthome.settings import OutputSettings

Closed: TypeAlias = Literal["muted", "output"]
"""Why a frame may not be heard."""


class _Playing(NamedTuple):
    since: float
    until: float


class Gate:
    """Half-duplex: while anything of the house's own plays, and for ``tail_ms`` after it, nobody is listened to.

    An output that never tells its end is taken to have ended after ``longest_s``.
    """

    def __init__(self, settings: OutputSettings) -> None:
        self.muted = False
        self._tail_s = settings.tail_ms / 1000
        self._longest_s = settings.longest_s
        self._playing: dict[str, _Playing] = {}
        self._echo_until = float("-inf")

    def output_started(self, output: str, at: float) -> None:
        """This plays from now on; said again while it plays, it may last ``longest_s`` from now."""
        before = self._playing.get(output)
        self._playing[output] = _Playing(before.since if before else at, at + self._longest_s)

    def output_ended(self, output: str, at: float) -> None:
        """This has ended; nothing happens when it was not known to play."""
        if self._playing.pop(output, None) is not None:
            self._echo_until = max(self._echo_until, at + self._tail_s)

    def overdue(self, at: float) -> tuple[str, ...]:
        """What should have ended by now, once; it is not waited for any longer."""
        if not self._playing:
            return ()
        late = tuple(output for output, playing in self._playing.items() if at > playing.until)
        for output in late:
            del self._playing[output]
        return late

    def closed(self, at: float) -> Closed | None:
        """Why a frame captured at this time may not be heard; None when it may."""
        if self.muted:
            return "muted"
        if at <= self._echo_until or any(playing.since <= at for playing in self._playing.values()):
            return "output"
        return None
