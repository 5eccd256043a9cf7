"""Comments of mixed length, batched by length, beside one by one: a BERT-base of the real size, without knowledge."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from smarthome.bench.tasks.jobs import race, run, seconds
from smarthome.errors import FailureError
from smarthome.settings import Settings, load
from smarthome.tasks.registry import KINDS, make_task

WORDS = (
    "заказ пришёл вовремя упаковка целая качество отличное цвет как на фото размер подошёл материал тонкий "
    "молния сломалась продавец отвечает быстро доставка долгая запах неприятный швы ровные советую не беру больше "
    "хорошая плохая нормальная вещь товар куртка платье сумка деньги возврат брак спасибо"
).split()


def bench_sentiment(count: int, rounds: int, seed: int) -> dict[str, object]:
    """``count`` comments of 2 to 200 words, most of them short, in one request, beside a request for each."""
    if "sentiment" not in KINDS:
        raise FailureError("the kind sentiment is not there")
    comments = mixed(count, seed)
    with tempfile.TemporaryDirectory() as folder:
        task = make_task("sentiment", _settings(_bert_base(Path(folder))))
        task.load()
        whole = task.request_type.model_validate({"comments": comments})
        single = [task.request_type.model_validate({"comments": [each]}) for each in comments]
        run(task, single[:2], 1)  # warm-up
        found = race(
            lambda: seconds(lambda: run(task, single, 1)), lambda: seconds(lambda: run(task, [whole], 1)), rounds
        )
        task.unload()
    words = sorted(len(each.split()) for each in comments)
    lengths = {"median": words[len(words) // 2], "longest": words[-1]}
    return {"comments": count, "words": lengths, **found.figures()}


def mixed(count: int, seed: int) -> list[str]:
    """Lengths as reviews have them: log-normal, median 15 words."""
    rng = np.random.default_rng(seed)
    lengths = np.clip(rng.lognormal(np.log(15), 1.0, count).astype(int), 2, 200)
    return [" ".join(rng.choice(WORDS, length)) for length in lengths]


def _settings(model: Path) -> Settings:
    changes: dict[str, dict[str, Any]] = {"sentiment": {"model": str(model)}, "tasks": {"device": "cpu"}}
    return load(None, changes)


def _bert_base(folder: Path) -> Path:
    """The architecture and files of the real model, a small vocabulary of the words above."""
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizer

    entries = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *dict.fromkeys(WORDS)]
    (folder / "vocab.txt").write_text("\n".join(entries) + "\n", encoding="utf-8")
    BertTokenizer(str(folder / "vocab.txt"), do_lower_case=False).save_pretrained(folder)
    labels = {0: "NEUTRAL", 1: "POSITIVE", 2: "NEGATIVE"}
    config = BertConfig(vocab_size=119_547, id2label=labels, label2id={v: k for k, v in labels.items()})
    BertForSequenceClassification(config).save_pretrained(folder)
    return folder
