"""The Russian names stand where torchvision has the English ones."""

from __future__ import annotations

import re

import pytest
from torchvision.models import ResNet50_Weights
from torchvision.models.video import MC3_18_Weights

from smarthome.tasks import labels
from smarthome.tasks.labels import Classes

RUSSIAN = re.compile(r"[А-ЯЁа-яё0-9 ,()«»-]+")
LATIN_IS_FINE = {"плеер iPod", "«Форд» модели T"}


@pytest.mark.parametrize(("classes", "count"), [("imagenet", 1000), ("kinetics400", 400)])
def test_every_class_has_a_russian_name_of_its_own(classes: Classes, count: int) -> None:
    read = labels.read(classes)
    assert len(read) == count
    names = [label.ru for label in read]
    assert len(set(names)) == count
    for name in names:
        assert RUSSIAN.fullmatch(name) or name in LATIN_IS_FINE, name
        assert name == " ".join(name.split())


def test_the_order_is_that_of_the_weights() -> None:
    imagenet = ResNet50_Weights.IMAGENET1K_V2.meta["categories"]
    kinetics = MC3_18_Weights.KINETICS400_V1.meta["categories"]
    assert [label.en for label in labels.read("imagenet")] == imagenet
    assert [label.en for label in labels.read("kinetics400")] == kinetics


@pytest.mark.parametrize(
    ("classes", "index", "name"),
    [
        ("imagenet", 0, "линь"),
        ("imagenet", 1, "золотая рыбка"),
        ("imagenet", 134, "журавль"),
        ("imagenet", 207, "золотистый ретривер"),
        ("imagenet", 281, "полосатая кошка"),
        ("imagenet", 517, "подъёмный кран"),
        ("imagenet", 638, "закрытый купальник"),
        ("imagenet", 639, "слитный купальник"),
        ("imagenet", 954, "банан"),
        ("imagenet", 999, "туалетная бумага"),
        ("kinetics400", 0, "спуск по верёвке"),
        ("kinetics400", 57, "хлопки в ладоши"),
        ("kinetics400", 241, "игра на фортепиано"),
        ("kinetics400", 399, "зумба"),
    ],
)
def test_samples(classes: Classes, index: int, name: str) -> None:
    assert labels.read(classes)[index].ru == name
