"""Russian in, meaning out. Pure: no clock, no input or output but its own data."""

from smarthome.russian.context import Context, Memory
from smarthome.russian.dialogue import Dialogue
from smarthome.russian.explanation import Explanation
from smarthome.russian.parser import Parser

__all__ = ["Context", "Dialogue", "Explanation", "Memory", "Parser"]
