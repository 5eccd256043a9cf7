"""Things from many threads in, one at a time out, the urgent ones first: where everything that happens meets.

The end comes first, then sound in its order, then everything else in its order; of states, which wait longest, only the
newest of each topic is left.
"""

from __future__ import annotations

import queue
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Generic, TypeAlias, TypeVar

from smarthome.events import Event, FileEnded, FileStarted, Frame, Message, SoundLost, Stop

T = TypeVar("T")


class Lane(IntEnum):
    """What is handled in its order; a lower number goes first."""

    STOP = 0
    SOUND = 1
    OTHER = 2


@dataclass(frozen=True, slots=True)
class Latest:
    """Instead of a lane: handled last, and only the newest of those waiting under the same key."""

    key: str


Place: TypeAlias = Lane | Latest


def event_place(event: Event) -> Place:
    """Where an event waits. A ``Stop`` overtakes everything: put it when nothing waiting matters any more."""
    match event:
        case Stop():
            return Lane.STOP
        case Frame() | FileStarted() | FileEnded() | SoundLost():
            return Lane.SOUND
        case Message(state=True, topic=topic):
            return Latest(topic)
    return Lane.OTHER


@dataclass(frozen=True, slots=True)
class Waiting:
    """How long things waited. ``depth`` and ``oldest_s`` are of now, the others since they were last asked for."""

    depth: int
    oldest_s: float
    max_s: float
    p95_s: float


class Inbox(Generic[T]):
    """Any number of threads and signal handlers put, one thread gets.

    ``merge`` makes one of two things that wait under the same key; alone the newer one stays.

    ``queue.SimpleQueue`` underneath may be put to in the middle of its own ``get``, as a signal handler does
    (https://docs.python.org/3/library/queue.html#queue.SimpleQueue.put).
    """

    OLDEST_EVERY = 8
    """Every eighth thing is whatever waits longest, so that nothing waits for ever behind a flood of the urgent."""

    def __init__(
        self,
        place: Callable[[T], Place],
        clock: Callable[[], float] = time.monotonic,
        merge: Callable[[T, T], T] = lambda _old, new: new,
    ) -> None:
        self._place = place
        self._clock = clock
        self._merge = merge
        self._arrivals: queue.SimpleQueue[tuple[float, T]] = queue.SimpleQueue()
        self._lanes: tuple[deque[tuple[float, T]], ...] = tuple(deque() for _ in Lane)
        self._latest: OrderedDict[str, tuple[float, T]] = OrderedDict()
        self._given = 0
        self._waits: deque[float] = deque(maxlen=4096)
        self._max_wait_s = 0.0

    def put(self, item: T) -> None:
        """Never blocks, never fails; from any thread or signal handler."""
        self._arrivals.put((self._clock(), item))

    def get(self, timeout_s: float | None = None) -> T | None:
        """The next thing; None when nothing came within ``timeout_s`` seconds (None: wait for ever)."""
        self._sort_arrivals()
        if not self._depth():
            try:
                self._sort(*self._arrivals.get(timeout=None if timeout_s is None else max(0.0, timeout_s)))
            except queue.Empty:
                return None
            self._sort_arrivals()
        return self._take()

    def measure(self) -> Waiting:
        """For the consumer's thread: how long things waited since the last time this was asked."""
        self._sort_arrivals()
        waits = sorted(self._waits)
        oldest = min((arrived for arrived, _ in self._heads()), default=None)
        result = Waiting(
            depth=self._depth(),
            oldest_s=0.0 if oldest is None else self._clock() - oldest,
            max_s=self._max_wait_s,
            p95_s=waits[int(0.95 * (len(waits) - 1))] if waits else 0.0,
        )
        self._waits.clear()
        self._max_wait_s = 0.0
        return result

    def _sort_arrivals(self) -> None:
        for _ in range(self._arrivals.qsize()):
            self._sort(*self._arrivals.get())

    def _sort(self, arrived: float, item: T) -> None:
        match self._place(item):
            case Latest(key=key):
                # Replaced in its old place, so that a chatty topic is not pushed back for ever.
                first_arrived, waiting = self._latest.get(key, (arrived, None))
                self._latest[key] = (first_arrived, item if waiting is None else self._merge(waiting, item))
            case lane:
                self._lanes[lane].append((arrived, item))

    def _take(self) -> T:
        arrived, item = self._pop()
        wait_s = self._clock() - arrived
        self._waits.append(wait_s)
        self._max_wait_s = max(self._max_wait_s, wait_s)
        return item

    def _pop(self) -> tuple[float, T]:
        if self._lanes[Lane.STOP]:
            return self._lanes[Lane.STOP].popleft()
        self._given += 1
        heads = list(self._heads())
        _, waiting = min(heads, key=lambda head: head[0]) if self._given % self.OLDEST_EVERY == 0 else heads[0]
        if isinstance(waiting, OrderedDict):
            return waiting.popitem(last=False)[1]
        return waiting.popleft()

    def _heads(self) -> Iterator[tuple[float, deque[tuple[float, T]] | OrderedDict[str, tuple[float, T]]]]:
        """When the first of each that holds something arrived; the most urgent first."""
        yield from ((lane[0][0], lane) for lane in self._lanes if lane)
        if self._latest:
            yield next(iter(self._latest.values()))[0], self._latest

    def _depth(self) -> int:
        return len(self._latest) + sum(map(len, self._lanes))
