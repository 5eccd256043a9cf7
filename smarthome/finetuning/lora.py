"""A model in, the same with small adapters to be trained out, and back: peft's LoRA (Hu et al. 2021)."""

from __future__ import annotations

import copy
import warnings
from typing import Any

from smarthome.finetuning.subject import Subject
from smarthome.metrics.libraries import needed

RANK = 8
SCALE = 16
DROPOUT = 0.05


def adapted(subject: Subject[Any]) -> Any:
    """The subject's model, everything frozen but the adapters (and a new classifier's head)."""
    needed("peft", extra="finetune")
    from peft import LoraConfig, get_peft_model

    config = LoraConfig(
        task_type=subject.lora_task if subject.lora_task == "SEQ_CLS" else None,
        r=RANK,
        lora_alpha=SCALE,
        lora_dropout=DROPOUT,
        target_modules=list(subject.lora_targets),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # peft asks transformers 5 by an older name
        return get_peft_model(subject.model, config)


def merged(model: Any) -> Any:
    """The adapters added into a copy of the weights; any other model as it is."""
    return copy.deepcopy(model).merge_and_unload() if hasattr(model, "merge_and_unload") else model
