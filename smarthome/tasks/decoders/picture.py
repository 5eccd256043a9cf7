"""Picture file in, RGB pixels out: JPEG, PNG, WebP, GIF, BMP as a person sees them. Run by ``cell.py`` only.

Turned as EXIF says, transparency on white, palettes and grey as colours, of an animation the first frame.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from smarthome.tasks.decoders.verdict import Undecodable

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")

warnings.simplefilter("error", Image.DecompressionBombWarning)


def decode(file: Path, options: Mapping[str, Any], raw: BinaryIO) -> Mapping[str, Any]:
    """Write ``height`` × ``width`` × 3 bytes; at most ``options["pixels"]`` pixels are decoded."""
    most = Image.MAX_IMAGE_PIXELS = int(options["pixels"])
    try:
        with Image.open(file, formats=FORMATS) as image:
            form = image.format
            upright = _rgb(ImageOps.exif_transpose(image))
    except UnidentifiedImageError:
        raise Undecodable("unreadable", f"not a picture in one of the formats {', '.join(FORMATS)}") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Undecodable("too_large", f"at most {most / 1e6:g} million pixels are decoded; make it smaller") from None
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise Undecodable("unreadable", f"the picture is damaged or cut off ({error})") from None
    raw.write(upright.tobytes())
    return {"width": upright.width, "height": upright.height, "format": form}


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):
        # Pillow would cut 16 bits off at 255 instead of scaling them.
        image = Image.fromarray((np.asarray(image).clip(0, 65_535) // 257).astype(np.uint8))
    if not image.has_transparency_data:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    paper = Image.new("RGBA", layer.size, "white")
    return Image.alpha_composite(paper, layer).convert("RGB")
