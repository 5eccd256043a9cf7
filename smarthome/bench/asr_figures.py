"""Hearings in, the figures of each set, condition and beam out."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from smarthome.bench.asr import Comparison, Hearing, Trial, about
from smarthome.bench.asr_words import Interval, difference, error_rate, runs_on
from smarthome.metrics.speech import plain

SHORT_S = 5.0
"""Commands are shorter than this."""


@dataclass(frozen=True, slots=True)
class SideFigures:
    """One side in one group. ``rtf``: seconds computed for a second of sound; ``run_ons``: texts that repeat."""

    name: str
    wer: Interval
    exact: float
    median_s: float
    p95_s: float
    rtf: float
    fallbacks: int
    run_ons: int
    encoder_s: float
    decoder_s: float


@dataclass(frozen=True, slots=True)
class Group:
    """Both sides on the same ``n`` clips. ``ratio``: how many times longer the peer's median is than ours.

    ``more_errors`` is our error rate less the peer's. ``short_n`` clips are shorter than ``SHORT_S``.
    """

    set: str
    condition: str
    beam: int
    n: int
    words: int
    short_n: int
    ours: SideFigures
    peer: SideFigures
    more_errors: Interval
    ratio: float
    short_ratio: float | None


def groups(comparison: Comparison) -> list[Group]:
    """By beam, then set, then condition, in the order they were heard."""
    return [group for trial in comparison.trials for group in _groups(trial, comparison.seed)]


def figures(comparison: Comparison) -> dict[str, object]:
    """Everything, ready for JSON."""
    trials = comparison.trials
    return {
        **about(comparison),
        "seed": comparison.seed,
        "peak_mb": {str(trial.beam): trial.peak_mb for trial in trials},
        "load_s": {str(trial.beam): trial.load_s for trial in trials},
        "groups": [asdict(group) for group in groups(comparison)],
        "hearings": [asdict(hearing) for trial in trials for hearing in trial.hearings],
    }


def _groups(trial: Trial, seed: int) -> Iterator[Group]:
    ours_name, peer_name = (side.name for side in trial.sides)
    for set_, condition in dict.fromkeys((each.set, each.condition) for each in trial.hearings):
        here = [each for each in trial.hearings if (each.set, each.condition) == (set_, condition)]
        ours, peers = ([each for each in here if each.side == name] for name in (ours_name, peer_name))
        words = [each.words for each in ours]
        yield Group(
            set=set_,
            condition=condition,
            beam=trial.beam,
            n=len(ours),
            words=sum(words),
            short_n=sum(each.audio_s < SHORT_S for each in ours),
            ours=_side(ours_name, ours, seed),
            peer=_side(peer_name, peers, seed),
            more_errors=difference([each.edits for each in ours], [each.edits for each in peers], words, seed),
            ratio=_median(peers) / _median(ours),
            short_ratio=_short_ratio(ours, peers),
        )


def _side(name: str, hearings: Sequence[Hearing], seed: int) -> SideFigures:
    took_s = sorted(each.took_s for each in hearings)
    return SideFigures(
        name=name,
        wer=error_rate([each.edits for each in hearings], [each.words for each in hearings], seed),
        exact=sum(plain(each.text) == plain(each.reference) for each in hearings) / len(hearings),
        median_s=statistics.median(took_s),
        p95_s=took_s[-(-95 * len(took_s) // 100) - 1],
        rtf=sum(took_s) / sum(each.audio_s for each in hearings),
        fallbacks=sum(each.fallbacks for each in hearings),
        run_ons=sum(runs_on(each.reference, each.text) for each in hearings),
        encoder_s=statistics.median(each.stages.get("encoder_s", 0.0) for each in hearings),
        decoder_s=statistics.median(each.stages.get("decoder_s", 0.0) for each in hearings),
    )


def _median(hearings: Sequence[Hearing]) -> float:
    return statistics.median(each.took_s for each in hearings)


def _short_ratio(ours: Sequence[Hearing], peers: Sequence[Hearing]) -> float | None:
    short = [[each for each in side if each.audio_s < SHORT_S] for side in (ours, peers)]
    return _median(short[1]) / _median(short[0]) if short[0] else None
