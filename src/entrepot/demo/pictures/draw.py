"""Drawing one product: its shape, in its colour, before a backdrop that sets it off."""

from __future__ import annotations

from typing import Final

from PIL import Image

from entrepot.demo.pictures import building, care_and_food, electronics, fashion, home, household_and_motion
from entrepot.demo.pictures.canvas import Canvas, Colour, Shapes, colour_of, dark, light, mix

PICTURES: Final[Shapes] = {
    **electronics.SHAPES,
    **fashion.SHAPES,
    **home.SHAPES,
    **care_and_food.SHAPES,
    **building.SHAPES,
    **household_and_motion.SHAPES,
}
"""What can be drawn, by the name that content uses."""

_PASTELS: Final[tuple[Colour, ...]] = (
    (203, 220, 233),
    (240, 217, 197),
    (209, 227, 206),
    (229, 214, 231),
    (241, 227, 184),
    (199, 226, 223),
    (241, 208, 205),
    (214, 212, 236),
)
_LINEN: Final[Colour] = (240, 234, 224)


def draw(picture: str, colour: str, variety: int = 0) -> Image.Image:
    """The picture, 600 x 600. `colour` is `#rrggbb`; `variety` chooses among backdrops where the colour suggests none.

    Raises:
        KeyError: there is no such picture.
    """
    main = colour_of(colour)
    canvas = Canvas(main, _backdrop(main, variety))
    PICTURES[picture](canvas)
    return canvas.picture()


def _backdrop(main: Colour, variety: int) -> Colour:
    """A tint of the product's own colour; a pastel for what is grey, nearly black or nearly white."""
    brightest, darkest = max(main), min(main)
    greyish = brightest - darkest < 42
    if greyish or brightest < 80 or darkest > 205:
        pastel = _PASTELS[variety % len(_PASTELS)]
        return dark(pastel, 0.06) if darkest > 190 else pastel
    return mix(_LINEN, light(main, 0.5), 0.5)
