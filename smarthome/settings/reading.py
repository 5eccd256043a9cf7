"""Variables, secrets and a file in, one validated ``Settings`` out; every error names where the value came from."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_settings import SettingsError

from smarthome import yaml12
from smarthome.errors import ConfigurationError
from smarthome.settings.section import Section
from smarthome.settings.settings import Settings, secrets_directory

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
        return f"secrets directory {secrets_directory()}: {error}"
    name, source = section.groups()
    where = f"{_PREFIX}{name.upper()}" if source == "EnvSettingsSource" else f"{secrets_directory()}/{name}"
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
    directory = secrets_directory()
    if directory:
        yield from sorted(path for path in Path(directory).iterdir() if path.is_file())


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
