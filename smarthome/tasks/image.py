"""Picture in, what is on it out: ResNet-50 (He et al. 2015) with torchvision's weights IMAGENET1K_V2.

path, data or url ─ sandbox: Pillow ─► RGB ─ the weights' own transforms ─► batch ─ ResNet-50 ─► five likeliest of 1000
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from pydantic import Field

from smarthome.settings import Settings
from smarthome.tasks import checkpoints, labels
from smarthome.tasks.inputs.media import PictureRequest
from smarthome.tasks.inputs.pictures import Pictures
from smarthome.tasks.task import Job, TaskError, TaskRequest, TaskResult

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    import torch
    from PIL import Image

    Transforms: TypeAlias = Callable[[Image.Image], torch.Tensor]

WEIGHTS = "resnet50-11ad3fa6.pth"
"""torchvision's ``ResNet50_Weights.IMAGENET1K_V2``; the name holds the beginning of its SHA-256."""


class Guess(TaskResult):
    """One class and how likely it is. ``index`` is its number in ImageNet."""

    index: int
    en: str
    ru: str
    probability: float = Field(ge=0, le=1)


class ImageResult(TaskResult):
    """What is on a picture. ``top5`` is ordered, its first is ``top1``; width and height are those seen, upright."""

    top1: Guess
    top5: tuple[Guess, ...]
    width: int
    height: int
    format: str


class _Loaded(NamedTuple):
    model: torch.nn.Module
    transforms: Transforms


class ImageTask:
    """The kind ``image``."""

    kind: ClassVar[str] = "image"
    request_type: ClassVar[type[TaskRequest]] = PictureRequest

    def __init__(self, settings: Settings) -> None:
        self.batch = settings.image.batch
        self._settings = settings
        self._labels = labels.read("imagenet")
        self._pictures = Pictures(settings)
        self._loaded: _Loaded | None = None

    def load(self) -> None:
        """As the protocol says."""
        self._ready()

    def unload(self) -> None:
        """As the protocol says."""
        self._loaded = None
        self._pictures.close()

    def run(self, jobs: Sequence[Job[PictureRequest]]) -> Sequence[ImageResult | TaskError]:
        """As the protocol says; pictures that cannot be used leave the others alone."""
        model, transforms = self._ready()
        seen: list[tuple[torch.Tensor, Image.Image, str] | TaskError] = []
        for job in jobs:
            job.report.progress(0, 2, "читаю картинку")
            seen.append(self._see(job.request, transforms))
        tensors = [each[0] for each in seen if not isinstance(each, TaskError)]
        for job in jobs:
            job.report.progress(1, 2, "распознаю")
        found = iter(self._classify(model, tensors))
        return [
            each if isinstance(each, TaskError) else self._result(next(found), each[1].size, each[2]) for each in seen
        ]

    def _ready(self) -> _Loaded:
        if self._loaded is None:
            from torchvision.models import ResNet50_Weights, resnet50

            file = checkpoints.find(self._settings.image.weights, WEIGHTS, "image.weights")
            device = checkpoints.choose_device(self._settings.tasks.device)
            model = checkpoints.load(resnet50(), file, device)
            self._loaded = _Loaded(model, ResNet50_Weights.IMAGENET1K_V2.transforms())
        return self._loaded

    def _see(
        self, request: PictureRequest, transforms: Transforms
    ) -> tuple[torch.Tensor, Image.Image, str] | TaskError:
        """The picture as the model wants it, as it is, and its format."""
        try:
            image, form = self._pictures.read(request)
        except TaskError as error:
            return error
        return transforms(image), image, form

    def _classify(self, model: torch.nn.Module, tensors: Sequence[torch.Tensor]) -> list[list[tuple[int, float]]]:
        """The five likeliest classes of each [3, 224, 224], with their probabilities."""
        import torch

        device = next(model.parameters()).device
        found: list[list[tuple[int, float]]] = []
        for start in range(0, len(tensors), self.batch):
            with torch.inference_mode(), checkpoints.memory_watched():
                logits = model(torch.stack(list(tensors[start : start + self.batch])).to(device))
                best = torch.softmax(logits.float(), dim=1).topk(5)
            rows = zip(best.indices.tolist(), best.values.tolist(), strict=True)
            found += [list(zip(indices, values, strict=True)) for indices, values in rows]
        return found

    def _result(self, best: Sequence[tuple[int, float]], size: tuple[int, int], form: str) -> ImageResult:
        guesses = tuple(
            Guess(index=index, en=self._labels[index].en, ru=self._labels[index].ru, probability=probability)
            for index, probability in best
        )
        return ImageResult(top1=guesses[0], top5=guesses, width=size[0], height=size[1], format=form)
