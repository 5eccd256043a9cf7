"""The classes of the vision models, English and Russian, in the models' order: ``english<TAB>russian`` a line.

The English names are torchvision's, whose order is that of the weights (a test compares them); the Russian ones were
written for this project.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Literal, NamedTuple, TypeAlias

Classes: TypeAlias = Literal["imagenet", "kinetics400"]


class Label(NamedTuple):
    """One class."""

    en: str
    ru: str


def read(classes: Classes) -> tuple[Label, ...]:
    """All labels of a model, by class index: 1000 of ImageNet, 400 of Kinetics-400."""
    lines = files(__name__).joinpath(f"{classes}.tsv").read_text(encoding="utf-8").splitlines()
    return tuple(Label(*line.split("\t")) for line in lines)
