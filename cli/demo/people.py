"""The invented people of the demo's district: staff, volunteers, the young people served, guardians."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import cos, radians
from random import Random
from typing import Any

from cli.demo import names
from cli.demo.catalogue import AGENCIES, INTERESTS, OUTSIDE, SKILLS, SUB_DISTRICTS
from documents.weekly import windows_text

Row = dict[str, Any]

DAYS_A_YEAR = 365.2425
ENGLISH_SHARE = 0.15
MINORS_SHARE = 0.06
CHECKED_SHARE, EXPIRED_SHARE = 0.75, 0.10
EXPERIENCED_SHARE = 0.25
GUARDIAN_SHARE, CONSENT_SHARE = 0.95, 0.85
YOUNG_MINORS_SHARE = 0.2
BIRTH_DATE_SHARE = 0.6
AWAY_SHARE = 0.03
KM_A_DEGREE = 111.32
HOME_SPREAD_KM = 1.3

EVENING = (18 * 60, 21 * 60 + 30)
WEEKEND_HALVES = ((9 * 60, 12 * 60 + 30), (13 * 60, 18 * 60))
EVENING_CHANCE, WEEKEND_CHANCE = 0.22, 0.45


@dataclass(frozen=True)
class HubPlace:
    """Hold what people need to know of a hub: its code, its agency, and where it stands."""

    code: str
    agency: str
    lon: float
    lat: float


def staff(hubs: Sequence[HubPlace], dice: Random, start: date) -> Iterator[Row]:
    """Yield coordinators, managers, assessors and auditors."""
    for hub in hubs:
        for number in range(1 + (dice.random() < 0.3)):  # noqa: PLR2004 -- the share of hubs with a second one
            yield _employee(f"{hub.code}-C{number + 1}", "社工", hub.code, hub.agency, dice, start)
    for number in (1, 2):
        yield _employee(f"M-XC-{number}", "管理者", "XC", "", dice, start)
    for code, *_ in SUB_DISTRICTS:
        yield _employee(f"M-{code[3:]}", "管理者", code, "", dice, start)
    assessors = max(12, round(len(hubs) * 60 / 177))
    employers = [*(code for code, *_ in OUTSIDE), *(code for code, *_ in AGENCIES)]
    for number in range(assessors):
        yield _employee(f"A{number + 1:03}", "评估人", "", employers[number % len(employers)], dice, start)
    yield _employee("U-01", "督查", "XC", "", dice, start)


def volunteers(count: int, hubs: Sequence[HubPlace], dice: Random, start: date) -> Iterator[Row]:
    """Yield volunteers: around their home hub, with skills, free times and, most of them, a check."""
    for number in range(1, count + 1):
        hub = dice.choice(hubs)
        english = dice.random() < ENGLISH_SHARE
        code = f"V{number:05}"
        yield {
            "code": code,
            "name": names.name(dice, english=english),
            "email": f"{code.lower()}@volunteers.example",
            "phone": names.phone(dice),
            "language": "英文" if english else "中文",
            "birth_date": _birth_date(dice, start, is_minor=dice.random() < MINORS_SHARE),
            "gender": dice.choice("女男"),
            "roles": "志愿者",
            "home_hub": hub.code,
            **_place(hub, dice),
            "radius_km": dice.choice((2, 3, 3, 5, 5, 5, 8, 10)),
            "hours_per_week": dice.choice((2, 3, 4, 4, 6, 8)),
            "offers_per_week": dice.choice((1, 2, 3, 3, 3, 4)),
            "is_experienced": "是" if dice.random() < EXPERIENCED_SHARE else "否",
            "interests": "、".join(dice.sample(INTERESTS, dice.randrange(1, 4))),
            "skills": "、".join(skill for skill, *_, share in SKILLS if dice.random() < share),
            "free": _free_times(dice),
            **_check(dice, start),
        }


def participants(hubs: Sequence[HubPlace], per_hub: int, dice: Random, start: date) -> Iterator[Row]:
    """Yield the young people whom each hub serves; some give an age band instead of a birth date."""
    for hub in hubs:
        for number in range(1, per_hub + 1):
            english = dice.random() < ENGLISH_SHARE
            is_minor = dice.random() < YOUNG_MINORS_SHARE
            code = f"Y{hub.code.removeprefix('XC-')}-{number:03}"
            knows = dice.random() < BIRTH_DATE_SHARE
            band = dice.choice(("14岁以下", "14-17岁", "14-17岁") if is_minor else ("18-24岁", "25-35岁"))
            yield {
                "code": code,
                "hub": hub.code,
                "name": names.name(dice, english=english),
                "email": f"{code.lower()}@participants.example",
                "phone": names.phone(dice),
                "language": "英文" if english else "中文",
                "birth_date": _birth_date(dice, start, is_minor=is_minor) if knows else None,
                "age_band": "" if knows else band,
                "interests": "、".join(dice.sample(INTERESTS, dice.randrange(1, 4))),
                "_is_minor": is_minor,
            }


def guardians(minors: Sequence[Row], dice: Random, start: date) -> Iterator[Row]:
    """Yield the guardians of most minors; most of those have agreed, the others not answered yet."""
    for minor in minors:
        if dice.random() > GUARDIAN_SHARE:
            continue
        agreed = dice.random() < CONSENT_SHARE
        yield {
            "minor": minor["code"],
            "name": names.guardian_name(dice, minor["name"]),
            "email": f"{minor['code'].lower()}@families.example",
            "phone": names.phone(dice),
            "language": minor["language"],
            "consent": "同意" if agreed else "",
            "agreed_on": start - timedelta(days=dice.randrange(10, 300)) if agreed else None,
        }


def away(volunteers: Sequence[Row], dice: Random, start: date) -> Iterator[Row]:
    """Yield the days in the coming weeks on which some volunteers are away."""
    for person in volunteers:
        if dice.random() < AWAY_SHARE:
            first = start + timedelta(days=dice.randrange(0, 21))
            last = first + timedelta(days=dice.randrange(1, 8))
            yield {"person": person["code"], "starts_at": f"{first} 00:00", "ends_at": f"{last} 00:00"}


def is_minor(row: Row, start: date) -> bool:
    """Say whether somebody is under 18 when the demo begins."""
    born = row["birth_date"]
    return bool(row.get("_is_minor")) if born is None else (start - born).days < 18 * DAYS_A_YEAR


def _employee(code: str, role: str, scope: str, agency: str, dice: Random, start: date) -> Row:
    english = dice.random() < ENGLISH_SHARE
    return {
        "code": code,
        "name": names.name(dice, english=english),
        "email": f"{code.lower()}@staff.example",
        "phone": names.phone(dice),
        "language": "英文" if english else "中文",
        "birth_date": start - timedelta(days=int(DAYS_A_YEAR * dice.uniform(24, 55))),
        "partner": agency,
        "roles": role,
        "scope": scope,
    }


def _birth_date(dice: Random, start: date, *, is_minor: bool) -> date:
    # Most are in their twenties; a minor turns 18 within the demo now and then, as in life.
    years = dice.uniform(14.1, 17.95) if is_minor else min(18.1 + dice.expovariate(1 / 9), 66)
    return start - timedelta(days=int(years * DAYS_A_YEAR))


def _place(hub: HubPlace, dice: Random) -> Row:
    north, east = dice.gauss(0, HOME_SPREAD_KM), dice.gauss(0, HOME_SPREAD_KM)
    return {
        "lon": round(hub.lon + east / (KM_A_DEGREE * cos(radians(hub.lat))), 5),
        "lat": round(hub.lat + north / KM_A_DEGREE, 5),
    }


def _free_times(dice: Random) -> str:
    windows = [(day, *EVENING) for day in range(5) if dice.random() < EVENING_CHANCE]
    halves = [(day, *half) for day in (5, 6) for half in WEEKEND_HALVES]
    windows += [half for half in halves if dice.random() < WEEKEND_CHANCE]
    return windows_text(windows or [dice.choice(halves)])


def _check(dice: Random, start: date) -> Row:
    if dice.random() > CHECKED_SHARE:
        return {"checked_on": None, "check_expires_on": None}
    until = dice.randrange(-300, 0) if dice.random() < EXPIRED_SHARE else dice.randrange(5, 700)
    expires = start + timedelta(days=until)
    return {"checked_on": expires - timedelta(days=730), "check_expires_on": expires}
