"""Environment, secrets and a file in, one validated ``Settings`` out.

Sources, the first that names a key wins: ``SMARTHOME_*`` variables (``SMARTHOME_MQTT__HOST``), the secrets directory
(one file per key, ``mqtt__password``; systemd's ``$CREDENTIALS_DIRECTORY`` is one), the settings file (TOML or YAML),
the defaults below.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    NestedSecretsSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from smarthome import yaml12
from smarthome.errors import ConfigurationError

TopicLevel = Annotated[str, Field(pattern=r"^[^/+#\s]+$", max_length=64)]
"""One level of an MQTT topic: no slash, wildcard or space."""

Name = Annotated[str, Field(pattern=r"^[^\W\d_]+([ -][^\W\d_]+){0,2}$", max_length=40)]
"""One to three words of letters."""


class Section(BaseModel):
    """A part of the settings; unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class AudioSettings(Section):
    """The microphone."""

    device: int | str | None = Field(
        default=None, description="input device: index or part of its name; none: the system's default"
    )
    rate: int | None = Field(
        default=None,
        ge=8_000,
        le=192_000,
        description="native sample rate in Hz; none: 16000, else what the device says",
    )


class VadSettings(Section):
    """Voice activity detection: WebRTC's for every frame, perhaps another for a whole utterance."""

    aggressiveness: int = Field(default=2, ge=0, le=3, description="0 lets much through, 3 little")
    second_opinion: Literal["auto", "silero", "none"] = Field(
        default="auto", description="who else must hear a voice in an utterance; auto: Silero, if it is installed"
    )


class SegmenterSettings(Section):
    """How speech is cut into utterances; milliseconds."""

    pre_roll_ms: int = Field(default=300, ge=0, le=2_000, description="sound kept from before the first voiced frame")
    start_ms: int = Field(default=90, ge=30, le=1_000, description="voiced sound in a row that starts an utterance")
    silence_ms: int = Field(default=700, ge=120, le=5_000, description="unvoiced sound in a row that ends one")
    hangover_ms: int = Field(default=150, ge=0, le=1_000, description="trailing silence kept for the recogniser")
    min_ms: int = Field(default=240, ge=0, le=5_000, description="utterances with less voiced sound are dropped")
    max_ms: int = Field(
        default=15_000, ge=1_000, le=28_000, description="longer ones are cut; Whisper's window is 30 s"
    )

    @model_validator(mode="after")
    def _longest_holds_the_rest(self) -> SegmenterSettings:
        if self.max_ms < self.pre_roll_ms + self.start_ms + self.min_ms:
            raise ValueError("max_ms must be at least pre_roll_ms + start_ms + min_ms")
        if self.hangover_ms > self.silence_ms:
            raise ValueError("hangover_ms must be at most silence_ms")
        return self


class EndpointSettings(Section):
    """When a sentence is over, by what it says so far; milliseconds of silence."""

    speculate_ms: int = Field(
        default=150, ge=0, le=2_000, description="silence after which the recogniser begins; 0: not before the end"
    )
    dangling_ms: int = Field(
        default=1_650, ge=120, le=5_000, description="silence that ends what is no complete command yet"
    )
    patient: bool = Field(
        default=False,
        description="for slow speakers: complete commands wait segmenter.silence_ms, all else dangling_ms",
    )


EXPECTED = (
    "Команды умного дома: включи свет на кухне, выключи телевизор в гостиной, "
    "поставь температуру двадцать два градуса, закрой шторы в спальне."
)
"""Reads like speech, as Whisper's prompt should; a list of the house's names helps less (docs/benchmarks.md)."""


class WhisperSettings(Section):
    """Speech recognition."""

    default_model: ClassVar[str] = "openai/whisper-small"

    model: str = Field(
        default=default_model,
        description="a name on the hub, 'whisper-base' (packaged), or a directory (transformers or CTranslate2)",
    )
    engine: Literal["auto", "transformers", "ctranslate2", "wyoming"] = Field(
        default="auto", description="auto: transformers on a GPU, ctranslate2 otherwise; wyoming: a server"
    )
    wyoming_uri: str | None = Field(
        default=None,
        pattern=r"^(tcp://[^/:\s]+:\d{1,5}|unix:///\S+)$",
        description="the server: tcp://host:port, unix://path",
    )
    wyoming_timeout_s: float = Field(default=10.0, gt=0, le=120, description="how long the server may take; seconds")
    device: Literal["auto", "cpu", "cuda"] = Field(default="auto", description="auto: the GPU when there is one")
    precision: Literal["auto", "float32", "float16", "bfloat16", "int8"] = Field(
        default="auto", description="auto: float16 on a GPU, int8 on a CPU (float32 with transformers)"
    )
    beam: int = Field(default=5, ge=1, le=10, description="beam size; 1 is greedy")
    expect: str = Field(
        default=EXPECTED, max_length=600, description="what commands are like, for the recogniser; '': nothing"
    )
    splice: bool = Field(
        default=True, description="encode the sound only, not Whisper's 30 s: several times faster (docs/benchmarks.md)"
    )
    threads: int = Field(default=0, ge=0, le=256, description="CPU threads; 0: all cores")
    cache: Path | None = Field(default=None, description="where converted weights are kept; none: ~/.cache/smarthome")


class ActivationSettings(Section):
    """When the house listens."""

    mode: Literal["always", "phrase"] = Field(
        default="always", description="always: to every sentence; phrase: to those that call it by a name"
    )
    names: tuple[Name, ...] = Field(
        default=("дом", "умный дом"), min_length=1, description="what the house is called, in the nominative"
    )
    follow_up_s: float = Field(
        default=8.0, ge=0, le=120, description="after a call it listens so long without a name; seconds"
    )


class OutputSettings(Section):
    """The house's own sound, to which it does not listen."""

    tail_ms: int = Field(default=300, ge=0, le=5_000, description="how long it still echoes in the room; milliseconds")
    longest_s: float = Field(
        default=30.0, gt=0, le=3_600, description="whatever plays without telling its end has ended by then; seconds"
    )


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


class Settings(BaseSettings):
    """Everything that can be set."""

    model_config = SettingsConfigDict(env_prefix="SMARTHOME_", env_nested_delimiter="__", extra="forbid", frozen=True)

    site: TopicLevel = Field(
        default="home", description="this microphone's name on the bus; several may share a broker"
    )
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

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The order of the module's docstring; the file comes in through ``load``."""
        sources: list[PydanticBaseSettingsSource] = [env_settings]
        secrets = _secrets_directory()
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


_PREFIX = "SMARTHOME_"
_OWN_VARIABLES = {"SMARTHOME_CONFIG", "SMARTHOME_SECRETS_DIR"}

SEARCHED = (
    Path("smarthome.toml"),
    Path("smarthome.yaml"),
    Path("/etc/smarthome/smarthome.toml"),
    Path("/etc/smarthome/smarthome.yaml"),
)
"""Where the settings file is looked for when none is named."""


def load(file: Path | None = None, overrides: Mapping[str, Mapping[str, object]] | None = None) -> Settings:
    """The settings; ``file``, else ``$SMARTHOME_CONFIG``, else the first of ``SEARCHED``.

    ``overrides`` (section → key → value) are the command line's and win over everything. Raises ConfigurationError.
    """
    named = file or (Path(os.environ["SMARTHOME_CONFIG"]) if os.environ.get("SMARTHOME_CONFIG") else None)
    found = named or next((path for path in SEARCHED if path.is_file()), None)
    values = _read(found) if found else {}
    _refuse_unknown_variables()
    try:
        settings = Settings(**values)
    except ValidationError as error:
        lines = (_explain(each, _origin(each["loc"], found, values)) for each in error.errors())
        raise ConfigurationError("\n".join(lines)) from None
    except SettingsError as error:
        raise ConfigurationError(_unreadable(error)) from None
    for section, changes in (overrides or {}).items():
        settings = settings.model_copy(update={section: _overridden(settings, section, changes)})
    return settings


def _overridden(settings: Settings, section: str, changes: Mapping[str, object]) -> Section:
    before: Section = getattr(settings, section)
    try:
        return type(before).model_validate({**before.model_dump(exclude_unset=True), **changes})
    except ValidationError as error:
        lines = (_explain({**each, "loc": (section, *each["loc"])}, "command line") for each in error.errors())
        raise ConfigurationError("\n".join(lines)) from None


def _refuse_unknown_variables() -> None:
    """A misspelt variable would be passed over in silence. Below a section, the section itself knows its keys."""
    known = {f"{_PREFIX}{name}".upper() for name in Settings.model_fields} | _OWN_VARIABLES
    for name in sorted(os.environ):
        if name.upper().startswith(_PREFIX) and name.upper().partition("__")[0] not in known:
            raise ConfigurationError(f"{name}: there is no such setting; `smarthome config schema` lists them all")


def _unreadable(error: SettingsError) -> str:
    """A whole section in one variable or secret is JSON, and a secrets directory has to be there."""
    section = re.search(r'field "(\w+)" from source "(\w+)"', str(error))
    if section is None:
        return f"secrets directory {_secrets_directory()}: {error}"
    name, source = section.groups()
    where = f"{_PREFIX}{name.upper()}" if source == "EnvSettingsSource" else f"{_secrets_directory()}/{name}"
    return f"{where}: not a JSON object; a single key is {where}__KEY"


def _origin(location: tuple[int | str, ...], file: Path | None, values: Mapping[str, object]) -> str:
    """Where a value, or the values of a section, came from: variables, a secret, the file."""
    key = "__".join(str(part) for part in location).lower()
    ours = [name for name in sorted(os.environ) if name.upper().startswith(_PREFIX)]
    variables = [name for name in ours if _names_part_of(name.lower().removeprefix(_PREFIX.lower()), key)]
    secrets = [str(path) for path in _secrets() if _names_part_of(path.name.lower(), key)]
    if len(location) > 1 and (variables or secrets):
        return (variables or secrets)[0]
    in_file = [str(file)] if file and str(location[0] if location else "") in values else []
    return ", ".join([*variables, *secrets, *in_file]) or str(file or "")


def _names_part_of(setting: str, key: str) -> bool:
    """Whether ``mqtt__port`` gives ``mqtt__port`` or part of ``mqtt``; ``mqtt`` alone gives all of its keys."""
    return setting == key or setting.startswith(f"{key}__") or key.startswith(f"{setting}__")


def _secrets() -> Iterator[Path]:
    directory = _secrets_directory()
    if directory:
        yield from sorted(path for path in Path(directory).iterdir() if path.is_file())


def _secrets_directory() -> str | None:
    return os.environ.get("SMARTHOME_SECRETS_DIR") or os.environ.get("CREDENTIALS_DIRECTORY") or None


def _read(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
        values = tomllib.loads(text) if path.suffix == ".toml" else yaml12.load(text)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    except (tomllib.TOMLDecodeError, yaml12.Error) as error:
        raise ConfigurationError(f"{path}: not valid {path.suffix.lstrip('.').upper() or 'YAML'}: {error}") from None
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise ConfigurationError(f"{path}: settings are keys with values, not {type(values).__name__}")
    for key in values:
        if not isinstance(key, str):
            raise ConfigurationError(f"{path}: {key!r}: a key must be a word")
    return values


def _explain(error: Any, origin: str) -> str:
    """One line: where it comes from, key, value, what is allowed."""
    key = ".".join(str(part) for part in error["loc"]) or "settings"
    value = error["input"]
    shown = "" if isinstance(value, (dict, BaseModel)) or "password" in key else f" = {value!r}"
    where = f"{origin}: " if origin else ""
    message = error["msg"].removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        message = "there is no such setting; `smarthome config schema` lists them all"
        shown = ""
    return f"{where}{key}{shown}: {message[0].lower()}{message[1:]}"
