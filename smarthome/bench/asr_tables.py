"""Figures of ``bench asr`` in, tables for people out."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group as Lines
from rich.table import Table
from rich.text import Text

from smarthome.bench.asr import Comparison, Trial, about
from smarthome.bench.asr_figures import SHORT_S, Group, groups
from smarthome.bench.asr_words import Interval
from smarthome.bench.tables import plain_table

WIDTH = 150


def asr_table(comparison: Comparison) -> Lines:
    """Errors, then times, ours (left) beside the peer's (right), a line for each beam, set and condition."""
    ours, peer = (side.name for side in comparison.trials[0].sides)
    found = groups(comparison)
    where = about(comparison)
    return Lines(
        Text(f"left: {ours}; right: {peer}; {where['packages']}"),
        Text(f"{where['machine']}, load average {where['load_average']}"),
        _errors(found),
        Text("WER in % [95 % interval]; more: ours less the peer's; run-ons: texts that repeat words three times"),
        _times(found),
        Text(f"ratio: the peer's median by ours; short: clips under {SHORT_S:g} s; rtf: seconds for a second of sound"),
        _memory(comparison.trials),
    )


def stages_table(comparison: Comparison) -> Table:
    """Seconds in the encoder and in the decoder, medians, and how often each was called for a clip."""
    table = plain_table("side", "beam", "encoder s", "decoder s", "all s", "encodings", "decodings", "tokens")
    for trial in comparison.trials:
        for group in (each for each in groups(comparison) if each.beam == trial.beam):
            for side in (group.ours, group.peer):
                stages = [each.stages for each in trial.hearings if each.side == side.name]
                calls = (f"{max(s.get(k, 0) for s in stages):g}" for k in ("encodings", "decodings", "generated"))
                seconds = (f"{value:.3f}" for value in (side.encoder_s, side.decoder_s, side.median_s))
                table.add_row(side.name, str(trial.beam), *seconds, *calls)
    return table


def _errors(found: Sequence[Group]) -> Table:
    table = _table("WER", "WER", "more", "exact %", "fallbacks", "run-ons")
    for group in found:
        ours, peer = group.ours, group.peer
        table.add_row(
            *_what(group),
            _percent(ours.wer),
            _percent(peer.wer),
            _percent(group.more_errors, signed=True),
            f"{100 * ours.exact:.1f} / {100 * peer.exact:.1f}",
            f"{ours.fallbacks} / {peer.fallbacks}",
            f"{ours.run_ons} / {peer.run_ons}",
        )
    return table


def _times(found: Sequence[Group]) -> Table:
    table = _table("median s", "p95 s", "ratio", "ratio short", "short n", "rtf")
    for group in found:
        ours, peer = group.ours, group.peer
        table.add_row(
            *_what(group),
            f"{ours.median_s:.3f} / {peer.median_s:.3f}",
            f"{ours.p95_s:.3f} / {peer.p95_s:.3f}",
            f"{group.ratio:.2f}",
            "–" if group.short_ratio is None else f"{group.short_ratio:.2f}",
            str(group.short_n),
            f"{ours.rtf:.3f} / {peer.rtf:.3f}",
        )
    return table


def _memory(trials: Sequence[Trial]) -> Text:
    shown = (
        f"beam {trial.beam}: " + ", ".join(f"{name} {held:.0f} MB" for name, held in trial.peak_mb.items())
        for trial in trials
    )
    return Text("peak memory, " + "; ".join(shown))


def _table(*columns: str) -> Table:
    return plain_table("set", "condition", "beam", "n", *columns)


def _what(group: Group) -> tuple[str, str, str, str]:
    return group.set, group.condition, str(group.beam), str(group.n)


def _percent(interval: Interval, *, signed: bool = False) -> str:
    sign = "+" if signed else ""
    value, low, high = (f"{100 * each:{sign}.1f}" for each in (interval.value, interval.low, interval.high))
    return f"{value} [{low}, {high}]"
