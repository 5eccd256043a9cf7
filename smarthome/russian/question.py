"""«Спроси, …» in, what is to be asked out: a question for somebody who knows more than the house."""

from __future__ import annotations

import re

from smarthome.russian.morphology import Morphology

_ASK = re.compile(
    r"^\W*(?:(?:а|ну|и)\s+)?спроси(?:те)?(?:\s*-?\s*ка)?(?P<whom>\s+у\s+(?P<name>[\w-]+)(?:\s+интеллекта)?)?[\s,:;—–-]+(?P<rest>.*\w.*)$",
    re.IGNORECASE | re.DOTALL,
)
_KNOWS = frozenset(
    "модели нейросети нейронки сети интеллекта искусственного ии компьютера машины интернета бота робота чата дома"
    " гемы геммы джеммы джемы квена квины оламы алламы оллама".split()
)
_PEOPLE = frozenset("меня тебя его ее её нас вас их него нее неё них кого".split())


def question(text: str, morphology: Morphology) -> str | None:
    """What follows «спроси», «спроси у нейросети»; None where somebody in the room is to ask somebody («спроси маму»).

    The first letter becomes a capital, for a question is a sentence.
    """
    found = _ASK.match(text)
    if found is None:
        return None
    name, rest = found["name"], found["rest"].strip()
    if name is not None and name.lower() not in _KNOWS:
        return None
    if name is None and _is_person(rest.split()[0].strip(",.?!—–:").lower(), morphology):
        return None
    return rest[0].upper() + rest[1:]


def _is_person(word: str, morphology: Morphology) -> bool:
    """In the accusative: whom to ask."""
    return word in _PEOPLE or morphology.is_whom(word)
