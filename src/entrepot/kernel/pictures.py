"""Pictures that people upload: known by their content, never by their name, and made anew, so that nothing else is in them."""

from __future__ import annotations

import asyncio
import io
import struct
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

import msgspec
from PIL import Image, ImageOps, UnidentifiedImageError

from entrepot.kernel.errors import Invalid, Unavailable, UnsupportedMediaType

FORMATS: Final = ("JPEG", "PNG", "WEBP")
MAX_PIXELS: Final = 50_000_000
"""A small file may unpack to a huge picture: this is what the best telephones take."""
QUALITY: Final = 82

MAX_WAITING: Final = 30
"""Each waits with its file in memory, and more would wait for so long that it is kinder to turn them away."""

Made = TypeVar("Made")


class _Making:
    """A thread that makes pictures one at a time: the largest takes hundreds of megabytes while it is read."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="pictures")
        self._waiting = 0

    async def run(self, make: Callable[[], Made]) -> Made:
        if self._waiting >= MAX_WAITING:
            raise Unavailable("Too many pictures are being uploaded at once: try again shortly", retry_after_s=5)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, make)
        finally:
            self._waiting -= 1


_MAKING: Final = _Making()

_BROKEN: Final = (OSError, SyntaxError, ValueError, EOFError, IndexError, TypeError, struct.error, zlib.error)
"""What Pillow's readers raise for damaged files, according to format and damage."""


class NotAPicture(UnsupportedMediaType):
    message = "The file is not a JPEG, PNG or WebP picture"


class Rendition(msgspec.Struct, frozen=True):
    """A picture as it is published, in WebP, with its thumbnail; width and height are the picture's."""

    picture: bytes
    thumbnail: bytes
    width: int
    height: int


async def square_webp(content: bytes, side: int, *, field: str) -> bytes:
    """The middle of a picture as a square WebP of at most `side` pixels, upright, without anything that the file told besides.

    Of a moving picture, the first frame is taken. A small picture is not enlarged. Works on a thread of its own.

    Raises:
        NotAPicture: neither JPEG, PNG nor WebP by its content.
        Invalid: damaged, or of more than MAX_PIXELS; named as a fault of `field`.
        Unavailable: too many others wait already.
    """
    return await _made(content, field, 2 * side, lambda plain: _encoded(_squared(plain, side)))


async def webp_with_thumbnail(content: bytes, side: int, thumbnail_side: int, *, field: str) -> Rendition:
    """The whole picture as WebP whose longer side is at most `side` pixels, and a small one; otherwise as `square_webp`.

    Raises:
        NotAPicture, Invalid, Unavailable: see `square_webp`.
    """
    return await _made(content, field, side, lambda plain: _rendition(plain, side, thumbnail_side))


async def _made(content: bytes, field: str, side: int, make: Callable[[Image.Image], Made]) -> Made:
    return await _MAKING.run(lambda: _from_picture(content, field, side, make))


def _from_picture(content: bytes, field: str, side: int, make: Callable[[Image.Image], Made]) -> Made:
    """What `make` makes of the picture, which stands upright. A JPEG is read in a smaller size right away, of `side` or more."""
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise _too_large(field)
            picture.draft("RGB", (side, side))
            return make(_plain(ImageOps.exif_transpose(picture)))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large(field) from None
    except UnidentifiedImageError:
        raise NotAPicture from None
    except _BROKEN:
        raise Invalid({field: ["is damaged: the picture cannot be read to its end"]}) from None


def _too_large(field: str) -> Invalid:
    return Invalid({field: [f"must have at most {MAX_PIXELS:,} pixels"]})


def _plain(picture: Image.Image) -> Image.Image:
    """Eight bits for each colour, whatever it was."""
    if picture.mode.startswith("I;16"):  # a conversion would cut off what is brighter than 255
        picture = picture.convert("I").point(lambda grey: grey * (1 / 256)).convert("L")
    return picture.convert("RGBA" if picture.has_transparency_data else "RGB")


def _squared(picture: Image.Image, side: int) -> Image.Image:
    side = min(side, picture.width, picture.height)
    return ImageOps.fit(picture, (side, side), Image.Resampling.LANCZOS)


def _rendition(picture: Image.Image, side: int, thumbnail_side: int) -> Rendition:
    shown = _contained(picture, side)
    return Rendition(_encoded(shown), _encoded(_contained(shown, thumbnail_side)), shown.width, shown.height)


def _contained(picture: Image.Image, side: int) -> Image.Image:
    """No side is longer than `side`, and none vanishes, however thin the picture is."""
    scale = min(1, side / max(picture.size))
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture if size == picture.size else picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


def _encoded(picture: Image.Image) -> bytes:
    picture.info.clear()  # place, camera, comments and colour profile would be carried over
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=QUALITY, method=4)
    return out.getvalue()
