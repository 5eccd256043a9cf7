"""Decoders that do what files may bring decoders to do."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from smarthome.tasks.decoders.verdict import Undecodable


def behave(  # noqa: C901
    file: Path, options: Mapping[str, Any], raw: BinaryIO
) -> Mapping[str, Any]:
    """What ``options["do"]`` says."""
    match options["do"]:
        case "read":
            content = file.read_bytes()
            raw.write(content[::-1])
            return {"size": len(content), "environment": sorted(os.environ), "pid": os.getppid()}
        case "crash":
            os.abort()
        case "exit":
            os._exit(0)
        case "hang":
            time.sleep(60)
        case "spin":
            while True:
                pass
        case "eat":
            return {"eaten": len(bytearray(500_000_000))}
        case "write":
            raw.write(bytes(50_000_000))
        case "refuse":
            raise Undecodable("unreadable", "not to my taste")
        case "raise":
            raise ZeroDivisionError
    return {}
