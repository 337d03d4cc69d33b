"""Places on the map, and how long the way between two of them takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import asin, ceil, cos, radians, sin, sqrt

EARTH_RADIUS_KM = 6371.0088
SPEED_KMH = 20.0
"""Door to door by bicycle, bus or underground in a big city; matching reckons with the same."""


@dataclass(frozen=True)
class Place:
    """Hold a point in degrees."""

    lon: float
    lat: float

    def km_to(self, other: Place) -> float:
        """Return the great-circle distance in kilometres (haversine)."""
        north = radians(other.lat - self.lat)
        east = radians(other.lon - self.lon)
        chord = sin(north / 2) ** 2 + cos(radians(self.lat)) * cos(radians(other.lat)) * sin(east / 2) ** 2
        return 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(chord)))


def travel_time(here: Place | None, there: Place | None) -> timedelta:
    """Return the way in whole minutes, rounded up; none where a place is not known."""
    if here is None or there is None:
        return timedelta()
    return timedelta(minutes=ceil(here.km_to(there) / SPEED_KMH * 60))
