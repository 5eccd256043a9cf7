"""A number of devices in, a house of that size out: always the same, with the names people give their things."""

from __future__ import annotations

from collections.abc import Mapping

_FLOORS = ("Первый", "Второй", "Третий", "Четвёртый", "Пятый", "Шестой", "Седьмой", "Восьмой", "Девятый", "Десятый")
_ROOMS = (
    "Кухня", "Гостиная", "Спальня", "Детская", "Кабинет", "Прихожая", "Ванная", "Коридор", "Столовая", "Гардеробная",
    "Кладовая", "Прачечная", "Котельная", "Гараж", "Мастерская", "Библиотека", "Терраса", "Веранда", "Балкон",
    "Мансарда", "Подвал", "Сауна", "Бассейн", "Спортзал",
)  # fmt: skip
_THINGS = (
    ("Люстра", "light", None), ("Чайник", "switch", None), ("Левая штора", "cover", "curtain"),
    ("Термостат", "climate", None), ("Колонка", "media_player", "speaker"), ("Торшер", "light", None),
    ("Датчик движения", "binary_sensor", "motion"), ("Вытяжка", "fan", None), ("Белые жалюзи", "cover", "blind"),
    ("Розетка у окна", "switch", "outlet"), ("Настольная лампа", "light", None), ("Телевизор", "media_player", "tv"),
    ("Тёплый пол", "climate", None), ("Правая штора", "cover", "curtain"), ("Увлажнитель воздуха", "humidifier", None),
    ("Бра", "light", None), ("Кофеварка", "switch", None), ("Датчик влажности", "sensor", "humidity"),
    ("Потолочный вентилятор", "fan", None), ("Подсветка шкафа", "light", None), ("Мансардное окно", "cover", "window"),
    ("Пылесос", "vacuum", None), ("Ночник", "light", None), ("Кондиционер", "climate", None),
    ("Дверь на балкон", "lock", None), ("Гирлянда", "light", None), ("Датчик температуры", "sensor", "temperature"),
    ("Посудомоечная машина", "switch", None), ("Рулонная штора", "cover", "shade"), ("Споты", "light", None),
    ("Музыкальный центр", "media_player", None), ("Кран холодной воды", "valve", "water"),
    ("Светильник над столом", "light", None), ("Обогреватель", "climate", None), ("Зелёная лампа", "light", None),
    ("Датчик протечки", "binary_sensor", "moisture"), ("Стиральная машина", "switch", None),
)  # fmt: skip
_WHERE = (
    "у двери", "у окна", "над столом", "на стене", "в углу", "под полкой", "у зеркала", "за диваном", "над плитой",
    "слева от входа", "в шкафу", "у лестницы",
)  # fmt: skip
_PER_ROOM = 10


def generated_house(devices: int) -> Mapping[str, list[dict[str, str]]]:
    """devices.yaml with ``devices`` devices, ten to a room.

    As in real houses half of the names come back from room to room, the others say where a thing stands or its number.
    """
    rooms = range(-(-devices // _PER_ROOM))
    return {
        "floors": [{"id": f"floor{place}", "name": f"{name} этаж"} for place, name in enumerate(_FLOORS)],
        "areas": [
            {"id": f"room{room}", "name": _room(room), "floor": f"floor{room // len(_ROOMS) % len(_FLOORS)}"}
            for room in rooms
        ],
        "devices": [_device(number) for number in range(devices)],
    }


def _room(number: int) -> str:
    """«Кухня», and later «Кухня 2»."""
    again, which = divmod(number, len(_ROOMS))
    return f"{_ROOMS[which]} {again + 1}" if again else _ROOMS[which]


def _device(number: int) -> dict[str, str]:
    again, which = divmod(number, len(_THINGS))
    name, domain, device_class = _THINGS[which]
    later, more = divmod(again, 4)
    said = {1: f"{name} {_WHERE[later % len(_WHERE)]}", 3: f"{name} {later + 2}"}.get(more, name)
    device = {"id": f"{domain}.d{number}", "name": said, "domain": domain, "area": f"room{number // _PER_ROOM}"}
    return device | ({"device_class": device_class} if device_class else {})
