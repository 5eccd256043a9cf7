"""Our house in, the names that Home Assistant would be given out.

Home Assistant matches names letter by letter, so its user types a name in every case form that will be spoken, as
aliases. With ``forms`` the peer gets all of them, by our own morphology: the work of a very diligent user.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from smarthome.inventory import Area, Device, Floor, Inventory
from smarthome.russian.morphology import Morphology
from smarthome.russian.tokens import tokenise

Entry = dict[str, Any]


def peer_names(home: Inventory, morphology: Morphology | None) -> Mapping[str, list[Entry]]:
    """{"devices", "areas", "floors": [{"name", "spellings", "about"?}]}.

    Spellings are those of devices.yaml, and with ``morphology`` all their case forms.
    """

    def entry(thing: Device | Area | Floor) -> Entry:
        names = (thing.name, *thing.aliases)
        forms = [form for name in names for form in _forms(name, morphology)] if morphology else []
        return {"name": thing.name, "spellings": list(dict.fromkeys([*names, *forms]))}

    return {
        "devices": [entry(device) | {"about": _about(device)} for device in home.devices],
        "areas": [entry(area) for area in home.areas],
        "floors": [entry(floor) for floor in home.floors],
    }


def _forms(name: str, morphology: Morphology) -> list[str]:
    phrase = " ".join(token.word for token in tokenise(name))
    return sorted({" ".join(form) for forms in morphology.phrase_forms(phrase).values() for form in forms})


def _about(device: Device) -> dict[str, str]:
    """What its sentence templates ask of a device."""
    return {"domain": device.domain} | ({"device_class": device.device_class} if device.device_class else {})
