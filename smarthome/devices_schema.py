"""What may stand in devices.yaml, as pydantic models.

Device classes are Home Assistant's (https://developers.home-assistant.io/docs/core/entity/).
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

Domain: TypeAlias = Literal[
    "alarm_control_panel", "binary_sensor", "climate", "cover", "fan", "humidifier", "light", "lock", "media_player",
    "scene", "script", "sensor", "switch", "todo", "vacuum", "valve", "weather",
]  # fmt: skip

DEVICE_CLASSES: dict[str, frozenset[str]] = {
    "binary_sensor": frozenset(
        "battery battery_charging carbon_monoxide cold connectivity door garage_door gas heat light lock moisture "
        "motion moving occupancy opening plug power presence problem running safety smoke sound tamper update "
        "vibration window".split()
    ),
    "cover": frozenset("awning blind curtain damper door garage gate shade shutter window".split()),
    "humidifier": frozenset({"humidifier", "dehumidifier"}),
    "media_player": frozenset({"tv", "speaker", "receiver", "projector"}),
    "sensor": frozenset(
        "absolute_humidity apparent_power aqi area atmospheric_pressure battery blood_glucose_concentration "
        "carbon_dioxide carbon_monoxide conductivity current data_rate data_size date distance duration energy "
        "energy_distance energy_storage enum frequency gas humidity illuminance irradiance moisture monetary "
        "nitrogen_dioxide nitrogen_monoxide nitrous_oxide ozone ph pm1 pm25 pm4 pm10 power power_factor precipitation "
        "precipitation_intensity pressure reactive_energy reactive_power signal_strength sound_pressure speed "
        "sulphur_dioxide temperature temperature_delta timestamp uptime volatile_organic_compounds "
        "volatile_organic_compounds_parts voltage volume volume_flow_rate volume_storage water weight wind_direction "
        "wind_speed".split()
    ),
    "switch": frozenset({"outlet", "switch"}),
    "valve": frozenset({"water", "gas"}),
}

Identifier = Annotated[str, Field(pattern=r"^[a-z0-9_]+$", max_length=64)]
Spoken = Annotated[str, Field(min_length=1, max_length=80, pattern=r"\w")]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Spoken
    aliases: tuple[Spoken, ...] = ()


class FloorEntry(_Entry):
    """A storey."""

    id: Identifier


class AreaEntry(_Entry):
    """A room or another place."""

    id: Identifier
    floor: Identifier | None = None


class DriverEntry(BaseModel):
    """The MQTT convention a device speaks, and its name there when that is not the default."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: Literal["generic", "zigbee2mqtt"] = "generic"
    name: Annotated[str, Field(min_length=1, max_length=128)] | None = None


class DeviceEntry(_Entry):
    """A device."""

    id: Annotated[str, Field(pattern=r"^[a-z_]+\.[a-z0-9_]+$", max_length=128)]
    domain: Domain
    area: Identifier | None = None
    device_class: str | None = None
    driver: DriverEntry = DriverEntry()
    confirm: bool | None = None

    @field_validator("driver", mode="before")
    @classmethod
    def _short_form(cls, value: object) -> object:
        return {"type": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _class_fits_domain(self) -> DeviceEntry:
        allowed = DEVICE_CLASSES.get(self.domain, frozenset())
        if self.device_class is not None and self.device_class not in allowed:
            hint = ", ".join(sorted(allowed)) if allowed else f"a {self.domain} has none"
            raise ValueError(f"device_class {self.device_class!r} is not one of Home Assistant's: {hint}")
        return self


class SceneEntry(_Entry):
    """A scene of the owner's own: sentences that are carried out together."""

    id: Identifier
    area: Identifier | None = None
    commands: Annotated[tuple[Spoken, ...], Field(min_length=1, max_length=50)]
    confirm: bool | None = None


class DevicesFile(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    floors: tuple[FloorEntry, ...] = ()
    areas: tuple[AreaEntry, ...] = ()
    devices: tuple[DeviceEntry, ...] = ()
    scenes: tuple[SceneEntry, ...] = ()
    synonyms: dict[Spoken, tuple[Spoken, ...]] = {}
    phrases: dict[Spoken, Spoken] = {}
