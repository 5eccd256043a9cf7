"""Settings of the tasks that look and listen: pictures, videos, recordings."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from smarthome.settings.section import Section


class InputsSettings(Section):
    """Pictures, videos and sound that come with requests, and what they may cost."""

    urls: Literal["off", "allowlist", "public"] = Field(
        default="public",
        description="addresses in requests; public: of the internet, never of this house; allowlist: only url_hosts",
    )
    url_hosts: tuple[str, ...] = Field(
        default=(),
        description="for allowlist: names (example.org, *.example.org), and addresses or networks (192.168.1.20, "
        "10.0.0.0/8), which alone let addresses of this house be reached",
    )
    url_timeout_s: float = Field(default=20.0, gt=0, le=300, description="how long fetching may take in all; seconds")
    inline_mb: float = Field(default=6.0, gt=0, le=256, description="largest input inside a request, decoded; MB")
    file_mb: float = Field(default=2_000.0, gt=0, description="largest file of the spool, or behind an address; MB")
    decode_memory_mb: int = Field(
        default=1_000, ge=64, le=65_536, description="memory that decoding one input may take beside the decoder; MB"
    )
    decode_s: float = Field(default=120.0, gt=0, le=3_600, description="how long decoding one input may take; seconds")


class ImageSettings(Section):
    """Objects in images: ResNet-50."""

    weights: Path | None = Field(
        default=None,
        description="file of torchvision's resnet50-11ad3fa6.pth, or its folder; none: torch's hub folder",
    )
    pixels_mp: float = Field(default=50.0, gt=0, le=400, description="largest picture; millions of pixels")
    url_mb: float = Field(default=20.0, gt=0, le=1_000, description="largest picture behind an address; MB")
    batch: int = Field(default=8, ge=1, le=256, description="how many pictures the model sees at once")


class VideoSettings(Section):
    """Actions in videos: MC3_18."""

    weights: Path | None = Field(
        default=None, description="file of torchvision's mc3_18-a90a0ba3.pth, or its folder; none: torch's hub folder"
    )
    num_frames: int = Field(default=16, ge=1, le=128, description="how many frames the model sees")
    sampling: Literal["uniform", "clips"] = Field(
        default="uniform",
        description="uniform: evenly over the whole video; clips: short consecutive pieces, as the model was trained",
    )
    clips: int = Field(default=3, ge=1, le=10, description="how many pieces with sampling = clips, averaged")
    seconds: float = Field(default=600.0, gt=0, le=86_400, description="longest video; seconds")
    frames: int = Field(default=5_000, ge=1, description="how many frames may be decoded for one video")
    pixels_mp: float = Field(default=9.0, gt=0, le=64, description="largest frame; millions of pixels")


class TranscribeSettings(Section):
    """Speech in audio files to text; the recogniser is that of the section whisper."""

    seconds: float = Field(default=3_600.0, gt=0, le=86_400, description="longest recording; seconds")
    execute_seconds: float = Field(
        default=60.0, gt=0, le=600, description="longest recording whose commands may be carried out; seconds"
    )
