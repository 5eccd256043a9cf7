"""Which files make a model of a kind complete: what `hub.pull` fetches and `hub.find` looks for."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

SAFETENSORS = "model.safetensors"
PICKLED = "pytorch_model.bin"


@dataclass(frozen=True, slots=True)
class Layout:
    """A model directory. Of each group in ``needed`` the first file that exists is taken; ``wanted`` if there."""

    needed: tuple[tuple[str, ...], ...]
    wanted: tuple[str, ...] = ()

    def files(self, there: Container[str]) -> list[str] | None:
        """Those of ``there`` that make the model; none when something needed is missing."""
        chosen = [next((name for name in group if name in there), None) for group in self.needed]
        found = [name for name in chosen if name is not None]
        if len(found) < len(self.needed):
            return None
        return found + [name for name in self.wanted if name in there]

    def missing(self, there: Container[str]) -> list[str]:
        """The groups of which nothing is there, each as « a or b »."""
        return [" or ".join(group) for group in self.needed if not any(name in there for name in group)]


TRANSCRIBE = Layout(
    needed=((SAFETENSORS,), ("config.json",), ("tokenizer.json",)),
    wanted=("generation_config.json", "preprocessor_config.json"),
)
SENTIMENT = Layout(
    needed=((SAFETENSORS, PICKLED), ("config.json",), ("tokenizer.json", "vocab.txt")),
    wanted=("vocab.txt", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"),
)
SHORTEN = Layout(
    needed=((SAFETENSORS, PICKLED), ("config.json",), ("tokenizer.json", "spiece.model")),
    wanted=(
        "spiece.model",
        "generation_config.json",
        "tokenizer_config.json",
        "special_tokens_map.json",
        "added_tokens.json",
    ),
)
"""A pickle is taken only where the author published nothing else; it is loaded by ``weights_only``."""
