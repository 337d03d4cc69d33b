"""The frame of a survey: everybody whom a hub served in the period, by stratum, each at one hub only."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from evaluation.sampling import Served
from models import Activity, Hub, Invitation, Participant, Participation
from models.states import PersonState, Presence
from services.metrics import Period
from services.queries import age_on

QUARTER = timedelta(days=91)
"""How long somebody who was drawn is left in peace."""
YOUNGEST_ASKED = 14
"""Children below this age are served and are not asked by mail."""
BANDS = ((14, "under_14"), (18, "14_17"), (25, "18_24"), (36, "25_35"))
OLDER, UNKNOWN = "36_up", "unknown"


def served(
    session: Session, hubs: dict[int, str], period: Period, strata: tuple[str, ...], today: date
) -> list[Served]:
    """Return who came to an activity of these hubs (code by id) in the period.

    Who came to several hubs counts at their own, else at the one with the lowest id, so that nobody is
    asked about two.
    """
    visits: dict[int, dict[int, int]] = {}
    people: dict[int, tuple[int, str]] = {}
    for person_id, home_id, birth_date, band, hub_id, count in session.execute(_question(period)):
        stratum_age = age_band(birth_date, band, today)
        if hub_id in hubs and stratum_age != BANDS[0][1]:
            visits.setdefault(person_id, {})[hub_id] = count
            people[person_id] = (home_id, stratum_age)
    return [
        Served(
            person_id, hubs[_one_hub(home_id, visits[person_id])], _stratum(strata, band, visits[person_id])
        )
        for person_id, (home_id, band) in sorted(people.items())
    ]


def resting(session: Session, today: date) -> frozenset[int]:
    """Return who was drawn within the last quarter, in whatever cycle."""
    question = select(col(Invitation.participant_id)).where(col(Invitation.drawn_on) > today - QUARTER)
    return frozenset(session.execute(question).scalars())


def age_band(birth_date: date | None, band: str, day: date) -> str:
    """Return the age group of somebody, by their birth date or else as they gave it."""
    if birth_date is None:
        return band or UNKNOWN
    age = age_on(birth_date, day)
    return next((name for end, name in BANDS if age < end), OLDER)


def _question(period: Period) -> Any:
    who = (
        col(Participant.id),
        col(Participant.hub_id),
        col(Participant.birth_date),
        col(Participant.age_band),
        col(Activity.hub_id),
    )
    return (
        select(*who, func.count())
        .join(Participation, col(Participation.participant_id) == Participant.id)
        .join(Activity, col(Activity.id) == Participation.activity_id)
        .join(Hub, col(Hub.id) == Activity.hub_id)
        .where(
            col(Participation.presence) == Presence.PRESENT,
            col(Participant.state) == PersonState.ACTIVE,
            period.over,
        )
        .group_by(*who)
    )


def _one_hub(home_id: int, visits: dict[int, int]) -> int:
    return home_id if home_id in visits else min(visits)


def _stratum(strata: tuple[str, ...], band: str, visits: dict[int, int]) -> str:
    names = {"age_band": band, "first_time": "once" if sum(visits.values()) == 1 else "again"}
    return "/".join(names[name] for name in strata) or "all"
