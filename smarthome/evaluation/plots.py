"""A report as pictures: figures and latencies of every run, confusion matrices."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from smarthome.evaluation.table import NAMES
from smarthome.metrics.libraries import needed


def write_plots(report: Mapping[str, Any], folder: Path) -> list[Path]:
    """Write PNG files into ``folder``, which is made; the files. Raises ConfigurationError without matplotlib."""
    needed("matplotlib")
    import matplotlib as mpl

    mpl.use("Agg")
    folder.mkdir(parents=True, exist_ok=True)
    files = [_figures(report, folder / f"{report['kind']}-figures.png")]
    files.append(_latencies(report, folder / f"{report['kind']}-latency.png"))
    matrices = [run["figures"] for run in report["runs"] if "confusion" in run["figures"]]
    return files + [_confusion(figures, folder / f"{report['kind']}-confusion.png") for figures in matrices]


def _figures(report: Mapping[str, Any], file: Path) -> Path:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 3.5), layout="constrained")
    axes = figure.subplots()
    keys = [key for key in NAMES if any(key in run["figures"] for run in report["runs"])]
    width = 0.8 / len(report["runs"])
    for place, run in enumerate(report["runs"]):
        values = [run["figures"].get(key, 0.0) / (100 if key == "bleu" else 1) for key in keys]
        bars = axes.bar([x + place * width for x in range(len(keys))], values, width, label=run["name"] or None)
        axes.bar_label(bars, fmt="%.2f")
    axes.set_xticks([x + width * (len(report["runs"]) - 1) / 2 for x in range(len(keys))])
    axes.set_xticklabels([NAMES[key].replace(" (0–100)", " / 100") for key in keys])
    axes.set_title(f"{report['kind']}, {report['examples']} examples")
    if len(report["runs"]) > 1:
        axes.legend()
    figure.savefig(file, dpi=120)
    return file


def _latencies(report: Mapping[str, Any], file: Path) -> Path:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 3.5), layout="constrained")
    axes = figure.subplots()
    for run in report["runs"]:
        if run["latencies_ms"]:
            axes.hist(run["latencies_ms"], bins=30, alpha=0.6, label=run["name"] or None)
            axes.axvline(run["latency_ms"]["median"], linestyle="--", color="black", linewidth=1)
    axes.set_xlabel("ms an answer (dashed: median)")
    axes.set_ylabel("answers")
    axes.set_title(f"{report['kind']} on {report['device']}")
    if len(report["runs"]) > 1:
        axes.legend()
    figure.savefig(file, dpi=120)
    return file


def _confusion(figures: Mapping[str, Any], file: Path) -> Path:
    import numpy as np
    from matplotlib.figure import Figure
    from sklearn.metrics import ConfusionMatrixDisplay

    figure = Figure(figsize=(4.5, 4), layout="constrained")
    display = ConfusionMatrixDisplay(np.array(figures["confusion"]), display_labels=figures["labels"])
    display.plot(ax=figure.subplots(), colorbar=False, cmap="Blues")
    figure.savefig(file, dpi=120)
    return file
