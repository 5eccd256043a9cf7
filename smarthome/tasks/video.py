"""Video in, what is done in it out: MC3_18 (Tran et al. 2018) with torchvision's weights KINETICS400_V1.

path or data ─ sandbox: PyAV ─► a few frames ─ the weights' own transforms ─► clips ─ MC3_18 ─► likeliest of 400
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

from pydantic import Field

from smarthome.settings import Settings
from smarthome.tasks import checkpoints, labels
from smarthome.tasks.image import Guess
from smarthome.tasks.inputs.media import MediaRequest, opened
from smarthome.tasks.sandbox import Limits, Sandbox, megabytes
from smarthome.tasks.task import Job, TaskError, TaskRequest, TaskResult

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    import torch

    Transforms: TypeAlias = Callable[[torch.Tensor], torch.Tensor]

WEIGHTS = "mc3_18-a90a0ba3.pth"
"""torchvision's ``MC3_18_Weights.KINETICS400_V1``; the name holds the beginning of its SHA-256."""


class VideoRequest(MediaRequest):
    """``top`` is how many actions are wanted; the rest overrides the settings ``video.*`` for this request."""

    top: int = Field(default=3, ge=1, le=50)
    num_frames: int | None = Field(default=None, ge=1, le=128)
    sampling: Literal["uniform", "clips"] | None = None


class VideoResult(TaskResult):
    """What is done in a video. ``times_s`` is when the seen frames are shown, ``decoded`` how many of ``frames``
    frames had to be decoded for them.
    """  # noqa: D205

    actions: tuple[Guess, ...]
    sampling: Literal["uniform", "clips"]
    times_s: tuple[float, ...]
    seconds: float
    width: int
    height: int
    frames: int
    decoded: int


class _Loaded(NamedTuple):
    model: torch.nn.Module
    transforms: Transforms


class VideoTask:
    """The kind ``video``."""

    kind: ClassVar[str] = "video"
    request_type: ClassVar[type[TaskRequest]] = VideoRequest
    batch: int = 1

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._labels = labels.read("kinetics400")
        self._sandbox = Sandbox("smarthome.tasks.decoders.video:decode", Limits.of(settings.inputs))
        self._loaded: _Loaded | None = None

    def load(self) -> None:
        """As the protocol says."""
        self._ready()

    def unload(self) -> None:
        """As the protocol says."""
        self._loaded = None
        self._sandbox.close()

    def run(self, jobs: Sequence[Job[VideoRequest]]) -> Sequence[VideoResult | TaskError]:
        """As the protocol says."""
        loaded = self._ready()
        results: list[VideoResult | TaskError] = []
        for job in jobs:
            try:
                results.append(self._watch(job, loaded))
            except TaskError as error:
                results.append(error)
        return results

    def _ready(self) -> _Loaded:
        if self._loaded is None:
            from torchvision.models.video import MC3_18_Weights, mc3_18

            file = checkpoints.find(self._settings.video.weights, WEIGHTS, "video.weights")
            device = checkpoints.choose_device(self._settings.tasks.device)
            model = checkpoints.load(mc3_18(), file, device)
            self._loaded = _Loaded(model, MC3_18_Weights.KINETICS400_V1.transforms())
        return self._loaded

    def _watch(self, job: Job[VideoRequest], loaded: _Loaded) -> VideoResult:
        request = job.request
        job.report.progress(0, 2, "читаю кадры")
        options = self._options(request)
        facts, frames = self._decode(request, options)
        job.report.progress(1, 2, "распознаю действия")
        best = self._classify(frames, facts["picks"], options["num_frames"], loaded, request.top)
        return VideoResult(
            actions=tuple(
                Guess(index=index, en=self._labels[index].en, ru=self._labels[index].ru, probability=probability)
                for index, probability in best
            ),
            sampling=options["sampling"],
            **{name: facts[name] for name in ("times_s", "seconds", "width", "height", "frames", "decoded")},
        )

    def _options(self, request: VideoRequest) -> dict[str, Any]:
        video = self._settings.video
        return {
            "sampling": request.sampling or video.sampling,
            "num_frames": request.num_frames or video.num_frames,
            "clips": video.clips,
            "seconds": video.seconds,
            "frames": video.frames,
            "pixels": megabytes(video.pixels_mp),
        }

    def _decode(self, request: VideoRequest, options: Mapping[str, Any]) -> tuple[Mapping[str, Any], torch.Tensor]:
        """What is known of the video, and its wanted frames, uint8 [n, 3, height, width], none twice."""
        import numpy as np
        import torch

        with opened(request, self._settings) as (file, name):
            facts, raw = self._sandbox.run(file, options, name)
        shape = (-1, int(facts["height"]), int(facts["width"]), 3)
        pixels = np.frombuffer(raw, np.uint8).reshape(shape).copy()
        return facts, torch.from_numpy(pixels).permute(0, 3, 1, 2)

    def _classify(
        self, frames: torch.Tensor, picks: Sequence[int], length: int, loaded: _Loaded, top: int
    ) -> list[tuple[int, float]]:
        """The likeliest classes, probabilities averaged over the clips of ``length`` frames."""
        import torch

        device = next(loaded.model.parameters()).device
        small = torch.cat([loaded.transforms(frame.unsqueeze(0)) for frame in frames], dim=1)
        clips = torch.stack([small[:, picks[at : at + length]] for at in range(0, len(picks), length)])
        with torch.inference_mode(), checkpoints.memory_watched():
            found = torch.softmax(loaded.model(clips.to(device)).float(), dim=1).mean(dim=0).topk(top)
        return list(zip(found.indices.tolist(), found.values.tolist(), strict=True))
