"""All settings in one frozen model, and the order of their sources."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator
from pydantic_settings import (
    BaseSettings,
    NestedSecretsSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from smarthome.settings.house import HouseSettings, MqttSettings, PrivacySettings
from smarthome.settings.language import LlmSettings, SentimentSettings, ShortenSettings
from smarthome.settings.listening import (
    ActivationSettings,
    AudioSettings,
    EndpointSettings,
    OutputSettings,
    SegmenterSettings,
    VadSettings,
    WhisperSettings,
)
from smarthome.settings.media import ImageSettings, InputsSettings, TranscribeSettings, VideoSettings
from smarthome.settings.section import TopicLevel
from smarthome.settings.tasks import TasksSettings


class Settings(BaseSettings):
    """Everything that can be set."""

    model_config = SettingsConfigDict(env_prefix="SMARTHOME_", env_nested_delimiter="__", extra="forbid", frozen=True)

    site: TopicLevel = Field(
        default="home", description="this microphone's name on the bus; several may share a broker"
    )

    @field_validator("site")
    @classmethod
    def _is_not_taken(cls, site: str) -> str:
        if site == "tasks":
            raise ValueError("the topics of the tasks begin so; call the site otherwise")
        return site

    area: str | None = Field(default=None, description="where the microphone stands: an area's id, name or alias")
    devices: Path = Field(default=Path("devices.yaml"), description="the house: floors, areas, devices")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="least severe messages to log"
    )
    audio: AudioSettings = AudioSettings()
    vad: VadSettings = VadSettings()
    segmenter: SegmenterSettings = SegmenterSettings()
    endpoint: EndpointSettings = EndpointSettings()
    whisper: WhisperSettings = WhisperSettings()
    activation: ActivationSettings = ActivationSettings()
    output: OutputSettings = OutputSettings()
    mqtt: MqttSettings = MqttSettings()
    house: HouseSettings = HouseSettings()
    privacy: PrivacySettings = PrivacySettings()
    tasks: TasksSettings = TasksSettings()
    inputs: InputsSettings = InputsSettings()
    sentiment: SentimentSettings = SentimentSettings()
    shorten: ShortenSettings = ShortenSettings()
    llm: LlmSettings = LlmSettings()
    image: ImageSettings = ImageSettings()
    video: VideoSettings = VideoSettings()
    transcribe: TranscribeSettings = TranscribeSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The order of the package's docstring; the file comes in through ``load``."""
        sources: list[PydanticBaseSettingsSource] = [env_settings]
        secrets = secrets_directory()
        if secrets:
            sources.append(
                NestedSecretsSettingsSource(
                    file_secret_settings,
                    secrets_dir=secrets,
                    secrets_dir_missing="error",
                    secrets_nested_delimiter="__",
                    env_prefix="",
                    secrets_prefix="",
                )
            )
        return (*sources, init_settings)


def secrets_directory() -> str | None:
    """Where systemd, or who starts the program, puts secrets; none: nowhere."""
    return os.environ.get("SMARTHOME_SECRETS_DIR") or os.environ.get("CREDENTIALS_DIRECTORY") or None
