"""The volunteer's weekly digest: what is ahead, what waits for an answer, what was entered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlmodel import Session, col

from config.settings import settings
from models import Activity, HoursEntry, Offer, Person, Volunteer
from models.states import ActivityState, OfferState, PersonState
from notifications.kinds import CommitmentLine, Contact, VolunteerDigestMail
from notifications.kinds.base import offer_url
from services.describing import Describer, recipient
from services.digest_slots import Cadence, Period, Slot, in_words
from services.digest_times import readers
from services.digests_weeks import Window, week_of
from services.hours import minutes_since
from services.queries import Placement, batches, id_of, placements

AHEAD = timedelta(days=7)


@dataclass
class News:
    """Hold what a volunteer can be told."""

    upcoming: list[Placement] = field(default_factory=list)
    offers: list[Placement] = field(default_factory=list)
    minutes: int = 0


def volunteer_digests(
    session: Session, *, now: datetime, week: date, slot: Slot | None = None
) -> Iterator[tuple[str, VolunteerDigestMail]]:
    """Yield a key and a mail for each active volunteer who has news; the others cost nothing.

    With a slot, for its readers and its period; else for everybody and the week of `week`.
    """
    zone = settings().time_zone
    period = (
        slot.period(slot.last(now)) if slot else Period.of(Cadence.WEEKLY, week_of(week, zone).first, zone)
    )
    news = _news(session, period, now)
    if slot is not None:
        mine = readers(session, slot, now=now)
        news = {number: own for number, own in news.items() if number in mine}
    comes = {} if slot is None else {"comes": slot.sentence}
    year = minutes_since(session, news, date(period.ahead.first.year, 1, 1))
    contacts = _Contacts(session, news)
    for person in _people(session, news):
        number = id_of(person)
        own = news[number]
        yield (
            f"digest:{number}:{period.key}",
            VolunteerDigestMail(
                to=recipient(person),
                person_id=number,
                week=period.ahead.first,
                made_at=now,
                **in_words(period.cadence),
                **comes,
                upcoming=tuple(contacts.line(placed) for placed in own.upcoming),
                offers=tuple(contacts.line(placed, is_open=True) for placed in own.offers),
                minutes_added=own.minutes,
                year_minutes=year[number],
                in_charge=contacts.of(number),
            ),
        )


def _news(session: Session, period: Period, now: datetime) -> dict[int, News]:
    news: defaultdict[int, News] = defaultdict(News)
    ahead = (
        col(Activity.state) == ActivityState.PUBLISHED,
        col(Activity.starts_at) > now,
        col(Activity.starts_at) < max(period.ahead.end, now + AHEAD),
    )
    for placed in placements(session, col(Offer.state) == OfferState.ACCEPTED, *ahead):
        news[id_of(placed.person)].upcoming.append(placed)
    still_open = col(Offer.state) == OfferState.SENT, col(Offer.expires_at) > now
    for placed in placements(session, *still_open, *ahead[:2]):
        news[id_of(placed.person)].offers.append(placed)
    for person_id, minutes in _entered(session, period.before):
        if minutes > 0:
            news[person_id].minutes = minutes
    return {person_id: news[person_id] for person_id in sorted(news)}


def _entered(session: Session, week: Window) -> Iterable[tuple[int, int]]:
    question = (
        select(col(HoursEntry.person_id), func.sum(HoursEntry.minutes))
        .where(col(HoursEntry.entered_at) >= week.start, col(HoursEntry.entered_at) < week.end)
        .group_by(col(HoursEntry.person_id))
    )
    return [(person_id, int(minutes)) for person_id, minutes in session.execute(question)]


def _people(session: Session, person_ids: Iterable[int]) -> Iterator[Person]:
    for batch in batches(person_ids):
        question = (
            select(Person)
            .where(col(Person.id).in_(batch), col(Person.state) == PersonState.ACTIVE)
            .order_by(col(Person.id))
        )
        yield from session.execute(question).scalars()


class _Contacts:
    """Who at a volunteer's home hub reads replies, asked once for everybody."""

    def __init__(self, session: Session, person_ids: Iterable[int]) -> None:
        self._homes: dict[int, int] = {}
        for batch in batches(person_ids):
            question = select(col(Volunteer.person_id), col(Volunteer.home_hub_id)).where(
                col(Volunteer.person_id).in_(batch)
            )
            self._homes |= dict(session.execute(question).tuples().all())
        self._describer = Describer(session, [], hub_ids=set(self._homes.values()))

    def of(self, person_id: int) -> Contact | None:
        """Return a social worker of the person's home hub."""
        home = self._homes.get(person_id)
        return None if home is None else self._describer.contact(home)

    def line(self, placed: Placement, *, is_open: bool = False) -> CommitmentLine:
        """Return an offer as one item of the digest."""
        occasion = self._describer.occasion(placed)
        return CommitmentLine(
            title=occasion.title,
            role=placed.role,
            starts_at=occasion.starts_at,
            ends_at=occasion.ends_at,
            place=occasion.hub,
            url=offer_url(id_of(placed.offer), occasion),
            answer_by=placed.offer.expires_at if is_open else None,
        )
