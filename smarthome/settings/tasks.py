"""Settings of the task workers."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from smarthome.settings.section import Section


class TasksSettings(Section):
    """What all kinds of tasks share."""

    folder: Path = Field(
        default=Path("~/.local/share/smarthome/tasks"), description="journal, spool of input files, files of results"
    )
    device: Literal["auto", "cpu", "cuda"] = Field(default="auto", description="auto: the GPU when there is one")
    checkpoints: str = Field(
        default="https://download.pytorch.org/models",
        pattern=r"^https?://\S+$",
        description="where `models pull` fetches torchvision's weights; a mirror will do: digests are checked",
    )
