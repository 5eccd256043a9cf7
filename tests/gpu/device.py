"""The GPU of this machine, if there is one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


def has_gpu() -> bool:
    """As CTranslate2 sees it: torch takes seconds to import."""
    import ctranslate2  # noqa: PLC0415

    return bool(ctranslate2.get_cuda_device_count() > 0)


@contextmanager
def crowded(left_mb: int) -> Iterator[None]:
    """All of the GPU's memory is taken but so much."""
    import torch  # noqa: PLC0415

    torch.cuda.empty_cache()
    free, _ = torch.cuda.mem_get_info()
    taken = torch.empty(max(0, free - left_mb * 2**20), dtype=torch.uint8, device="cuda")
    try:
        yield
    finally:
        del taken
        torch.cuda.empty_cache()
