"""Which polygons are sound: closed, not too fine, no line across another, holes inside."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from entrepot.zones.locate import lies_in
from entrepot.zones.model import Polygon, Position, Ring

MAX_POINTS: Final = 1_000

Edge = tuple[Position, Position]


def refuse_unsound(rings: Sequence[Ring]) -> None:
    """Raise ValueError, with everything that is wrong, for rings that make no area with holes.

    Positions are in bounds already. An area across the 180th meridian is given in two zones.
    """
    faults = []
    if sum(map(len, rings)) > MAX_POINTS:
        raise ValueError(f"has more than {MAX_POINTS:,} points: draw it more simply")
    if any(ring[0] != ring[-1] for ring in rings):
        faults.append("each ring must end where it begins")
    elif any(_doubled_area(ring) == 0 for ring in rings):
        faults.append("each ring must enclose an area")
    elif has_crossing(rings):
        faults.append("lines must not cross each other")
    elif not _holes_lie_inside(rings):
        faults.append("holes must lie inside the outer ring")
    if faults:
        raise ValueError(", ".join(faults))


def has_crossing(rings: Sequence[Ring]) -> bool:
    """Whether any two edges cross; that they touch is allowed.

    Edges are gone through from west to east, each compared with those only that reach as far east as it begins.
    """
    edges = sorted((min(edge), max(edge)) for ring in rings for edge in pairwise(ring))
    reaching: list[Edge] = []
    for edge in edges:
        reaching = [other for other in reaching if other[1][0] >= edge[0][0]]
        if any(_cross(edge, other) for other in reaching):
            return True
        reaching.append(edge)
    return False


def _cross(one: Edge, other: Edge) -> bool:
    (a, b), (c, d) = one, other
    if max(a[1], b[1]) < min(c[1], d[1]) or max(c[1], d[1]) < min(a[1], b[1]):
        return False
    return _side(a, b, c) * _side(a, b, d) < 0 and _side(c, d, a) * _side(c, d, b) < 0


def _side(a: Position, b: Position, place: Position) -> int:
    turn = (b[0] - a[0]) * (place[1] - a[1]) - (b[1] - a[1]) * (place[0] - a[0])
    return (turn > 0) - (turn < 0)


def _doubled_area(ring: Ring) -> float:
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise(ring))


def _holes_lie_inside(rings: Sequence[Ring]) -> bool:
    """No edges cross, so that a hole lies inside when its points do."""
    outer = Polygon("Polygon", [list(rings[0])])
    return all(lies_in(outer, place) for hole in rings[1:] for place in hole)
