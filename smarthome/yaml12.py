"""YAML text in, plain values out, by the YAML 1.2 core schema: ``on``, ``no`` and ``22:30`` stay words.

PyYAML follows YAML 1.1, where ``on:`` is the key True. Source of the patterns: https://yaml.org/spec/1.2.2/#103-core-schema
"""

from __future__ import annotations

import re
from typing import Any

import yaml

Error = yaml.YAMLError
"""Raised for text that is no YAML; its message names line and column."""


_Base: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's is ten times faster


class Loader(_Base):  # type: ignore[misc, valid-type]
    """PyYAML's safe loader with the 1.2 core schema's scalars; keys are scalars, and given once."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 (PyYAML's own protocol)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """A dict; PyYAML alone would let a second value of the same key win silently."""
        seen = set()
        for key_node, _ in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "a key must be one word", key_node.start_mark)
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                problem = f"the key {key!r} is given twice"
                raise yaml.constructor.ConstructorError(None, None, problem, key_node.start_mark)
            seen.add(key)
        mapping: dict[Any, Any] = super().construct_mapping(node, deep)
        return mapping


for _tag, _pattern, _first in (
    ("null", r"|~|null|Null|NULL", ["", "~", "n", "N"]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+", list("-+0123456789")),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", list("-+.0123456789")),
):
    Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"^(?:{_pattern})$"), _first)


def load(text: str) -> Any:
    """The document in ``text`` as dicts, lists, strings, numbers, booleans and None; raises ``Error``."""
    return load_marked(text)[0]


def load_marked(text: str) -> tuple[Any, yaml.Node | None]:
    """The same, and the node tree it was made of, which knows the lines; None for an empty document."""
    loader = Loader(text)
    try:
        root = loader.get_single_node()
        return (None if root is None else loader.construct_document(root)), root
    finally:
        loader.dispose()
