"""What must lie between two services of one person: the way, and on different days a rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matching.pairs import TravelBySpeed
from matching.pool import Floats, Ints


@dataclass(frozen=True)
class WayAndRest:
    """Take activities for places: `point` says where on the map each is (-1 unknown), `day` when.

    Between activities of different days lie at least `rest` seconds.
    """

    way: TravelBySpeed
    point: Ints
    day: Ints
    rest: float

    @property
    def longest(self) -> float:
        """Return an upper limit in seconds over all pairs of activities."""
        is_one_day = not len(self.day) or bool((self.day == self.day[0]).all())
        return self.way.longest if is_one_day else max(self.way.longest, self.rest)

    def seconds(self, here: Ints, there: Ints) -> Floats:
        """Return what must lie between activities given by position."""
        way = self.way.seconds(self.point[here], self.point[there])
        return np.where(self.day[here] == self.day[there], way, np.maximum(way, self.rest))
