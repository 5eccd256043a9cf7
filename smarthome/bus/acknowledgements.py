"""What was sent in, what the broker still owes an answer out."""

from __future__ import annotations

import time
from collections import deque

from paho.mqtt.client import MQTTMessageInfo


class Acknowledgements:
    """The messages of one connection that the broker has not acknowledged. Any thread adds, one checks."""

    def __init__(self) -> None:
        self._owed: deque[tuple[float, str, MQTTMessageInfo]] = deque()

    def __len__(self) -> int:
        """How many there are, at most."""
        return len(self._owed)

    def expect(self, sent_at: float, topic: str, info: MQTTMessageInfo) -> None:
        """A message was sent at ``sent_at`` on the monotonic clock."""
        self._owed.append((sent_at, topic, info))

    def oldest(self) -> float | None:
        """When the oldest of them was sent; None when there is none."""
        while self._owed and self._owed[0][2].is_published():
            self._owed.popleft()
        return self._owed[0][0] if self._owed else None

    def wait(self, timeout_s: float) -> bool:
        """Wait in another thread until all that is owed now has come; False when it has not in time."""
        deadline = time.monotonic() + timeout_s
        infos = [info for _, _, info in list(self._owed)]
        for info in infos:
            info.wait_for_publish(max(0.0, deadline - time.monotonic()))
        return all(info.is_published() for info in infos)

    def topic(self, mid: int) -> str:
        """Where the message with paho's number ``mid`` was going."""
        return next((topic for _, topic, info in list(self._owed) if info.mid == mid), "a topic")
