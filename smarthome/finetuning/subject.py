"""What is trained: the port of the three kinds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from smarthome.datasets.rows import Row

Row_contra = TypeVar("Row_contra", bound=Row, contravariant=True)


class Subject(Protocol, Generic[Row_contra]):
    """One kind of model and how it learns. ``Any`` is transformers': its models and trainers have no common type."""

    model: Any
    lora_task: ClassVar[str]
    lora_targets: ClassVar[tuple[str, ...]]
    """Layers that get an adapter, by the names that their authors gave them."""

    def features(self, rows: Sequence[Row_contra]) -> list[Mapping[str, Any]]:
        """What the model is given for each row, labels included."""

    def collate(self, batch: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
        """Rows' features, padded and stacked."""

    def measure(self, trainer: Any, rows: Sequence[Row_contra]) -> dict[str, object]:
        """Figures of ``trainer.model`` on ``rows``."""

    def save(self, model: Any, directory: Path) -> None:
        """The model and all it needs, as it was found."""
