"""A plan in, a trained model in its directory out, with figures before and after.

rows ─ held-out part ─► measure ─► transformers' Trainer ─► measure ─► merge ─► save
"""

from __future__ import annotations

import random
import shutil
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from smarthome.datasets.examples import comments, summaries
from smarthome.errors import ConfigurationError
from smarthome.finetuning.folder import Folder
from smarthome.finetuning.plan import Plan
from smarthome.finetuning.recordings import short_speeches
from smarthome.finetuning.subject import Subject
from smarthome.metrics.libraries import needed

T = TypeVar("T")

READERS: dict[str, Callable[[Path], list[Any]]] = {
    "sentiment": comments,
    "shorten": summaries,
    "transcribe": short_speeches,
}
"""Kind → rows of a file. They raise ConfigurationError."""

HELD_OUT = 10
"""Without a file of its own every so many-th example is for the evaluation."""
SAVE_STEPS = 500


def finetune(plan: Plan, console: Console, *, resume: bool = False) -> dict[str, Any]:
    """Train as planned; the record with ``before``, ``after``, ``steps``, as in ``finetune.json``.

    Raises ConfigurationError for bad rows, an unusable model or directory.
    """
    needed("accelerate", extra="finetune")
    needed("sklearn", "jiwer", "rouge_score", "sacrebleu")
    rows = READERS[plan.kind](plan.data)
    training, held_out = (rows, READERS[plan.kind](plan.test)) if plan.test else split(rows, plan)
    folder = Folder(plan.out)
    record = folder.begin(plan, resume=resume)
    if "after" in record:
        console.print("nothing is left to do")
        return record
    subject = open_subject(plan)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=console) as progress:
        trainer = _trainer(plan, subject, folder, training, progress)
        if "before" not in record:
            record |= {"examples": len(training), "held_out": len(held_out)}
            record["before"] = subject.measure(trainer, held_out)
            folder.note(record)
        _train(trainer, folder, console)
        record["after"] = subject.measure(trainer, held_out)
    return _finish(trainer, subject, folder, record)


def open_subject(plan: Plan) -> Subject[Any]:
    """The kind's model, loaded. Raises ConfigurationError."""
    from transformers.utils import logging

    from smarthome.finetuning.sentiment import SentimentSubject
    from smarthome.finetuning.shorten import ShortenSubject
    from smarthome.finetuning.transcribe import TranscribeSubject

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    subjects: dict[str, Any] = {
        "sentiment": SentimentSubject,
        "shorten": ShortenSubject,
        "transcribe": TranscribeSubject,
    }
    try:
        subject: Subject[Any] = subjects[plan.kind](plan.model)
    except (OSError, RuntimeError, ValueError) as error:
        raise ConfigurationError(f"{plan.model}: cannot be loaded for {plan.kind}: {error}") from None
    return subject


def split(rows: Sequence[T], plan: Plan) -> tuple[list[T], list[T]]:
    """(to learn from, to measure on), the same for the same seed. Raises ConfigurationError."""
    if len(rows) < 2:
        raise ConfigurationError(f"{plan.data}: one row; at least two are needed, one to measure on (or give --test)")
    shuffled = random.Random(plan.seed).sample(list(rows), len(rows))  # noqa: S311 (no secret)
    count = max(1, len(rows) // HELD_OUT)
    return shuffled[count:], shuffled[:count]


def _trainer(plan: Plan, subject: Subject[Any], folder: Folder, rows: Sequence[Any], progress: Progress) -> Any:
    import torch
    from transformers import Seq2SeqTrainer, Seq2SeqTrainingArguments, Trainer

    from smarthome.finetuning.lora import adapted
    from smarthome.finetuning.progress import Bars

    gpu = plan.device != "cpu" and torch.cuda.is_available()
    if plan.device == "cuda" and not gpu:
        raise ConfigurationError("tasks.device = cuda: there is no CUDA device")
    per_epoch = -(-len(rows) // plan.examples_a_step)
    arguments = Seq2SeqTrainingArguments(
        output_dir=str(folder.checkpoints),
        num_train_epochs=plan.epochs,
        per_device_train_batch_size=plan.examples_a_step,
        per_device_eval_batch_size=plan.examples_a_step,
        learning_rate=plan.learning_rate,
        warmup_steps=0.1,
        weight_decay=0.01,
        seed=plan.seed,
        use_cpu=not gpu,
        fp16=gpu,
        predict_with_generate=plan.kind == "shorten",
        remove_unused_columns=False,
        save_strategy="steps",
        save_steps=plan.save_every or min(per_epoch, SAVE_STEPS),
        save_total_limit=2,
        logging_steps=max(1, per_epoch // 10),
        disable_tqdm=True,
        report_to="none",
        auto_find_batch_size=gpu,
        dataloader_pin_memory=gpu,
    )
    made: Any = (Seq2SeqTrainer if plan.kind == "shorten" else Trainer)(
        model=adapted(subject) if plan.lora else subject.model,
        args=arguments,
        train_dataset=subject.features(rows),
        data_collator=subject.collate,  # type: ignore[arg-type]
        callbacks=[Bars(progress)],
    )
    made.pop_callback(_printer())
    return made


def _printer() -> Any:
    from transformers.trainer_callback import PrinterCallback

    return PrinterCallback


def _train(trainer: Any, folder: Folder, console: Console) -> None:
    checkpoint = folder.last_checkpoint()
    if checkpoint:
        console.print(f"going on after step {checkpoint.name.rpartition('-')[2]}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's about schedules and generators of a resumed run
        trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)


def _finish(trainer: Any, subject: Subject[Any], folder: Folder, record: dict[str, Any]) -> dict[str, Any]:
    from smarthome.finetuning.lora import merged

    subject.save(merged(trainer.model), folder.path)
    record["steps"] = int(trainer.state.global_step)
    folder.note(record)
    shutil.rmtree(folder.checkpoints, ignore_errors=True)
    return record
