"""Packets of a video in, which of them to decode for the wanted moments out. Pure; nothing is decoded here.

A packet is a frame, in the order of decoding. Frame types and times come with it, so that reading (not decoding) the
packets is enough to know every frame's time, and the key frame from which it can be reached.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple


class Packet(NamedTuple):
    """One coded frame: when it is shown and decoded (in units of the stream's time base), whether it stands alone."""

    pts: int
    dts: int
    key: bool


class Run(NamedTuple):
    """Decode the packets ``first`` to ``last`` (places in decoding order), and keep the frames shown at ``wanted``."""

    first: int
    last: int
    wanted: frozenset[int]


def uniform(packets: Sequence[Packet], count: int) -> list[int]:
    """Times of ``count`` frames, evenly spaced in time from the first frame to the last.

    Times, not numbers: where the frame rate varies, evenly numbered frames are not evenly spaced. Of few frames some
    are taken more than once.
    """
    shown = sorted(packet.pts for packet in packets)
    span = shown[-1] - shown[0]
    return [_nearest(shown, shown[0] + span * step / max(1, count - 1)) for step in range(count)]


def clips(packets: Sequence[Packet], count: int, pieces: int, step: float) -> list[int]:
    """Times of ``pieces`` clips of ``count`` frames each, ``step`` units apart, the clips evenly over the video."""
    shown = sorted(packet.pts for packet in packets)
    latest = max(float(shown[0]), shown[-1] - step * (count - 1))
    starts = [shown[0] + (latest - shown[0]) * (piece + 0.5) / pieces for piece in range(pieces)]
    return [_nearest(shown, start + step * number) for start in starts for number in range(count)]


def runs(packets: Sequence[Packet], times: Sequence[int]) -> list[Run]:
    """The fewest packets that lead to the frames at these times: for each from the key frame before it up to it."""
    keys = [place for place, packet in enumerate(packets) if packet.key]
    places = {packet.pts: place for place, packet in enumerate(packets)}
    wanted = sorted((_key(packets, keys, places[time]), places[time]) for time in set(times))
    return [
        Run(first, group[-1][1], frozenset(packets[place].pts for _, place in group))
        for first, group in ((first, list(each)) for first, each in groupby(wanted, key=lambda pair: pair[0]))
    ]


def _key(packets: Sequence[Packet], keys: Sequence[int], place: int) -> int:
    """The key frame to start at; one that is shown later than the frame does not lead to it (open groups)."""
    at = bisect_left(keys, place + 1) - 1
    while at > 0 and packets[keys[at]].pts > packets[place].pts:
        at -= 1
    return keys[at] if at >= 0 else 0


def _nearest(shown: Sequence[int], time: float) -> int:
    after = bisect_left(shown, time)
    around = shown[max(0, after - 1) : after + 1]
    return min(around, key=lambda each: abs(each - time))
