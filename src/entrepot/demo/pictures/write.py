"""Writing the pictures of a catalog into the file storage's folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import msgspec
from PIL import Image

from entrepot.demo.pictures.draw import draw

PICTURE_SIDE: Final = 600
THUMBNAIL_SIDE: Final = 150
_THREADS: Final = 2
_QUALITY: Final = 84


class Sketch(msgspec.Struct, frozen=True):
    """What is to be drawn: the picture's file name, its shape, its colour `#rrggbb`, and which backdrop."""

    name: str
    picture: str
    colour: str
    variety: int


def picture_key(name: str) -> str:
    """The key in the file storage of the picture with this name."""
    return f"public/demo/{name}.webp"


def thumbnail_key(name: str) -> str:
    return f"public/demo/{name}-{THUMBNAIL_SIDE}.webp"


def write_pictures(folder: Path, sketches: Iterable[Sketch]) -> Iterator[str]:
    """Draw and write every picture with its thumbnail below `folder`, two at a time; yields each name when it is done.

    Pillow lets go of the interpreter while it scales and encodes, so that two threads use two processors.
    """
    (folder / picture_key("x")).parent.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="pictures") as threads:
        yield from threads.map(lambda sketch: _write(folder, sketch), sketches)


def _write(folder: Path, sketch: Sketch) -> str:
    picture = draw(sketch.picture, sketch.colour, sketch.variety)
    picture.save(folder / picture_key(sketch.name), "WEBP", quality=_QUALITY, method=1)
    thumbnail = picture.resize((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.BOX)
    thumbnail.save(folder / thumbnail_key(sketch.name), "WEBP", quality=_QUALITY, method=1)
    return sketch.name
