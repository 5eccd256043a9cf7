"""What all sections of the settings share."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

TopicLevel = Annotated[str, Field(pattern=r"^[^/+#\s]+$", max_length=64)]
"""One level of an MQTT topic: no slash, wildcard or space."""


class Section(BaseModel):
    """A part of the settings; unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)
