"""The models that the house uses, one table: what each is for, what it is made of, where it comes from.

docs/models.md tells more about each: figures of their authors, an example, why it was chosen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from smarthome.models.layouts import SENTIMENT, SHORTEN, TRANSCRIBE, Layout
from smarthome.settings import Settings

Source: TypeAlias = Literal["hub", "torchvision", "ollama"]


@dataclass(frozen=True, slots=True)
class Model:
    """``kind`` is the kind of task, ``size_mb`` what is downloaded, about."""

    kind: str
    name: str
    source: Source
    size_mb: int
    licence: str
    data_set: str
    structure: str
    layout: Layout | None = None


CATALOGUE = (
    Model(
        kind="sentiment",
        name="blanchefort/rubert-base-cased-sentiment-rurewiews",
        source="hub",
        size_mb=710,
        licence="not stated",
        data_set="RuReviews: 90,000 reviews of women's clothes, labelled by their stars",
        structure="BERT-base, 12 layers of 768, 3 classes; 178 M parameters",
        layout=SENTIMENT,
    ),
    Model(
        kind="shorten",
        name="sarahai/ruT5-base-summarizer",
        source="hub",
        size_mb=890,
        licence="see its card",
        data_set="see its card; ruT5-base before it: Russian texts of the web",
        structure="T5-base, 12 + 12 layers of 768; 222 M parameters",
        layout=SHORTEN,
    ),
    Model(
        kind="transcribe",
        name="openai/whisper-small",
        source="hub",
        size_mb=970,
        licence="Apache-2.0",
        data_set="680,000 hours of speech with its text, 96 other languages than English in 117,000 of them",
        structure="encoder and decoder, 12 + 12 layers of 768; 244 M parameters",
        layout=TRANSCRIBE,
    ),
    Model(
        kind="image",
        name="ResNet50_Weights.IMAGENET1K_V2",
        source="torchvision",
        size_mb=98,
        licence="BSD-3-Clause",
        data_set="ImageNet-1K: 1.28 M photographs, 1000 classes",
        structure="residual convolutions, 50 layers; 25.6 M parameters",
    ),
    Model(
        kind="video",
        name="MC3_18_Weights.KINETICS400_V1",
        source="torchvision",
        size_mb=45,
        licence="BSD-3-Clause",
        data_set="Kinetics-400: 240,000 clips of 10 seconds, 400 actions",
        structure="ResNet-18, convolutions over time in its first layers; 11.7 M parameters",
    ),
    Model(
        kind="llm",
        name="gemma3",
        source="ollama",
        size_mb=3_300,
        licence="Gemma Terms of Use",
        data_set="4 trillion tokens of text, code and pictures",
        structure="decoder with a vision encoder, 4 bits a weight; 4.3 G parameters",
    ),
    Model(
        kind="llm",
        name="qwen2.5vl:7b",
        source="ollama",
        size_mb=6_000,
        licence="Apache-2.0",
        data_set="4.1 trillion tokens of text, pictures and videos",
        structure="decoder with a vision transformer, 4 bits a weight; 8.3 G parameters",
    ),
)

PACKAGED = ("whisper-base",)
"""Names of models that come as Python packages."""

LAYOUTS = {model.kind: model.layout for model in CATALOGUE if model.layout}
"""Kind → layout of any model of the hub that shall do it."""


SETTINGS = {"transcribe": ("whisper", "model"), "sentiment": ("sentiment", "model"), "shorten": ("shorten", "model")}
"""Kind → section and key of the setting that may name another model."""


def configured(settings: Settings) -> list[Model]:
    """The catalogue, with the models that the settings name in the place of the usual ones; directories left out."""
    models = []
    for model in CATALOGUE:
        section, key = SETTINGS.get(model.kind, ("", ""))
        name = str(getattr(getattr(settings, section), key)) if section else model.name
        if name == model.name:
            models.append(model)
        elif name not in PACKAGED and not Path(name).expanduser().is_dir():
            models.append(on_the_hub(model.kind, name))
    return models


def named(name: str, among: Sequence[Model] = CATALOGUE) -> list[Model]:
    """What ``name``, a model's or a kind's, stands for; empty for neither."""
    return [model for model in among if name in {model.name, model.kind}]


def on_the_hub(kind: str, name: str) -> Model:
    """Another model of a kind in ``LAYOUTS``, about which nothing is known."""
    return Model(kind, name, "hub", 0, "see its card", "see its card", "see its card", LAYOUTS[kind])
