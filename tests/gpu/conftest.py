"""Everything in this folder needs a CUDA device; ``make gpu-check`` runs it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.gpu.device import has_gpu


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marked, and skipped where there is none."""
    own = [item for item in items if Path(__file__).parent in item.path.parents]
    missing = bool(own) and not has_gpu()
    for item in own:
        item.add_marker(pytest.mark.gpu)
        if missing:
            item.add_marker(pytest.mark.skip(reason="there is no GPU"))
