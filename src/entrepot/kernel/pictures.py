"""Pictures that people upload: known by their content, never by their name, and made anew, so that nothing else is in them."""

from __future__ import annotations

import asyncio
import io
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from entrepot.kernel.errors import Invalid, UnsupportedMediaType

FORMATS: Final = ("JPEG", "PNG", "WEBP")
MAX_PIXELS: Final = 50_000_000
"""A small file may unpack to a huge picture: this is what the best telephones take."""
QUALITY: Final = 82

_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="pictures")
"""One at a time: the largest picture takes hundreds of megabytes while it is read."""

_BROKEN: Final = (OSError, SyntaxError, ValueError, EOFError, IndexError, TypeError, struct.error, zlib.error)
"""What Pillow's readers raise for damaged files, according to format and damage."""


class NotAPicture(UnsupportedMediaType):
    message = "The file is not a JPEG, PNG or WebP picture"


async def square_webp(content: bytes, side: int, *, field: str) -> bytes:
    """The middle of a picture as a square WebP of at most `side` pixels, upright, without anything that the file told besides.

    Of a moving picture, the first frame is taken. A small picture is not enlarged. Works on a thread of its own.

    Raises:
        NotAPicture: neither JPEG, PNG nor WebP by its content.
        Invalid: damaged, or of more than MAX_PIXELS; named as a fault of `field`.
    """
    return await asyncio.get_running_loop().run_in_executor(_thread, _square_webp, content, side, field)


def _square_webp(content: bytes, side: int, field: str) -> bytes:
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise _too_large(field)
            return _encoded(_squared(picture, side))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large(field) from None
    except UnidentifiedImageError:
        raise NotAPicture from None
    except _BROKEN:
        raise Invalid({field: ["is damaged: the picture cannot be read to its end"]}) from None


def _too_large(field: str) -> Invalid:
    return Invalid({field: [f"must have at most {MAX_PIXELS:,} pixels"]})


def _squared(picture: Image.Image, side: int) -> Image.Image:
    picture.draft("RGB", (2 * side, 2 * side))  # a JPEG is read in a smaller size right away
    upright = ImageOps.exif_transpose(picture)
    plain = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    side = min(side, plain.width, plain.height)
    return ImageOps.fit(plain, (side, side), Image.Resampling.LANCZOS)


def _encoded(picture: Image.Image) -> bytes:
    picture.info.clear()  # place, camera, comments and colour profile would be carried over
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=QUALITY, method=4)
    return out.getvalue()
