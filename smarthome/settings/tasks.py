"""Settings of the task workers."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr

from smarthome.settings.section import Section


class TasksSettings(Section):
    """What all kinds of tasks share."""

    folder: Path = Field(
        default=Path("~/.local/share/smarthome/tasks"), description="journal, spool of input files, files of results"
    )
    device: Literal["auto", "cpu", "cuda"] = Field(default="auto", description="auto: the GPU when there is one")
    worker: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9._-]{1,64}$",
        description="this worker's name on the bus; none: the machine's name",
    )
    engine: SecretStr | None = Field(
        default=None,
        description="redis://[:PASSWORD@]HOST:6379/0, with workers on other machines",
    )
    max_waiting: int = Field(default=10_000, ge=1, le=1_000_000, description="requests that may wait; more are busy")
    max_bytes: int = Field(
        default=8_500_000, ge=1_000, le=200_000_000, description="the longest request that is read; bytes of JSON"
    )
    max_result_bytes: int = Field(
        default=8_500_000,
        ge=10_000,
        le=200_000_000,
        description="the longest result that is sent; not more than the broker takes in a message",
    )
    reply_prefixes: tuple[str, ...] = Field(
        default=("smarthome/tasks/replies/", "replies/"), description="what a topic for replies may begin with"
    )
    timeout_s: float = Field(default=600.0, gt=0, le=86_400, description="how long a request may take at most; seconds")
    nice: int = Field(
        default=10, ge=0, le=19, description="how far models let other programs go first, such as who listens"
    )
    warm_s: float = Field(default=300.0, ge=0, le=86_400, description="how long an idle model stays loaded; seconds")
    least_free_mb: int = Field(
        default=500, ge=0, le=1_000_000, description="with less memory free, idle models are unloaded at once"
    )
    keep_days: float = Field(default=7.0, gt=0, le=3_650, description="how long results are kept; days")
    checkpoints: str = Field(
        default="https://download.pytorch.org/models",
        pattern=r"^https?://\S+$",
        description="where `models pull` fetches torchvision's weights; a mirror will do: digests are checked",
    )
