"""A report as people read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Group
from rich.table import Table

NAMES = {
    "accuracy": "accuracy",
    "f1_macro": "F1, macro",
    "rouge1": "ROUGE-1",
    "rouge2": "ROUGE-2",
    "rougeL": "ROUGE-L",
    "bleu": "BLEU (0–100)",
    "within_limit": "variants within the limit",
    "wer": "WER",
    "cer": "CER",
    "top1": "top-1",
    "top3": "top-3",
    "top5": "top-5",
}


def tables(report: Mapping[str, Any]) -> Group:
    """Figures and costs, a column for each run; for classes their F1 and the confusion matrix too."""
    parts = [_overview(report)]
    for run in report["runs"]:
        if "confusion" in run["figures"]:
            parts += [_confusion(run["figures"])]
        if run["failures"]:
            parts += [_failures(run)]
    return Group(*parts)


def _overview(report: Mapping[str, Any]) -> Table:
    runs = report["runs"]
    table = Table("", title=f"{report['kind']}: {report['model']} on {report['device']}")
    for run in runs:
        table.add_column(run["name"], justify="right")
    for key, name in NAMES.items():
        if any(key in run["figures"] for run in runs):
            table.add_row(name, *(_figure(run["figures"].get(key)) for run in runs))
    table.add_section()
    table.add_row("examples answered", *(f"{run['answered']} of {report['examples']}" for run in runs))
    table.add_row("errors", *(", ".join(f"{n} {code}" for code, n in run["errors"].items()) or "—" for run in runs))
    for key, name in (("median", "latency, median"), ("p95", "latency, 95 %")):
        table.add_row(name, *(f"{run['latency_ms'][key]:.1f} ms" if run["latency_ms"] else "—" for run in runs))
    table.add_row("answers a second, one by one", *(_figure(run["per_second"], 1) for run in runs))
    table.add_row("peak memory, with loading", *(f"{run['peak_ram_mb']:.0f} MB" for run in runs))
    table.add_row("processor (100 %: one core)", *(f"{run['cpu_percent']:.0f} %" for run in runs))
    table.add_row("peak GPU memory", *(_with(run["peak_gpu_mb"], "MB") for run in runs))
    table.add_row("GPU", *(_with(run["gpu_percent"], "%") for run in runs))
    table.caption = f"loading took {report['load_s']:.1f} s, which no latency contains; nor do they the warm-up"
    return table


def _confusion(figures: Mapping[str, Any]) -> Table:
    table = Table("truth \\ answer", *figures["labels"], "precision", "recall", "F1")
    for label, row in zip(figures["labels"], figures["confusion"], strict=True):
        about = figures["classes"][label]
        table.add_row(label, *map(str, row), *(f"{about[key]:.3f}" for key in ("precision", "recall", "f1")))
    return table


def _failures(run: Mapping[str, Any]) -> Table:
    table = Table("example", "error", "message", title=f"{sum(run['errors'].values())} without an answer")
    for each in run["failures"]:
        table.add_row(each["example"], each["code"], each["message"])
    return table


def _figure(value: float | None, digits: int = 3) -> str:
    return "—" if value is None else f"{value:.{digits}f}"


def _with(value: float | None, unit: str) -> str:
    return "—" if value is None else f"{value:.0f} {unit}"
