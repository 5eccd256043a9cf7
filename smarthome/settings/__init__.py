"""Environment, secrets and a file in, one validated ``Settings`` out.

Sources, the first that names a key wins: ``SMARTHOME_*`` variables (``SMARTHOME_MQTT__HOST``), the secrets directory
(one file per key, ``mqtt__password``; systemd's ``$CREDENTIALS_DIRECTORY`` is one), the settings file (TOML or YAML),
the defaults of the sections.
"""

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
from smarthome.settings.reading import load
from smarthome.settings.section import Section, TopicLevel
from smarthome.settings.settings import Settings
from smarthome.settings.tasks import TasksSettings

__all__ = [
    "ActivationSettings",
    "AudioSettings",
    "EndpointSettings",
    "HouseSettings",
    "ImageSettings",
    "InputsSettings",
    "LlmSettings",
    "MqttSettings",
    "OutputSettings",
    "PrivacySettings",
    "Section",
    "SegmenterSettings",
    "SentimentSettings",
    "Settings",
    "ShortenSettings",
    "TasksSettings",
    "TopicLevel",
    "TranscribeSettings",
    "VadSettings",
    "VideoSettings",
    "WhisperSettings",
    "load",
]
