"""Whether the libraries of figures are installed."""

from __future__ import annotations

from importlib.util import find_spec

from smarthome.errors import ConfigurationError


def needed(*modules: str, extra: str = "evaluate") -> None:
    """Raise ConfigurationError with what to install unless all ``modules`` are there."""
    for module in modules:
        if find_spec(module) is None:
            raise ConfigurationError(f"{module} is not installed: pip install 'smarthome[{extra}]'")
