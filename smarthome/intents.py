"""What somebody wants: plain actions inside, Home Assistant's intents at the edges.

The vocabulary of intents and slots is Home Assistant's (https://github.com/home-assistant/intents). It knows one
``HassTurnOff`` for switching a lamp off, closing a curtain and *unlocking* a door; inside, these stay different
actions, so that no sentence without an unlocking or opening verb can ever unlock or open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Literal, TypeAlias

Slot: TypeAlias = str | int | float
"""A slot's value: a name from devices.yaml, a word of the vocabulary, or a number in the slot's unit."""

Status: TypeAlias = Literal["ok", "confirm", "ask", "rejected", "error"]


class Action(StrEnum):
    """One thing that can be wanted, in plain words."""

    ON = "on"
    OFF = "off"
    OPEN = "open"
    CLOSE = "close"
    LOCK = "lock"
    UNLOCK = "unlock"
    ARM = "arm"
    DISARM = "disarm"
    RUN = "run"
    STOP = "stop"
    SET_LIGHT = "set_light"
    SET_TEMPERATURE = "set_temperature"
    SET_PRESET = "set_preset"
    SET_HUMIDITY = "set_humidity"
    SET_HUMIDIFIER_MODE = "set_humidifier_mode"
    SET_SPEED = "set_speed"
    SET_POSITION = "set_position"
    SET_VOLUME = "set_volume"
    STEP_VOLUME = "step_volume"
    MUTE = "mute"
    UNMUTE = "unmute"
    PAUSE = "pause"
    RESUME = "resume"
    NEXT = "next"
    PREVIOUS = "previous"
    PLAY = "play"
    START_CLEANING = "start_cleaning"
    CLEAN_AREA = "clean_area"
    PAUSE_CLEANING = "pause_cleaning"
    RETURN_TO_BASE = "return_to_base"
    SET_VACUUM_MODE = "set_vacuum_mode"
    GET_STATE = "get_state"
    GET_TEMPERATURE = "get_temperature"
    GET_WEATHER = "get_weather"
    GET_TIME = "get_time"
    GET_DATE = "get_date"
    START_TIMER = "start_timer"
    CANCEL_TIMER = "cancel_timer"
    CANCEL_ALL_TIMERS = "cancel_all_timers"
    INCREASE_TIMER = "increase_timer"
    DECREASE_TIMER = "decrease_timer"
    PAUSE_TIMER = "pause_timer"
    RESUME_TIMER = "resume_timer"
    TIMER_STATUS = "timer_status"
    SET_ALARM = "set_alarm"
    CANCEL_ALARM = "cancel_alarm"
    ADD_TO_SHOPPING_LIST = "add_to_shopping_list"
    COMPLETE_SHOPPING_ITEM = "complete_shopping_item"
    ADD_TO_LIST = "add_to_list"
    BROADCAST = "broadcast"
    NEVERMIND = "nevermind"


HASS_INTENTS: Mapping[Action, str] = MappingProxyType(
    {
        Action.ON: "HassTurnOn",
        Action.OFF: "HassTurnOff",
        Action.OPEN: "HassTurnOn",
        Action.CLOSE: "HassTurnOff",
        Action.LOCK: "HassTurnOn",
        Action.UNLOCK: "HassTurnOff",
        Action.ARM: "HassTurnOn",
        Action.DISARM: "HassTurnOff",
        Action.RUN: "HassTurnOn",
        Action.STOP: "HassStopMoving",
        Action.SET_LIGHT: "HassLightSet",
        Action.SET_TEMPERATURE: "HassClimateSetTemperature",
        Action.SET_PRESET: "HassClimateSetPreset",
        Action.SET_HUMIDITY: "HassHumidifierSetpoint",
        Action.SET_HUMIDIFIER_MODE: "HassHumidifierMode",
        Action.SET_SPEED: "HassFanSetSpeed",
        Action.SET_POSITION: "HassSetPosition",
        Action.SET_VOLUME: "HassSetVolume",
        Action.STEP_VOLUME: "HassSetVolumeRelative",
        Action.MUTE: "HassMediaPlayerMute",
        Action.UNMUTE: "HassMediaPlayerUnmute",
        Action.PAUSE: "HassMediaPause",
        Action.RESUME: "HassMediaUnpause",
        Action.NEXT: "HassMediaNext",
        Action.PREVIOUS: "HassMediaPrevious",
        Action.PLAY: "HassMediaSearchAndPlay",
        Action.START_CLEANING: "HassVacuumStart",
        Action.CLEAN_AREA: "HassVacuumCleanArea",
        Action.PAUSE_CLEANING: "HassVacuumPause",
        Action.RETURN_TO_BASE: "HassVacuumReturnToBase",
        Action.SET_VACUUM_MODE: "HassVacuumSetMode",
        Action.GET_STATE: "HassGetState",
        Action.GET_TEMPERATURE: "HassClimateGetTemperature",
        Action.GET_WEATHER: "HassGetWeather",
        Action.GET_TIME: "HassGetCurrentTime",
        Action.GET_DATE: "HassGetCurrentDate",
        Action.START_TIMER: "HassStartTimer",
        Action.CANCEL_TIMER: "HassCancelTimer",
        Action.CANCEL_ALL_TIMERS: "HassCancelAllTimers",
        Action.INCREASE_TIMER: "HassIncreaseTimer",
        Action.DECREASE_TIMER: "HassDecreaseTimer",
        Action.PAUSE_TIMER: "HassPauseTimer",
        Action.RESUME_TIMER: "HassUnpauseTimer",
        Action.TIMER_STATUS: "HassTimerStatus",
        Action.SET_ALARM: "HassSetAlarm",
        Action.CANCEL_ALARM: "HassCancelAlarm",
        Action.ADD_TO_SHOPPING_LIST: "HassShoppingListAddItem",
        Action.COMPLETE_SHOPPING_ITEM: "HassShoppingListCompleteItem",
        Action.ADD_TO_LIST: "HassListAddItem",
        Action.BROADCAST: "HassBroadcast",
        Action.NEVERMIND: "HassNevermind",
    }
)

QUESTIONS = frozenset(
    {
        Action.GET_STATE,
        Action.GET_TEMPERATURE,
        Action.GET_WEATHER,
        Action.GET_TIME,
        Action.GET_DATE,
        Action.TIMER_STATUS,
    }
)
"""Actions that only ask; they change nothing."""

TIMER_ACTIONS = frozenset(
    {
        Action.START_TIMER,
        Action.CANCEL_TIMER,
        Action.CANCEL_ALL_TIMERS,
        Action.INCREASE_TIMER,
        Action.DECREASE_TIMER,
        Action.PAUSE_TIMER,
        Action.RESUME_TIMER,
        Action.TIMER_STATUS,
    }
)
"""Actions that concern timers, not devices."""


@dataclass(frozen=True, slots=True)
class Intent:
    """One thing that was asked for.

    ``slots`` has Home Assistant's names and units: ``name, area, floor`` hold names from devices.yaml; ``brightness,
    position, percentage, volume_level, humidity`` are 0–100; ``temperature`` is °C for climate and kelvin for light.
    ``here`` says that the area was not spoken but is the microphone's: it prefers a device there, and gives way when
    the only fitting one stands elsewhere.
    """

    action: Action
    slots: Mapping[str, Slot] = field(default_factory=dict)
    here: bool = False

    def hass(self) -> dict[str, object]:
        """As Home Assistant writes it: ``{"intent": "HassTurnOn", "slots": {...}}``."""
        return {"intent": HASS_INTENTS[self.action], "slots": dict(self.slots)}


@dataclass(frozen=True, slots=True)
class Parse:
    """What a sentence means. ``intents`` is empty unless ``status`` is ok or confirm; ``reason`` is None for ok.

    Reasons: ``negation, not_a_command, not_understood, unknown_device, ambiguous, unexplained: WORDS, confirm,
    no_handler, too_long`` (docs/grammar.md). ``unsure``: it was not heard so well that it may be done unasked.
    """

    intents: tuple[Intent, ...] = ()
    status: Status = "ok"
    reason: str | None = None
    unsure: bool = False
