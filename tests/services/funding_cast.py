"""A hub that asks money for a project, and the people above it who decide."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, select

from models import FundingApplication, Hub, Partner, Person, Unit
from services import funding, funding_base, funding_review
from services.funding import Given
from services.funding_checks import LineGiven
from tests.factories import NOW, make_coordinator, make_hub, make_manager, make_unit, save

LINES = (
    LineGiven("fees", "12000", "6门课，每门4节，每节500元"),
    LineGiven("materials", "3,600.50", "每人40元，90人"),
)
GIVEN = Given(
    title="夜校：六门手艺课",
    purpose="下班后有事可做",
    starts_on=date(2027, 3, 1),
    ends_on=date(2027, 6, 30),
    serves="effect",
    lines=LINES,
)
LARGE = (LineGiven("equipment", "20000.01", "缝纫机8台"),)


@dataclass(frozen=True)
class Cast:
    """Hold who takes part: a district above a street, each with its managers."""

    district: Unit
    street: Unit
    hub: Hub
    asker: Person
    street_manager: Person
    district_manager: Person
    outsider: Person


def make_cast(session: Session) -> Cast:
    district = make_unit(session, name_zh="西城区", name_en="Xicheng", kind="district")
    street = make_unit(session, parent=district)
    partner = save(session, Partner(code=f"AG{street.id}", name_zh="事务所"))
    hub = make_hub(session, unit=street, partner_id=partner.id)
    return Cast(
        district=district,
        street=street,
        hub=hub,
        asker=make_coordinator(session, hub),
        street_manager=make_manager(session, street, name="祁望舒"),
        district_manager=make_manager(session, district, name="顾临川"),
        outsider=make_manager(session, make_unit(session)),
    )


def drafted(session: Session, cast: Cast, given: Given = GIVEN, *, now: datetime = NOW) -> FundingApplication:
    done = funding.save(session, cast.hub.id or 0, given, by=cast.asker.id or 0, now=now)
    return session.get_one(FundingApplication, done.application_id)


def seal(session: Session, found: FundingApplication) -> str:
    return funding_base.seal_of(funding_base.content_of(session, found))


def hand_in(session: Session, cast: Cast, given: Given = GIVEN, *, now: datetime = NOW) -> FundingApplication:
    """Write an application, hand it in, and let its first step be taken."""
    found = drafted(session, cast, given, now=now)
    funding.submit(session, found.id or 0, seal=seal(session, found), by=cast.asker.id or 0, now=now)
    funding_review.next_step(session, found.id or 0, now=now)
    return found


def answered(
    session: Session,
    found: FundingApplication,
    verdict: str,
    by: Person,
    *,
    reason: str = "",
    now: datetime = NOW,
) -> FundingApplication:
    """Answer as somebody who has read it, and let the next step be taken."""
    funding_review.answer(
        session, found.id or 0, verdict, reason, seal=seal(session, found), by=by.id or 0, now=now
    )
    funding_review.next_step(session, found.id or 0, now=now)
    return found


def only(session: Session) -> FundingApplication:
    return session.exec(select(FundingApplication)).one()
