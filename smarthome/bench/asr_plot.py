"""Figures of ``bench asr`` in, a picture out: word errors and seconds by condition."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from smarthome.bench.asr_figures import Group, SideFigures
from smarthome.errors import ConfigurationError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_BAR = 0.4


def check_plot(path: Path | None) -> None:
    """Raise ConfigurationError when ``path`` could not be drawn: better now than after all the measuring."""
    if path is None:
        return
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415 (of the extra `dev`)
    except ImportError:
        raise ConfigurationError("pictures are drawn by matplotlib: pip install 'smarthome[dev]'") from None
    known = Figure().canvas.get_supported_filetypes()
    if path.suffix.removeprefix(".") not in known:
        raise ConfigurationError(f"{path}: cannot be drawn; its name may end in {', '.join(sorted(known))}")


def write_plot(path: Path, groups: Sequence[Group]) -> None:
    """Bars of both sides, errors with their intervals above, medians and p95 below."""
    from matplotlib.figure import Figure  # noqa: PLC0415 (of the extra `dev`)

    figure = Figure(figsize=(max(7.0, 1.2 * len(groups)), 7.0), layout="constrained")
    errors, times = figure.subplots(2, 1, sharex=True)
    _bars(errors, groups, lambda side: (100 * side.wer.value, 100 * side.wer.low, 100 * side.wer.high))
    errors.set_ylabel("word error rate, % (95 % interval)")
    _bars(times, groups, lambda side: (side.median_s, side.median_s, side.p95_s))
    times.set_ylabel("seconds a clip: median, p95")
    times.set_xticks(range(len(groups)), [f"{g.set}\n{g.condition}\nbeam {g.beam}" for g in groups])
    errors.legend()
    try:
        figure.savefig(path)
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be written: {error.strerror}") from None


def _bars(axes: Axes, groups: Sequence[Group], show: Callable[[SideFigures], tuple[float, float, float]]) -> None:
    """``show`` gives the height of a side's bar, and the ends of the line on it."""
    for offset, sides in ((-_BAR / 2, [g.ours for g in groups]), (_BAR / 2, [g.peer for g in groups])):
        shown = [show(side) for side in sides]
        heights = [height for height, _, _ in shown]
        ends = [[max(0.0, h - low) for h, low, _ in shown], [max(0.0, high - h) for h, _, high in shown]]
        places = [place + offset for place in range(len(sides))]
        axes.bar(places, heights, _BAR, yerr=ends, capsize=3, label=sides[0].name)
    axes.grid(axis="y", alpha=0.3)
