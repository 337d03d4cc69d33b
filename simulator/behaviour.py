"""How likely people do what: the whole table of the simulated town, and the dice that read it.

Every share here is invented for the demo and measured nowhere. Shares of one table add up to one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from statistics import NormalDist

SILENT = "silent"

OFFER = {"yes": 0.62, "no": 0.20, SILENT: 0.18}
"""A volunteer who is asked to serve."""
STANDBY = {"standby": 0.70, SILENT: 0.30}
"""A volunteer who said yes when the last place was gone, asked to stand by."""
REMINDED_VOLUNTEER = {"withdraw": 0.03, SILENT: 0.97}
"""A volunteer who is reminded of a promise, and may find that it no longer suits."""
GUARDIAN = {"yes": 0.90, "no": 0.04, SILENT: 0.06}
"""A guardian who is asked to consent."""
ASSESSOR = {"submit": 0.97, "conflict": 0.01, SILENT: 0.02}
"""An assessor who is asked to score a hub; a conflict of interest is declared, not hidden."""
RESIDENT = {"answer": 0.75, "refuse": 0.05, SILENT: 0.20}
"""A resident who was drawn for the survey."""
RESIDENT_ITEM = {"rate": 0.95, "skip": 0.05}
"""One question of the survey."""
SIGNED_UP = {"cancel": 0.03, SILENT: 0.97}
"""A participant whose place is confirmed."""
PLACE_FREED = {"take": 0.85, SILENT: 0.15}
"""A participant on the waiting list to whom a place is offered."""
COORDINATOR = {"record": 0.95, SILENT: 0.05}
"""A coordinator who is asked to record attendance."""
VOLUNTEER_CAME = {"present": 0.90, "excused": 0.05, "no_show": 0.05}
PARTICIPANT_CAME = {"present": 0.85, "excused": 0.06, "no_show": 0.09}
MANAGER = {"release": 1.0}
"""A manager who is asked to read the report."""

REASONS = ("busy", "too_far", "not_my_thing")
"""Reasons for a no, offered to the form; a form that knows none of them gets none."""

MINORS_SHARE = 0.16
"""Share of the young people who sign up and are not yet 18."""
ENGLISH_SHARE = 0.06
"""Share of the young people who read us in English."""
SIGN_UPS_MEAN, SIGN_UPS_SPREAD = 16.5, 4.5
"""Young people who want to come to one activity: most fit in, some find it full and wait."""


@dataclass(frozen=True)
class Taste:
    """How a rating comes about, as shares of the scale: where it starts, and what moves it."""

    middle: float
    by_quality: float
    by_person: float
    by_item: float


ASSESSOR_TASTE = Taste(middle=0.62, by_quality=0.15, by_person=0.05, by_item=0.12)
RESIDENT_TASTE = Taste(middle=0.74, by_quality=0.09, by_person=0.12, by_item=0.13)


@dataclass(frozen=True)
class Dice:
    """Chance that depends on the seed and on stable facts, never on the order of events."""

    seed: int

    def roll(self, *facts: object) -> float:
        """Return a number in [0, 1) that is always the same for these facts."""
        text = "\x1f".join([str(self.seed), *map(str, facts)])
        return int.from_bytes(blake2b(text.encode(), digest_size=7).digest(), "big") / 2**56

    def choose(self, table: Mapping[str, float], *facts: object) -> str:
        """Return one key of `table`, each as likely as the table says."""
        rest = self.roll(*facts)
        for choice, share in table.items():
            rest -= share
            if rest < 0:
                return choice
        return list(table)[-1]  # the shares add up to a hair less than one

    def normal(self, *facts: object) -> float:
        """Return a draw from the standard normal distribution."""
        return NormalDist().inv_cdf(min(max(self.roll(*facts), 1e-9), 1 - 1e-9))

    def whole(self, low: int, high: int, *facts: object) -> int:
        """Return a whole number from `low` to `high`, both included."""
        return low + int(self.roll(*facts) * (high - low + 1))

    def rating(self, taste: Taste, levels: int, *, hub: str, person: str, item: str) -> int:
        """Return which of `levels` levels, from 0 up, `person` gives `hub` on `item`.

        Every hub has a latent quality that all its raters feel, each in their own way.
        """
        share = (
            taste.middle
            + taste.by_quality * self.normal("quality", hub)
            + taste.by_person * self.normal("strictness", person)
            + taste.by_item * self.normal("item", hub, person, item)
        )
        return min(max(round(share * (levels - 1)), 0), levels - 1)
