"""Questions and outcomes in, one Russian sentence out: what is said back, from the retained state of the devices."""

from __future__ import annotations

from datetime import datetime
from types import MappingProxyType

from smarthome.house.attributes import Attributes, echoes, is_number
from smarthome.house.house import House, Plan
from smarthome.house.resolution import targets
from smarthome.house.timers import TimerOutcome
from smarthome.intents import Action, Intent
from smarthome.inventory import Device, Inventory
from smarthome.reply.wording import counted, doing, duration, state

_MONTHS = (
    "января февраля марта апреля мая июня июля августа сентября октября ноября декабря".split()
)  # genitive: «23 ноября»
_WEEKDAYS = "понедельник вторник среда четверг пятница суббота воскресенье".split()

_UNIT_OF_CLASS = MappingProxyType(
    {"temperature": "degree", "humidity": "percent", "battery": "percent", "moisture": "percent"}
)

LISTENING = "Слушаю."
"""What is said to whoever has called the house and nothing more."""


def answer(intent: Intent, house: House, area: str | None, now: datetime) -> str | None:
    """The answer to a question; None for a question that nothing here can answer (weather)."""
    match intent.action:
        case Action.GET_TIME:
            return f"Сейчас {now:%H:%M}."
        case Action.GET_DATE:
            return f"Сегодня {_WEEKDAYS[now.weekday()]}, {now.day} {_MONTHS[now.month - 1]}."
        case Action.GET_TEMPERATURE:
            return _temperature(intent, house, area)
        case Action.GET_STATE:
            return _state(intent, house, area)
    return None


def _temperature(intent: Intent, house: House, area: str | None) -> str:
    found = [d for d in targets(house.inventory, intent, area) if _measures_air(d)]
    if not {"name", "area", "floor"} & set(intent.slots):
        found = [d for d in found if d.area == area] or found
    known = [(d, value) for d in found if (value := _degrees(house.state_of(d))) is not None]
    if not known:
        return "Нет данных о температуре."
    return " ".join(f"{_place(house, device)}: {counted(value, 'degree')}." for device, value in known)


def _measures_air(device: Device) -> bool:
    return device.domain == "climate" or device.device_class == "temperature"


def _degrees(said: Attributes) -> float | None:
    """A thermometer's reading; a thermostat's set point is none."""
    for key in ("current_temperature", "state"):
        if (value := _number(said, key)) is not None:
            return value
    return None


def _number(said: Attributes, key: str) -> float | None:
    """What a device reports under ``key``, if it is a number."""
    value = said.get(key)
    return float(value) if is_number(value) else None


def _place(house: House, device: Device) -> str:
    area = house.inventory.area_by_id.get(device.area or "")
    return area.name if area else device.name


def _state(intent: Intent, house: House, area: str | None) -> str:
    found = targets(house.inventory, intent, area)
    known = [(device, said) for device in found if (said := house.state_of(device))]
    if not known:
        return "Нет данных." if found else "Такого устройства нет."
    asked = intent.slots.get("state")
    if asked is None:
        return " ".join(f"{device.name}: {_described(device, said)}." for device, said in known)
    true = [device for device, said in known if echoes({"state": _meant(device, str(asked))}, said)]
    shown = true or [device for device, _ in known]
    return f"{'Да' if true else 'Нет'}. " + " ".join(f"{d.name}: {_described(d, house.state_of(d))}." for d in shown)


def _meant(device: Device, asked: str) -> str:
    """The state in the device's own terms: a locked door counts as closed, movement that is detected as on."""
    if device.domain == "lock":
        return {"closed": "locked", "open": "unlocked"}.get(asked, asked)
    return "on" if asked == "detected" else asked


def _described(device: Device, said: Attributes) -> str:
    parts = []
    value = said.get("state")
    if is_number(value):
        unit = _UNIT_OF_CLASS.get(device.device_class or "")
        parts.append(counted(value, unit) if unit else f"{value:g}".replace(".", ","))
    elif isinstance(value, str):
        parts.append(state(value, device.name))
    if (degrees := _number(said, "current_temperature")) is not None:
        parts.append(counted(degrees, "degree"))
    if (humidity := _number(said, "current_humidity")) is not None:
        parts.append(f"влажность {counted(humidity, 'percent')}")
    if (brightness := _number(said, "brightness")) is not None and value != "off":
        parts.append(f"яркость {counted(brightness, 'percent')}")
    return ", ".join(parts) or "нет данных"


def timer_reply(intent: Intent, outcome: TimerOutcome, now: float) -> str:
    """What is said after a timer intent; ``now`` is on the timers' clock."""
    if outcome.problem:
        return {
            "no_timer": "Таймеров нет.",
            "no_duration": "На сколько поставить таймер? Самое большее на неделю.",
            "too_many_timers": "Таймеров слишком много.",
        }[outcome.problem]
    timer = outcome.timers[0]
    match intent.action:
        case Action.START_TIMER if timer.command:
            return f"Через {duration(timer.total_s)}: {timer.command}."
        case Action.START_TIMER:
            return f"Таймер на {duration(timer.total_s)}."
        case Action.TIMER_STATUS:
            return " ".join(f"Осталось {duration(each.remaining_s(now))}." for each in outcome.timers)
        case Action.CANCEL_TIMER | Action.CANCEL_ALL_TIMERS:
            return "Таймер отменён." if len(outcome.timers) == 1 else "Таймеры отменены."
        case Action.PAUSE_TIMER:
            return "Таймер остановлен."
    return f"Осталось {duration(timer.remaining_s(now))}."


def timer_ended(name: str | None) -> str:
    """What is said when a timer without a command ends."""
    return f"Таймер «{name}» закончился." if name else "Таймер закончился."


def problem(plan: Plan, inventory: Inventory) -> str | None:
    """What is said or asked when nothing, or not everything, can be carried out; None when all is well."""
    if plan.reason == "confirm":
        asked = " ".join(f"{each.device.name}: {doing(each.attributes)}?" for each in plan.unsure)
        return f"Отложенная команда. {asked}" if plan.delayed else asked
    if plan.reason == "ambiguous":
        options = ", ".join(dict.fromkeys(_option(device, inventory) for device in plan.choice))
        return f"Уточните, что именно: {options}?" if options else "Уточните, что именно?"
    return {
        "unknown_device": "Такого устройства здесь нет.",
        "no_handler": "Этого я пока не умею.",
        "offline": "Нет связи с брокером, команда не выполнена.",
        "too_late": "Я не успел расслышать вовремя, повторите, пожалуйста.",
    }.get(plan.reason or "")


def _option(device: Device, inventory: Inventory) -> str:
    area = inventory.area_by_id.get(device.area or "")
    return f"{device.name} ({area.name})" if area else device.name
