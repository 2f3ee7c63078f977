"""Places on Chinese maps: CGCS2000 (within centimetres of WGS 84), GCJ-02 (Amap, Tencent), BD-09 (Baidu). Pure.

Longitudes and latitudes in degrees. GCJ-02 shifts places in China by some hundred metres; its inverse is found by iteration
to about a millimetre. Outside China nothing is shifted.
"""

from __future__ import annotations

from math import asin, atan2, cos, pi, radians, sin, sqrt

Place = tuple[float, float]
DATUMS = ("CGCS2000", "GCJ-02", "BD-09")
AXIS, ECCENTRICITY = 6378245.0, 0.00669342162296594323
"""Of the ellipsoid (Krasovsky 1940) that GCJ-02 is computed with."""
TURN = pi * 3000 / 180


def in_china(place: Place) -> bool:
    """Whether GCJ-02 shifts a place: a rectangle around China."""
    lon, lat = place
    return 72.004 <= lon <= 137.8347 and 0.8293 <= lat <= 55.8271


def _waves(x: float) -> float:
    return (20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)) * 2 / 3


def _shift(place: Place) -> Place:
    x, y = place[0] - 105, place[1] - 35
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + _waves(x)
    east += (20 * sin(x * pi) + 40 * sin(x / 3 * pi)) * 2 / 3 + (
        150 * sin(x / 12 * pi) + 300 * sin(x / 30 * pi)
    ) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + _waves(x)
    north += (20 * sin(y * pi) + 40 * sin(y / 3 * pi)) * 2 / 3 + (
        160 * sin(y / 12 * pi) + 320 * sin(y * pi / 30)
    ) * 2 / 3
    lat = radians(place[1])
    m = 1 - ECCENTRICITY * sin(lat) ** 2
    return (
        east * 180 / (AXIS / sqrt(m) * cos(lat) * pi),
        north * 180 / (AXIS * (1 - ECCENTRICITY) / (m * sqrt(m)) * pi),
    )


def to_gcj(place: Place) -> Place:
    """CGCS2000 → GCJ-02."""
    if not in_china(place):
        return place
    dx, dy = _shift(place)
    return place[0] + dx, place[1] + dy


def from_gcj(place: Place) -> Place:
    """GCJ-02 → CGCS2000, by fixed-point iteration."""
    if not in_china(place):
        return place
    guess = place
    for _ in range(12):
        there = to_gcj(guess)
        guess = guess[0] + place[0] - there[0], guess[1] + place[1] - there[1]
    return guess


def gcj_to_bd(place: Place) -> Place:
    """GCJ-02 → BD-09."""
    x, y = place
    z, theta = sqrt(x * x + y * y) + 0.00002 * sin(y * TURN), atan2(y, x) + 0.000003 * cos(x * TURN)
    return z * cos(theta) + 0.0065, z * sin(theta) + 0.006


def bd_to_gcj(place: Place) -> Place:
    """BD-09 → GCJ-02, by fixed-point iteration."""
    guess = place[0] - 0.0065, place[1] - 0.006
    for _ in range(12):
        there = gcj_to_bd(guess)
        guess = guess[0] + place[0] - there[0], guess[1] + place[1] - there[1]
    return guess


def convert(place: Place, datum: str, to: str) -> Place:
    """A place of one datum in another. ValueError for a datum that is none of DATUMS."""
    if datum not in DATUMS or to not in DATUMS:
        raise ValueError(f"{datum} to {to}: the datums are {', '.join(DATUMS)}")
    if datum == to:
        return place
    if datum != "GCJ-02":
        place = to_gcj(place) if datum == "CGCS2000" else bd_to_gcj(place)
    if to != "GCJ-02":
        place = from_gcj(place) if to == "CGCS2000" else gcj_to_bd(place)
    return place


def metres(a: Place, b: Place) -> float:
    """Great-circle distance."""
    x, y = radians(b[0] - a[0]), radians(b[1] - a[1])
    h = sin(y / 2) ** 2 + cos(radians(a[1])) * cos(radians(b[1])) * sin(x / 2) ** 2
    return 2 * 6371008.8 * asin(min(1.0, sqrt(h)))
