"""The table of what can be evaluated: how each kind's examples are read, and which figures its answers give."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from smarthome.datasets import examples
from smarthome.datasets.examples import LABELS
from smarthome.evaluation.example import Dataset, Example, Measure, Result
from smarthome.evaluation.folders import classified, common_root
from smarthome.metrics import classes, shortening, speech
from smarthome.tasks.shorten import SMALLEST
from smarthome.tasks.shortening.lengths import length

TOP_IMAGE = (1, 5)
TOP_VIDEO = (1, 3)


def _comments(data: Path) -> Dataset:
    rows = examples.comments(data)
    return Dataset([Example(f"{number}", {"comments": [row.text]}, row.label) for number, row in enumerate(rows, 1)])


def _judged(given: Sequence[Example], results: Sequence[Result]) -> dict[str, object]:
    answers = [str(result["comments"][0]["label"]) for result in results]
    return classes.report([example.truth for example in given], answers, LABELS)


def _texts(data: Path) -> Dataset:
    """The limit is the row's, else the length of its own short form, as far as that is a sensible one."""
    rows = examples.summaries(data)
    return Dataset(
        [
            Example(f"{number}", {"text": row.text, "max_chars": row.max_chars or _limit(row.summary)}, row.summary)
            for number, row in enumerate(rows, 1)
        ]
    )


def _limit(summary: str) -> int:
    return max(SMALLEST, length(summary))


def _shortened(given: Sequence[Example], results: Sequence[Result]) -> dict[str, object]:
    """The first variant beside the short form of a person; all variants beside the limit."""
    variants = [[str(each["text"]) for each in result["variants"]] for result in results]
    within = [
        length(text) <= int(str(example.request["max_chars"]))
        for example, texts in zip(given, variants, strict=True)
        for text in texts
    ]
    references, firsts = [example.truth for example in given], [texts[0] for texts in variants]
    share = {"within_limit": sum(within) / len(within)}
    return shortening.rouge(references, firsts) | shortening.bleu(references, firsts) | share


def _recordings(data: Path) -> Dataset:
    rows = examples.speeches(data)
    root = common_root([row.file for row in rows])
    files = [str(row.file.resolve().relative_to(root)) for row in rows]
    return Dataset(
        [Example(file, {"path": file}, row.text) for file, row in zip(files, rows, strict=True)],
        root,
    )


def _heard(given: Sequence[Example], results: Sequence[Result]) -> dict[str, object]:
    return dict(speech.error_rates([example.truth for example in given], [str(result["text"]) for result in results]))


def _seen(guesses: str, ks: Sequence[int], given: Sequence[Example], results: Sequence[Result]) -> dict[str, object]:
    answers = [{str(guess["index"]): float(guess["probability"]) for guess in result[guesses]} for result in results]
    return dict(classes.top_k([example.truth for example in given], answers, ks))


MEASURES = {
    measure.kind: measure
    for measure in (
        Measure("sentiment", _comments, _judged, "sentiment.model"),
        Measure("shorten", _texts, _shortened, "shorten.model"),
        Measure("transcribe", _recordings, _heard, "whisper.model"),
        Measure("image", partial(classified, classes="imagenet"), partial(_seen, "top5", TOP_IMAGE), "image.weights"),
        Measure(
            "video",
            partial(classified, classes="kinetics400"),
            partial(_seen, "actions", TOP_VIDEO),
            "video.weights",
            {name: {"sampling": name} for name in ("uniform", "clips")},
        ),
    )
}
