"""A picture that came with a request in, its pixels out: decoded in a child process, within limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from smarthome.settings import Settings
from smarthome.tasks.decoded import Facts, Limits
from smarthome.tasks.inputs.media import PictureRequest, opened
from smarthome.tasks.sandbox import Sandbox
from smarthome.tasks.sizes import megabytes
from smarthome.tasks.task import TaskError

if TYPE_CHECKING:
    from PIL import Image


class PictureFacts(Facts):
    """What ``decoders/picture.py`` tells."""

    width: int = Field(gt=0)
    height: int = Field(gt=0)
    format: str


class Pictures:
    """Reads one picture after another; its child process is started when first needed."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._sandbox = Sandbox("smarthome.tasks.decoders.picture:decode", PictureFacts, Limits.of(settings.inputs))

    def read(self, request: PictureRequest) -> tuple[Image.Image, str]:
        """RGB, upright, and the format it came in. Raises TaskError."""
        from PIL import Image

        with opened(request, self._settings, self._fetch) as (file, name):
            options = {"pixels": megabytes(self._settings.image.pixels_mp)}
            decoded = self._sandbox.run(file, options, name)
        facts = decoded.facts
        if len(decoded.raw) != 3 * facts.width * facts.height:
            raise TaskError("unreadable", f"{name}: its decoder was confused; the file is damaged or malicious")
        return Image.frombytes("RGB", (facts.width, facts.height), decoded.raw[:]), facts.format

    def close(self) -> None:
        """End the child process; the next picture gets another."""
        self._sandbox.close()

    def _fetch(self, url: str) -> bytes:
        from smarthome.tasks.inputs.fetching import Fetcher

        return Fetcher(self._settings.inputs).fetch(url, self._settings.image.url_mb)
