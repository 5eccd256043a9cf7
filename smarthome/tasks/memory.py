"""What memory and disk of this machine are free, in megabytes of 10⁶ bytes; and giving memory back."""

from __future__ import annotations

import gc
import shutil
import subprocess
import sys
from pathlib import Path

UNKNOWN_MB = 1 << 30
"""Where nobody tells, there is room."""

ASKING_S = 10.0


def free_ram_mb() -> int:
    """What programs can have without swapping."""
    for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024 // 1_000_000
    return UNKNOWN_MB


def free_gpu_mb() -> int:
    """On all NVIDIA GPUs together, 0 without any; asked of the driver, which costs no memory there."""
    if shutil.which("nvidia-smi") is None:
        return 0
    query = ["nvidia-smi", "--query-gpu=memory.free", "--format=csv,noheader,nounits"]
    try:
        told = subprocess.run(query, capture_output=True, text=True, timeout=ASKING_S, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return 0
    return sum(int(line) * 1024 * 1024 // 1_000_000 for line in told.split() if line.isdigit())


def free_disk_mb(folder: Path) -> int:
    """Where ``folder`` is, or will be."""
    there = next(each for each in (folder, *folder.parents) if each.exists())
    return shutil.disk_usage(there).free // 1_000_000


def give_back() -> None:
    """What a model has left behind, on a GPU too."""
    gc.collect()
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()
