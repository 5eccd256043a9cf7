"""The YAML files beside this module, read with one clear complaint when something in them is not as it should be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.resources import files

from smarthome import yaml12
from smarthome.errors import ConfigurationError
from smarthome.russian.tokens import normalise

VERSION = 1


class DataError(ConfigurationError):
    """A data file, or the owner's own words, are not as the code expects; the message names file and key."""


class Section:
    """A mapping of a data file, with the path to it for complaints."""

    def __init__(self, values: object, where: str) -> None:
        if not isinstance(values, dict):
            raise DataError(f"{where}: expected keys with values, not {type(values).__name__}")
        self.where = where
        self._values: dict[object, object] = values

    def __contains__(self, key: str) -> bool:
        return key in self._values

    @property
    def names(self) -> list[str]:
        """The keys as words."""
        return [str(key) for key in self._values]

    def section(self, key: str) -> Section:
        """The mapping under ``key``."""
        return Section(self._get(key), f"{self.where}: {key}")

    def sections(self) -> Iterator[tuple[str, Section]]:
        """Every key with the mapping under it."""
        for key, value in self._values.items():
            yield str(key), Section(value, f"{self.where}: {key}")

    def items(self, key: str) -> list[Section]:
        """The list of mappings under ``key``."""
        values = self._get(key)
        if not isinstance(values, list):
            raise DataError(f"{self.where}: {key}: expected a list")
        return [Section(value, f"{self.where}: {key}[{place}]") for place, value in enumerate(values)]

    def text(self, key: str, default: str | None = None) -> str:
        """The scalar under ``key`` as a word."""
        value = self._values.get(key, default)
        if value is None or isinstance(value, (dict, list)):
            raise DataError(f"{self.where}: {key}: expected one word")
        return str(value)

    def flag(self, key: str, *, default: bool = False) -> bool:
        """The truth under ``key``."""
        value = self._values.get(key, default)
        if not isinstance(value, bool):
            raise DataError(f"{self.where}: {key}: expected true or false")
        return value

    def words(self, key: str) -> list[str]:
        """The list of words or phrases under ``key``, normalised; [] when the key is absent."""
        return _words(self._values.get(key) or [], f"{self.where}: {key}")

    def lines(self, key: str) -> list[str]:
        """The list of lines under ``key``, as written."""
        values = self._get(key)
        if not isinstance(values, list):
            raise DataError(f"{self.where}: {key}: expected a list")
        return [str(value) for value in values]

    def lists(self, key: str) -> list[list[str]]:
        """The list of lists of words under ``key``."""
        values = self._get(key)
        if not isinstance(values, list):
            raise DataError(f"{self.where}: {key}: expected a list")
        return [_words(value, f"{self.where}: {key}") for value in values]

    def table(self, key: str) -> dict[str, list[str]]:
        """Name → words."""
        return {name: _words(value, f"{self.where}: {key}: {name}") for name, value in self._pairs(key)}

    def integers(self, key: str) -> dict[int, list[str]]:
        """Whole number → words."""
        return {int(name): words for name, words in self.table(key).items()}

    def numbers(self, key: str) -> dict[float, list[str]]:
        """Number → words."""
        return {float(name): words for name, words in self.table(key).items()}

    def shares(self, key: str) -> dict[str, float]:
        """Phrase → number."""
        return {normalise(name): _number(value, f"{self.where}: {key}: {name}") for name, value in self._pairs(key)}

    def mapping(self, key: str) -> Mapping[str, str]:
        """Name → scalar as a word; {} when the key is absent."""
        return {name: str(value) for name, value in self._pairs(key)} if key in self else {}

    def _pairs(self, key: str) -> list[tuple[str, object]]:
        value = self._get(key)
        if not isinstance(value, dict):
            raise DataError(f"{self.where}: {key}: expected keys with values")
        return [(str(name), each) for name, each in value.items()]

    def _get(self, key: str) -> object:
        if key not in self._values:
            raise DataError(f"{self.where}: {key} is missing")
        return self._values[key]


def load(name: str) -> Section:
    """The data file ``name`` of this package."""
    section = Section(yaml12.load(files("smarthome.russian").joinpath(name).read_text(encoding="utf-8")), name)
    if section.text("version") != str(VERSION):
        raise DataError(f"{name}: version {section.text('version')}, this program reads version {VERSION}")
    return section


def _words(value: object, where: str) -> list[str]:
    if isinstance(value, str):
        return [normalise(value)]
    if not isinstance(value, list) or not all(isinstance(word, (str, int)) for word in value):
        raise DataError(f"{where}: expected a list of words")
    return [normalise(str(word)) for word in value]


def _number(value: object, where: str) -> float:
    if not isinstance(value, (int, float)):
        raise DataError(f"{where}: expected a number")
    return float(value)
