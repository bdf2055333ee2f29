"""The sheet a picture is drawn on: flat shapes in a 600 x 600 field, drawn larger and scaled down for smooth edges."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from PIL import Image, ImageDraw

Colour = tuple[int, int, int]
Point = tuple[float, float]

SIDE: Final = 600
OVERSAMPLING: Final = 2

WHITE: Final[Colour] = (252, 252, 250)
PAPER: Final[Colour] = (243, 240, 233)
INK: Final[Colour] = (38, 43, 54)
COAL: Final[Colour] = (58, 63, 74)
STEEL: Final[Colour] = (174, 182, 192)
SILVER: Final[Colour] = (212, 218, 225)
GOLD: Final[Colour] = (214, 170, 74)
WOOD: Final[Colour] = (184, 131, 84)
GLASS: Final[Colour] = (205, 230, 240)
LEAF: Final[Colour] = (106, 153, 78)
SKIN: Final[Colour] = (233, 196, 164)
RED: Final[Colour] = (214, 64, 56)


Shapes = Mapping[str, Callable[["Canvas"], None]]
"""What a module can draw, by the name that content uses."""


def colour_of(code: str) -> Colour:
    """`#a1b2c3` as red, green and blue."""
    return int(code[1:3], 16), int(code[3:5], 16), int(code[5:7], 16)


def mix(colour: Colour, other: Colour, share: float) -> Colour:
    """`share` of the other colour (0 to 1) in the first."""
    return (
        round(colour[0] + (other[0] - colour[0]) * share),
        round(colour[1] + (other[1] - colour[1]) * share),
        round(colour[2] + (other[2] - colour[2]) * share),
    )


def light(colour: Colour, share: float = 0.35) -> Colour:
    return mix(colour, (255, 255, 255), share)


def dark(colour: Colour, share: float = 0.22) -> Colour:
    return mix(colour, (22, 26, 38), share)


class Canvas:
    """A sheet with the product's colour: `main`, with lighter and darker shades of it at hand.

    Coordinates are in sheet units: 0,0 is the upper left corner, 600,600 the lower right one.
    """

    def __init__(self, main: Colour, backdrop: Colour) -> None:
        self.main = main
        self.pale = light(main, 0.62)
        self.light = light(main)
        self.dark = dark(main)
        self.deep = dark(main, 0.45)
        self.backdrop = backdrop
        self._image = Image.new("RGB", (SIDE * OVERSAMPLING, SIDE * OVERSAMPLING), backdrop)
        self._draw = ImageDraw.Draw(self._image)
        self.oval(70, 62, 530, 522, light(backdrop, 0.45))

    def picture(self) -> Image.Image:
        """The finished picture, 600 x 600."""
        return self._image.reduce(OVERSAMPLING)

    def shadow(self, left: float = 150, right: float = 450, y: float = 482) -> None:
        """What the product stands on."""
        self.oval(left, y - 13, right, y + 13, dark(self.backdrop, 0.13))

    def box(self, left: float, top: float, right: float, bottom: float, colour: Colour, radius: float = 0) -> None:
        corners = [_scale(left), _scale(top), _scale(right), _scale(bottom)]
        if radius:
            self._draw.rounded_rectangle(corners, _scale(radius), fill=colour)
        else:
            self._draw.rectangle(corners, fill=colour)

    def cap(
        self, left: float, top: float, right: float, bottom: float, colour: Colour, radius: float, *, up: bool = True
    ) -> None:
        """A box with two round corners: the upper ones, or the lower ones."""
        corners = (up, up, not up, not up)
        area = [_scale(left), _scale(top), _scale(right), _scale(bottom)]
        self._draw.rounded_rectangle(area, _scale(radius), fill=colour, corners=corners)

    def oval(self, left: float, top: float, right: float, bottom: float, colour: Colour) -> None:
        self._draw.ellipse([_scale(left), _scale(top), _scale(right), _scale(bottom)], fill=colour)

    def disc(self, x: float, y: float, radius: float, colour: Colour) -> None:
        self.oval(x - radius, y - radius, x + radius, y + radius, colour)

    def ring(self, x: float, y: float, radius: float, colour: Colour, width: float) -> None:
        area = [_scale(x - radius), _scale(y - radius), _scale(x + radius), _scale(y + radius)]
        self._draw.ellipse(area, outline=colour, width=_scale(width))

    def loop(self, left: float, top: float, right: float, bottom: float, colour: Colour, width: float) -> None:
        """An oval outline."""
        area = [_scale(left), _scale(top), _scale(right), _scale(bottom)]
        self._draw.ellipse(area, outline=colour, width=_scale(width))

    def frame(
        self, left: float, top: float, right: float, bottom: float, colour: Colour, width: float, radius: float = 0
    ) -> None:
        area = [_scale(left), _scale(top), _scale(right), _scale(bottom)]
        self._draw.rounded_rectangle(area, _scale(radius), outline=colour, width=_scale(width))

    def form(self, points: Sequence[Point], colour: Colour) -> None:
        """A filled polygon."""
        self._draw.polygon([(x * OVERSAMPLING, y * OVERSAMPLING) for x, y in points], fill=colour)

    def soft(self, points: Sequence[Point], colour: Colour, steps: int = 10) -> None:
        """A filled closed curve through rounded corners (quadratic curves between the middles of the sides)."""
        self.form(_rounded(points, steps), colour)

    def line(self, points: Sequence[Point], colour: Colour, width: float) -> None:
        """A line with round ends and joints."""
        scaled = [(x * OVERSAMPLING, y * OVERSAMPLING) for x, y in points]
        self._draw.line(scaled, fill=colour, width=_scale(width), joint="curve")
        for x, y in (points[0], points[-1]):
            self.disc(x, y, width / 2, colour)

    def curve(self, points: Sequence[Point], colour: Colour, width: float) -> None:
        """A smooth line that starts and ends at the outer points and leans towards the others."""
        self.line(bent(points), colour, width)

    def arc(self, x: float, y: float, radius: float, start: float, end: float, colour: Colour, width: float) -> None:
        """Part of a circle; degrees, clockwise from the right."""
        area = [_scale(x - radius), _scale(y - radius), _scale(x + radius), _scale(y + radius)]
        self._draw.arc(area, start, end, fill=colour, width=_scale(width))

    def slice(
        self, left: float, top: float, right: float, bottom: float, start: float, end: float, colour: Colour
    ) -> None:
        """Part of a filled oval, cut straight; degrees, clockwise from the right."""
        self._draw.chord([_scale(left), _scale(top), _scale(right), _scale(bottom)], start, end, fill=colour)

    def shine(self, points: Sequence[Point], colour: Colour, width: float = 7) -> None:
        """A highlight on something glossy."""
        self.line(points, light(colour, 0.5), width)


def _scale(value: float) -> int:
    return round(value * OVERSAMPLING)


def bent(points: Sequence[Point], steps: int = 24) -> list[Point]:
    """A Bezier curve of any degree through its first and last point."""
    degree = len(points) - 1
    weights = [math.comb(degree, index) for index in range(degree + 1)]
    curve = []
    for step in range(steps + 1):
        t = step / steps
        factors = [weight * t**i * (1 - t) ** (degree - i) for i, weight in enumerate(weights)]
        curve.append(
            (
                sum(factor * point[0] for factor, point in zip(factors, points, strict=True)),
                sum(factor * point[1] for factor, point in zip(factors, points, strict=True)),
            )
        )
    return curve


def _rounded(points: Sequence[Point], steps: int) -> list[Point]:
    outline: list[Point] = []
    for before, corner, after in zip([points[-1], *points[:-1]], points, [*points[1:], points[0]], strict=True):
        start = ((before[0] + corner[0]) / 2, (before[1] + corner[1]) / 2)
        end = ((corner[0] + after[0]) / 2, (corner[1] + after[1]) / 2)
        outline += bent([start, corner, end], steps)
    return outline


def turned(points: Sequence[Point], degrees: float, around: Point = (300, 300)) -> list[Point]:
    """The points turned clockwise."""
    sine, cosine = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
    x0, y0 = around
    return [(x0 + (x - x0) * cosine - (y - y0) * sine, y0 + (x - x0) * sine + (y - y0) * cosine) for x, y in points]


def bar(left: float, top: float, right: float, bottom: float) -> list[Point]:
    """The corners of a box, for turning."""
    return [(left, top), (right, top), (right, bottom), (left, bottom)]
