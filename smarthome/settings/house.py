"""Settings of what lies outside: the broker, the devices, who reads along."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, model_validator

from smarthome.settings.section import Section, TopicLevel


class MqttSettings(Section):
    """The broker."""

    host: str = Field(default="localhost", min_length=1, description="the broker's address")
    port: int = Field(default=1883, ge=1, le=65_535, description="1883, or 8883 with TLS")
    protocol: Literal["3.1.1", "5"] = Field(default="5", description="MQTT version")
    username: str | None = Field(default=None, description="user name, if the broker wants one")
    password: SecretStr | None = Field(
        default=None, description="password; better in the secrets directory than in the file"
    )
    tls: bool = Field(default=False, description="encrypt the connection")
    ca_file: Path | None = Field(default=None, description="certificate authority of the broker; none: the system's")
    cert_file: Path | None = Field(default=None, description="client certificate")
    key_file: Path | None = Field(default=None, description="client key")
    keepalive_s: int = Field(
        default=30, ge=5, le=3_600, description="the broker notices a dead client after 1.5 times this"
    )
    backoff_min_s: float = Field(default=0.5, gt=0, le=60, description="first wait before connecting again")
    backoff_max_s: float = Field(default=30.0, gt=0, le=3_600, description="longest wait before connecting again")

    @model_validator(mode="after")
    def _nothing_is_given_in_vain(self) -> MqttSettings:
        certificates = [key for key in ("ca_file", "cert_file", "key_file") if getattr(self, key) is not None]
        if certificates and not self.tls:
            raise ValueError(f"{', '.join(certificates)} without tls = true: the connection would not be encrypted")
        if self.password is not None and self.username is None:
            raise ValueError("a password without a username: brokers know passwords only by the user's name")
        return self


class HouseSettings(Section):
    """Driving the devices."""

    confirm_s: float = Field(
        default=3.0,
        gt=0,
        le=60,
        description="a device that has not echoed its new state by then is reported unconfirmed",
    )
    base_topic: TopicLevel = Field(default="home", description="first level of the generic driver's topics")
    zigbee2mqtt_topic: TopicLevel = Field(default="zigbee2mqtt", description="Zigbee2MQTT's base topic")


class PrivacySettings(Section):
    """What leaves the process."""

    publish_text: Literal["accepted", "all", "none"] = Field(
        default="accepted",
        description="whose words go out: of utterances that were understood as commands, of all, of none",
    )
