"""Where a place lies: ray casting against a simpler way to say it, and what is no sound polygon."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.zones.locate import MAX_DISTANCE_KM, choose_zone, distance_km, lies_in
from entrepot.zones.model import Polygon, Position
from entrepot.zones.polygon import MAX_POINTS, has_crossing, refuse_unsound
from entrepot.zones.queries import Reach

Corner = tuple[int, int]

SQUARE = [(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0), (0.0, 0.0)]
HOLE = [(4.0, 4.0), (4.0, 6.0), (6.0, 6.0), (6.0, 4.0), (4.0, 4.0)]


def polygon(*rings: list[Position]) -> Polygon:
    return Polygon("Polygon", list(rings))


def in_triangle(a: Corner, b: Corner, c: Corner, place: Corner) -> bool:
    """Edges included; exact, in whole numbers."""
    turns = [(q[0] - p[0]) * (place[1] - p[1]) - (q[1] - p[1]) * (place[0] - p[0]) for p, q in ((a, b), (b, c), (c, a))]
    return all(turn >= 0 for turn in turns) or all(turn <= 0 for turn in turns)


def half(corner: Corner) -> int:
    """0 for directions from 0 up to 180 degrees, 1 for the others."""
    x, y = corner
    return 0 if y > 0 or (y == 0 and x > 0) else 1


@st.composite
def stars(draw: st.DrawFn) -> list[Corner]:
    """Corners around the origin, one a direction, by angle, none more than a half turn from the next: it sees them all."""
    directions = draw(
        st.lists(
            st.tuples(st.integers(-9, 9), st.integers(-9, 9)).filter(
                lambda corner: corner != (0, 0) and math.gcd(*corner) == 1
            ),
            min_size=8,
            max_size=24,
            unique=True,
        )
    )
    directions += [direction for direction in ((1, 0), (0, 1), (-1, 0), (0, -1)) if direction not in directions]
    ordered = sorted(directions, key=lambda d: (half(d), -Fraction(d[0], d[1]) if d[1] else Fraction(-(10**9))))
    return [(x * (k := draw(st.integers(1, 12))), y * k) for x, y in ordered]


@given(stars(), st.integers(-120, 120), st.integers(-120, 120), st.booleans())
def test_a_place_lies_in_a_star_if_it_lies_in_one_of_its_triangles(
    corners: list[Corner], x: int, y: int, clockwise: bool
) -> None:
    ring: list[Position] = [(float(cx), float(cy)) for cx, cy in [*corners, corners[0]]]
    expected = any(in_triangle((0, 0), a, b, (x, y)) for a, b in pairwise([*corners, corners[0]]))
    assert lies_in(polygon(ring[::-1] if clockwise else ring), (float(x), float(y))) is expected


@given(stars(), stars(), st.integers(-60, 60), st.integers(-60, 60))
def test_a_hole_is_left_out(outer: list[Corner], inner: list[Corner], x: int, y: int) -> None:
    """The outer ring is so large that the inner one lies in it."""
    large = [(cx * 2000, cy * 2000) for cx, cy in outer]
    rings = [[(float(cx), float(cy)) for cx, cy in [*corners, corners[0]]] for corners in (large, inner)]
    place = (float(x), float(y))
    in_hole, on_its_edge = lies_in(polygon(rings[1]), place), on_edge([*inner, inner[0]], (x, y))
    assert lies_in(polygon(*rings), place) is (not in_hole or on_its_edge)
    refuse_unsound(rings)


def on_edge(ring: list[Corner], place: Corner) -> bool:
    return any(
        (b[0] - a[0]) * (place[1] - a[1]) == (b[1] - a[1]) * (place[0] - a[0])
        and min(a[0], b[0]) <= place[0] <= max(a[0], b[0])
        and min(a[1], b[1]) <= place[1] <= max(a[1], b[1])
        for a, b in pairwise(ring)
    )


@pytest.mark.parametrize(
    ("place", "inside"),
    [
        ((5.0, 5.0), False),
        ((4.0, 5.0), True),
        ((3.0, 5.0), True),
        ((0.0, 0.0), True),
        ((10.0, 10.0), True),
        ((10.0, 5.0), True),
        ((10.1, 5.0), False),
        ((-1.0, 0.0), False),
        ((-1.0, 10.0), False),
    ],
)
def test_edges_and_corners_belong_to_the_area(place: Position, inside: bool) -> None:
    assert lies_in(polygon(SQUARE, HOLE), place) is inside


@given(stars())
def test_stars_are_sound_whatever_their_direction(corners: list[Corner]) -> None:
    ring: list[Position] = [(float(x), float(y)) for x, y in [*corners, corners[0]]]
    refuse_unsound([ring])
    refuse_unsound([ring[::-1]])


@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=3, max_size=12))
def test_crossings_are_found_as_if_each_edge_was_compared_with_each(corners: list[Corner]) -> None:
    edges = list(pairwise([*corners, corners[0]]))
    expected = any(
        turn(a, b, c) * turn(a, b, d) < 0 and turn(c, d, a) * turn(c, d, b) < 0 for a, b in edges for c, d in edges
    )
    assert has_crossing([[(float(x), float(y)) for x, y in [*corners, corners[0]]]]) is expected


def turn(a: Corner, b: Corner, c: Corner) -> int:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


@pytest.mark.parametrize(
    ("rings", "fault"),
    [
        ([SQUARE[:-1]], "end where it begins"),
        ([[(0.0, 0.0), (5.0, 5.0), (9.0, 9.0), (0.0, 0.0)]], "enclose an area"),
        ([[(0.0, 0.0), (10.0, 10.0), (10.0, 0.0), (0.0, 12.0), (0.0, 0.0)]], "cross"),
        ([SQUARE, [(x + 20, y) for x, y in HOLE]], "inside the outer ring"),
        ([SQUARE, [(x + 5, y) for x, y in HOLE]], "cross"),
        ([[(float(i), 0.0) for i in range(MAX_POINTS)] + [(0.0, 9.0), (0.0, 0.0)]], "1,000 points"),
    ],
)
def test_what_is_no_sound_polygon(rings: list[list[Position]], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        refuse_unsound(rings)


def test_a_large_polygon_is_looked_through_quickly() -> None:
    ring = [(math.cos(2 * math.pi * i / 999) * 10, math.sin(2 * math.pi * i / 999) * (5 + i % 2)) for i in range(999)]
    refuse_unsound([[*ring, ring[0]]])


def test_the_nearest_centre_counts_up_to_a_distance_and_boundaries_before_it() -> None:
    with_boundary = Reach(1, 5.0, 5.0, polygon(SQUARE))
    near, far = Reach(2, 10.2, 5.0, None), Reach(3, 10.4, 5.0, None)
    zones = [with_boundary, near, far]
    assert choose_zone(zones, 9.9, 5.0) == 1
    assert choose_zone(zones, 10.1, 5.0) == 2
    assert choose_zone(zones, 10.35, 5.0) == 3
    assert choose_zone(zones, 12.0, 5.0) is None
    assert choose_zone([with_boundary], 10.1, 5.0) is None


def test_distances_are_those_of_the_globe() -> None:
    assert distance_km((2.3522, 48.8566), (-0.1276, 51.5072)) == pytest.approx(343.6, abs=1)
    assert distance_km((179.9, 0.0), (-179.9, 0.0)) < MAX_DISTANCE_KM
