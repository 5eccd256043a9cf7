"""The result's directory: the model, ``finetune.json`` (plan, figures before and after), and checkpoints until the end.

Whatever is killed meanwhile, the last complete checkpoint is found again.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from smarthome.errors import ConfigurationError
from smarthome.finetuning.plan import Plan

RECORD = "finetune.json"
LAST_WRITTEN = "trainer_state.json"
"""What transformers' Trainer writes last into a checkpoint."""


@dataclass(frozen=True, slots=True)
class Folder:
    """One result's directory."""

    path: Path

    @property
    def checkpoints(self) -> Path:
        """Where Trainer saves on its way."""
        return self.path / "checkpoints"

    def begin(self, plan: Plan, *, resume: bool) -> dict[str, Any]:
        """The record so far: empty but for the plan, or the interrupted training's. Raises ConfigurationError."""
        wanted = plan.described()
        if resume and (self.path / RECORD).is_file():
            record = self._read()
            changed = [key for key in wanted if record["plan"].get(key) != wanted[key]]
            if changed:
                raise ConfigurationError(
                    f"{self.path}: was begun with another {', '.join(changed)}; "
                    "resume with what it was begun with, or train into another directory"
                )
            return record
        if self.path.exists() and not self._untouched():
            raise ConfigurationError(f"{self.path}: is not empty; name another directory, or go on with --resume")
        self.path.mkdir(parents=True, exist_ok=True)
        self.note({"plan": wanted})
        return {"plan": wanted}

    def note(self, record: Mapping[str, object]) -> None:
        """Write the record, atomically."""
        unfinished = self.path / f".{RECORD}"
        unfinished.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        with unfinished.open("rb") as written:
            os.fsync(written.fileno())
        unfinished.replace(self.path / RECORD)

    def last_checkpoint(self) -> Path | None:
        """The newest complete one; those that were being written when the training was killed are deleted."""
        found = sorted(self.checkpoints.glob("checkpoint-*"), key=lambda path: int(path.name.rpartition("-")[2]))
        complete = [path for path in found if _complete(path)]
        for path in set(found) - set(complete):
            shutil.rmtree(path)
        return complete[-1] if complete else None

    def _untouched(self) -> bool:
        """Empty, or left by an attempt that ended before anything was measured."""
        names = {path.name for path in self.path.iterdir()}
        return not names or (names == {RECORD} and "before" not in self._read())

    def _read(self) -> dict[str, Any]:
        try:
            record: dict[str, Any] = json.loads((self.path / RECORD).read_bytes())
        except (OSError, ValueError) as error:
            raise ConfigurationError(f"{self.path / RECORD}: cannot be read: {error}") from None
        return record


def _complete(checkpoint: Path) -> bool:
    try:
        json.loads((checkpoint / LAST_WRITTEN).read_bytes())
    except (OSError, ValueError):
        return False
    return True
