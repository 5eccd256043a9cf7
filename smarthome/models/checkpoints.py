"""torchvision's weights by name in, their file in torch's own cache out: ``pull`` fetches it, ``find`` only looks.

torchvision names a file after the first digits of its SHA-256 (https://docs.pytorch.org/docs/stable/hub.html), which is
the promise that the first pull is held to; later ones are held to the whole digest in the lock file.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from rich.console import Console
from rich.progress import wrap_file

from smarthome.models.lock import Lock, PullError, sha256

FILES = {
    "ResNet50_Weights.IMAGENET1K_V2": "resnet50-11ad3fa6.pth",
    "MC3_18_Weights.KINETICS400_V1": "mc3_18-a90a0ba3.pth",
}
"""Weights as ``torchvision.models.get_weight`` knows them → file; a test compares them with torchvision's own URLs."""

SOURCE = "https://download.pytorch.org/models"
ANSWER_S = 20.0
"""How long the server may be silent."""
_PREFIX = re.compile(r"-([0-9a-f]{8})\.")


def directory() -> Path:
    """Where torch keeps downloaded weights, found without importing torch."""
    home = os.environ.get("TORCH_HOME")
    base = Path(home) if home else Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "torch"
    return base.expanduser() / "hub" / "checkpoints"


def find(weights: str) -> Path | None:
    """The file of ``weights`` when it is here."""
    file = directory() / FILES[weights]
    return file if file.is_file() else None


def pull(weights: str, cache: Path, source: str = SOURCE) -> Path:
    """Fetch the file of ``weights`` unless it is here, and check it; progress on standard error.

    ``cache`` is the directory with the lock file. Raises PullError, ConfigurationError.
    """
    return pull_file(weights, FILES[weights], cache, source)


def pull_file(weights: str, name: str, cache: Path, source: str) -> Path:
    """As ``pull``, for any file named in torchvision's manner."""
    file = directory() / name
    lock = Lock.read(cache)
    if not file.is_file():
        _fetch(weights, f"{source.rstrip('/')}/{name}", file)
    lock.keep(weights, name, {name: file}, {}, cache)
    return file


def _fetch(weights: str, url: str, file: Path) -> None:
    """Under another name until it is complete and begins with the digits of its name."""
    unfinished = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with urlopen(url, timeout=ANSWER_S) as answer, unfinished.open("wb") as target:  # noqa: S310 (https, or a mirror of the owner's)
            size = int(answer.headers.get("Content-Length") or 0)
            with wrap_file(
                answer, size, description=file.name, console=Console(stderr=True), disable=not os.isatty(2)
            ) as progress:
                while piece := progress.read(1 << 20):
                    target.write(piece)
            if target.tell() != size:
                raise PullError(f"{weights}: {url} broke off after {target.tell()} of {size} bytes; pull again")
        digest, promised = sha256(unfinished), _PREFIX.findall(file.name)[0]
        if not digest.startswith(promised):
            raise PullError(f"{weights}: {url} has the SHA-256 {digest}, which should begin with {promised}; refused")
        unfinished.replace(file)
    except URLError as error:
        raise PullError(f"{weights}: {url} cannot be reached; is there a network? ({error.reason})") from error
    except (TimeoutError, ConnectionError) as error:
        raise PullError(f"{weights}: {url} fell silent; pull again ({error})") from error
    except OSError as error:
        raise PullError(f"{weights}: cannot be stored ({error}); is there room in {file.parent}?") from error
    finally:
        unfinished.unlink(missing_ok=True)
