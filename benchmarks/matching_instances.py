"""Invented districts to match: people near hubs, activities in the evening and at weekends."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from matching.inputs import Activity, Need, Staffing, Volunteer, Window

HUBS, SUB_DISTRICTS, SKILLS, DAYS = 177, 15, 12, 28
ZONE = "Asia/Shanghai"
MONDAY = datetime(2026, 11, 23, tzinfo=ZoneInfo(ZONE))
DAY_PARTS = ((9, 12), (13, 17), (18, 22))
SATURDAY = 5
TOPICS = ("chess", "repair", "reading", "music", "sports", "language")


@dataclass(frozen=True)
class Size:
    """Name how many people and places an instance has."""

    volunteers: int
    places: int

    @classmethod
    def read(cls, text: str) -> Self:
        """Return the size that an option such as 2000x500 names."""
        volunteers, places = text.lower().split("x")
        return cls(int(volunteers), int(places))

    def __str__(self) -> str:
        return f"{self.volunteers:,} people x {self.places:,} places"

    @property
    def free(self) -> tuple[float, float]:
        """Return how likely somebody is free in a day-part at weekends and on other days.

        The fewer a list holds, the more of them mean it: set so that about 50 people could take a
        place of 2,000, 160 of 20,000 and 300 of 100,000.
        """
        rates = ((5_000, (0.85, 0.65)), (50_000, (0.36, 0.10)))
        return next((rate for most, rate in rates if self.volunteers <= most), (0.20, 0.06))


def size_of(text: str) -> Size:
    """Read a size such as 20000x5000."""
    volunteers, places = text.lower().split("x")
    return Size(int(volunteers), int(places))


def make_instance(size: Size, seed: int = 1) -> Staffing:
    """Return a month of a district: eligibility, overlap, travel, hours, teams and blocked pairs all bind."""
    chance = random.Random(seed)
    hubs = _hubs(chance)
    volunteers = tuple(
        _volunteer(chance, number, hubs, size.free) for number in range(1, size.volunteers + 1)
    )
    activities, needs = [], []
    left = size.places
    while left > 0:
        activity = _activity(chance, len(activities) + 1, hubs)
        team = list(_needs(chance, activity.id, len(needs), min(left, chance.randint(2, 6))))
        activities.append(activity)
        needs += team
        left -= sum(need.desired for need in team)
    ids = [volunteer.id for volunteer in volunteers]
    blocked = (chance.sample(ids, 2) for _ in range(size.volunteers // 400))
    return Staffing(
        volunteers,
        tuple(activities),
        tuple(needs),
        frozenset((min(pair), max(pair)) for pair in blocked),
        ZONE,
    )


def _hubs(chance: random.Random) -> list[tuple[float, float]]:
    # Clouds of hubs around 15 centres in about 30 x 30 km.
    centres = [(116.2 + chance.random() * 0.35, 39.8 + chance.random() * 0.27) for _ in range(SUB_DISTRICTS)]
    return [_near(chance, centres[number % SUB_DISTRICTS]) for number in range(HUBS)]


def _near(chance: random.Random, point: tuple[float, float]) -> tuple[float, float]:
    return point[0] + chance.gauss(0, 0.02), point[1] + chance.gauss(0, 0.015)


def _volunteer(
    chance: random.Random, number: int, hubs: list[tuple[float, float]], free: tuple[float, float]
) -> Volunteer:
    hub = chance.randrange(HUBS)
    lon, lat = _near(chance, hubs[hub])
    born = date(chance.randint(1947, 2012), chance.randint(1, 12), chance.randint(1, 28))
    windows = tuple(
        Window(day, start * 60, end * 60)
        for day in range(7)
        for start, end in DAY_PARTS
        if chance.random() < free[day < SATURDAY]
    )
    return Volunteer(
        id=number,
        lon=lon,
        lat=lat,
        radius_km=chance.uniform(2, 9),
        weekly_hours=chance.choice([2, 3, 4, 6, 8]),
        birth_date=born,
        skills=frozenset(_skill(chance) for _ in range(chance.randint(1, 4))),
        windows=windows,
        check_expires_on=date(2027, 6, 1) if chance.random() < 0.8 else date(2026, 12, 1),
        consent_until=date(2027, 6, 1) if chance.random() < 0.8 else None,
        is_experienced=chance.random() < 0.35,
        home_hub_ids=frozenset({hub}),
        hours_given=chance.choice([0, 0, 0, 2, 4, 10]),
        liked=frozenset({chance.choice(TOPICS)}),
    )


def _skill(chance: random.Random) -> int:
    return min(SKILLS - 1, int(chance.expovariate(0.3)))


def _activity(chance: random.Random, number: int, hubs: list[tuple[float, float]]) -> Activity:
    hub = chance.randrange(HUBS)
    weights = [3 if day % 7 >= SATURDAY else 1 for day in range(DAYS)]
    day = chance.choices(range(DAYS), weights=weights)[0]
    opens, closes = chance.choices(DAY_PARTS, weights=[2, 2, 3])[0]
    minutes = min(chance.choice([90, 120, 150, 180, 240]), (closes - opens) * 60)
    late = chance.choice([0, 15, 30]) if minutes + 30 <= (closes - opens) * 60 else 0
    starts_at = MONDAY + timedelta(days=day, hours=opens, minutes=late)
    return Activity(
        id=number,
        starts_at=starts_at.astimezone(UTC),
        ends_at=(starts_at + timedelta(minutes=minutes)).astimezone(UTC),
        hub_id=hub,
        lon=hubs[hub][0],
        lat=hubs[hub][1],
        has_minors=chance.random() < 0.2,
        adults_present=1,
        priority=chance.randint(1, 3),
        kinds=frozenset({chance.choice(TOPICS)}),
    )


def _needs(chance: random.Random, activity: int, before: int, places: int) -> Iterator[Need]:
    number = before
    while places > 0:
        desired = chance.randint(1, min(2, places))
        places -= desired
        number += 1
        yield Need(
            id=number,
            activity_id=activity,
            role="helper",
            minimum=1,
            desired=desired,
            maximum=desired + 1,
            skill_id=_skill(chance) if chance.random() < 0.7 else None,
            needs_check=chance.random() < 0.3,
            needs_experience=True,
        )
