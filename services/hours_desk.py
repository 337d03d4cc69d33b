"""Hours as a hub's social workers see them: claims that wait, and every volunteer's lines at the hub."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlmodel import Session, col

from config.text import Refusal, Text
from models import HoursClaim, HoursEntry, Hub, Person, Volunteer
from models.states import ClaimState, PersonState
from services import mails_hours
from services.access import require_coordinator
from services.errors import NotFound
from services.hours_view import ClaimLine, HoursLine, claim_lines, hours_lines
from services.no_shows import PauseView, pause_of
from services.queries import id_of, required
from services.wording import local_day

MOST_LISTED = 200


@dataclass(frozen=True)
class VolunteerHours:
    """Hold a volunteer and their minutes at a hub this year."""

    code: str
    name: str
    minutes: int


@dataclass(frozen=True)
class HubHours:
    """Hold the claims that wait at a hub and its volunteers, who served most first; `people` counts all."""

    waiting: tuple[ClaimLine, ...]
    volunteers: tuple[VolunteerHours, ...]
    people: int


@dataclass(frozen=True)
class PersonHours:
    """Hold one volunteer's lines at a hub."""

    person_id: int
    code: str
    name: str
    lines: tuple[HoursLine, ...]
    waiting: tuple[ClaimLine, ...]
    pause: PauseView | None


@dataclass(frozen=True)
class WaitingClaims:
    """Hold how many claims wait at a hub, and since when the first of them does."""

    hub_id: int
    count: int
    first: datetime


@dataclass(frozen=True)
class LinkAsked:
    """Say the same to everybody who asks for the way to their page, known here or not."""

    sentence: Text
    queued: int


def hub_hours(session: Session, hub_id: int, *, by: int, now: datetime) -> HubHours:
    """Return the hours of a hub for one of its coordinators; raises `NotYours`."""
    require_coordinator(session, by, hub_id)
    hub = required(session, Hub, hub_id)
    first = local_day(now, hub.time_zone).replace(month=1, day=1)
    rows = _volunteers(session, hub_id, first)
    return HubHours(waiting_at(session, hub_id), tuple(rows[:MOST_LISTED]), len(rows))


def person_hours(session: Session, hub_id: int, person_code: str, *, by: int, now: datetime) -> PersonHours:
    """Return one volunteer's lines at a hub; raises `NotYours`, or `NotFound` for who has none there."""
    require_coordinator(session, by, hub_id)
    found = session.execute(select(Person).where(col(Person.code) == person_code)).scalar_one_or_none()
    person_id = 0 if found is None else id_of(found)
    mine = col(HoursEntry.hub_id) == hub_id, col(HoursEntry.person_id) == person_id
    lines = hours_lines(session, *mine)
    home = session.get(Volunteer, person_id)
    if found is None or not (lines or (home and home.home_hub_id == hub_id)):
        raise NotFound(Refusal("no_such_volunteer", NO_SUCH_VOLUNTEER))
    waiting = tuple(one for one in waiting_at(session, hub_id) if one.person_code == person_code)
    pause = pause_of(session, person_id, now=now)
    return PersonHours(person_id, found.code, found.name, tuple(lines), waiting, pause)


def waiting_claims(session: Session, hub_ids: Sequence[int]) -> list[WaitingClaims]:
    """Return at which of the hubs claims wait, and how many."""
    question = (
        select(col(HoursClaim.hub_id), func.count(), func.min(HoursClaim.asked_at))
        .where(col(HoursClaim.hub_id).in_(hub_ids), col(HoursClaim.state) == ClaimState.ASKED)
        .group_by(col(HoursClaim.hub_id))
        .order_by(col(HoursClaim.hub_id))
    )
    return [WaitingClaims(*row) for row in session.execute(question).tuples()]


def waiting_at(session: Session, hub_id: int) -> tuple[ClaimLine, ...]:
    """Return the claims that wait at a hub, the oldest first."""
    open_ = col(HoursClaim.hub_id) == hub_id, col(HoursClaim.state) == ClaimState.ASKED
    return tuple(reversed(claim_lines(session, *open_)))


def send_link(session: Session, address: str, *, now: datetime) -> LinkAsked:
    """Send every volunteer of an address the way to their own page; the answer never tells who is known."""
    question = (
        select(Person)
        .join(Volunteer, col(Volunteer.person_id) == Person.id)
        .where(
            func.lower(Person.email) == unicodedata.normalize("NFKC", address).strip().lower(),
            col(Person.email) != "",
            col(Person.state) == PersonState.ACTIVE,
        )
        .order_by(col(Person.id))
    )
    people = session.execute(question).scalars().all()
    queued = sum(mails_hours.queue_link(session, person, now=now) for person in people)
    return LinkAsked(LINK_SENT, queued)


def _volunteers(session: Session, hub_id: int, first: date) -> list[VolunteerHours]:
    minutes = func.coalesce(func.sum(HoursEntry.minutes), 0)
    here = (
        (col(HoursEntry.person_id) == Person.id)
        & (col(HoursEntry.hub_id) == hub_id)
        & (col(HoursEntry.served_on) >= first)
    )
    question = (
        select(col(Person.code), col(Person.name), minutes)
        .join(HoursEntry, here)
        .group_by(col(Person.id), col(Person.code), col(Person.name))
        .order_by(minutes.desc(), col(Person.code))
    )
    return [VolunteerHours(code, name, int(total)) for code, name, total in session.execute(question)]


NO_SUCH_VOLUNTEER = Text("这家青年汇没有这位志愿者的时长。", "This hub has no hours of such a volunteer.")
LINK_SENT = Text(
    "如果这个邮箱登记过志愿者，信已经发出。几分钟内到，看看垃圾箱。",
    "If this address belongs to a volunteer, the mail is on its way. Look into your spam folder too.",
)
