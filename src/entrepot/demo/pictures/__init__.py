"""Pictures of the goods: flat drawings, made by the generator itself, the same for the same product every time.

`draw` makes one picture; `write_pictures` makes all that a catalog needs as WebP files with thumbnails.
"""

from entrepot.demo.pictures.draw import PICTURES, draw
from entrepot.demo.pictures.write import (
    PICTURE_SIDE,
    THUMBNAIL_SIDE,
    Sketch,
    picture_key,
    thumbnail_key,
    write_pictures,
)

__all__ = [
    "PICTURES",
    "PICTURE_SIDE",
    "THUMBNAIL_SIDE",
    "Sketch",
    "draw",
    "picture_key",
    "thumbnail_key",
    "write_pictures",
]
