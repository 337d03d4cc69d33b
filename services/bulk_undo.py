"""The steps of undoing a change of many: what stands in its way, setting activities back, telling people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from config.text import Refusal, Text
from models import Activity, Message, Need, Offer, Participation, Person, Venue
from models.states import ActivityState, MessageState, OfferState, ParticipationState
from scheduling.conflicts import Booking, find_conflicts
from services import audit, mails
from services.bookings import activity_hands, booking_of, bookings
from services.queries import AFRESH, Occasion, Placement, Seat, id_of, named, occasions, placements, seats
from services.wording import moment_text

LEFT = (MessageState.SENT, MessageState.AMBIGUOUS, MessageState.LEASED)
"""States of a mail that its reader may have seen."""
UNSEEN = (OfferState.PROPOSED, OfferState.WITHDRAWN)
ENGAGED = (OfferState.SENT, OfferState.ACCEPTED)


@dataclass(frozen=True)
class Snapshot:
    """Hold how an activity stood before a change, and the version (`revision`) that the change led to."""

    activity_id: int
    state: str
    starts_at: datetime
    ends_at: datetime
    venue_id: int | None
    series_date: date | None
    reason: str
    revision: int = 0
    offers: dict[str, str] = field(default_factory=dict)
    taken: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, one: Activity, offers: dict[str, str], taken: dict[str, int]) -> Snapshot:
        """Return how an activity stands now."""
        return cls(
            id_of(one),
            one.state,
            one.starts_at,
            one.ends_at,
            one.venue_id,
            one.series_date,
            one.reason,
            one.revision,
            offers,
            taken,
        )

    def with_version(self, revision: int) -> Snapshot:
        """Return the same with the version that the change led to."""
        return replace(self, revision=revision)

    def as_row(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        dates = {name: getattr(self, name) for name in ("starts_at", "ends_at", "series_date")}
        plain = {name: value.isoformat() if value else None for name, value in dates.items()}
        return {**asdict(self), **plain}

    @classmethod
    def read(cls, row: dict[str, Any]) -> Snapshot:
        """Read what `as_row` gave."""
        day = row["series_date"]
        return cls(
            **{
                **row,
                "starts_at": datetime.fromisoformat(row["starts_at"]),
                "ends_at": datetime.fromisoformat(row["ends_at"]),
                "series_date": date.fromisoformat(day) if day else None,
            }
        )


def refuse_changed(session: Session, rows: Sequence[Snapshot], *, now: datetime) -> list[Refusal]:
    """Return why activities cannot be set back: changed since, begun, or their room taken."""
    found = _occasions(session, [one.activity_id for one in rows])
    problems = []
    for one in rows:
        occasion = found[one.activity_id]
        if occasion.activity.revision != one.revision:
            problems.append(_in_the_way(occasion, CHANGED_SINCE, "changed_since"))
        elif _has_begun(one, occasion, now):
            problems.append(_in_the_way(occasion, BEGUN, "activity_over"))
    return problems or _taken(session, rows, found)


def any_has_begun(session: Session, rows: Sequence[Snapshot], *, now: datetime) -> bool:
    """Say whether one of the activities has begun, as it was or as it is."""
    found = _occasions(session, [one.activity_id for one in rows])
    return any(_has_begun(one, found[one.activity_id], now) for one in rows)


def _has_begun(one: Snapshot, occasion: Occasion, now: datetime) -> bool:
    is_on = occasion.activity.state != ActivityState.CANCELLED
    return one.starts_at <= now or (is_on and occasion.activity.starts_at <= now)


CHANGED_SINCE = Text(
    "“{title}”（{code}）后来又有人改过，撤销不了。先看看它现在的安排。",
    "“{title}” ({code}) has been changed since, so nothing is undone. Look at how it stands now.",
)
BEGUN = Text(
    "“{title}”（{code}）原来的时间已经到了，撤销不了。",
    "The former time of “{title}” ({code}) is past, so nothing is undone.",
)


def _in_the_way(one: Occasion, sentence: Text, code: str) -> Refusal:
    filled = sentence.format(title=one.title, code=one.activity.code)
    return Refusal(code, filled, field=one.activity.code)


def _taken(session: Session, rows: Sequence[Snapshot], found: dict[int, Occasion]) -> list[Refusal]:
    if not rows:
        return []
    codes = {one.activity.code for one in found.values()}
    first, last = min(one.starts_at for one in rows), max(one.ends_at for one in rows)
    others = [one for one in bookings(session, first, last) if one.code not in codes]
    hands = activity_hands(session, found)
    wanted = [
        _booked(session, one, booking_of(found[one.activity_id], hands))
        for one in rows
        if one.state != ActivityState.CANCELLED
    ]
    zones = {one.activity.code: one.hub.time_zone for one in found.values()}
    return [
        one.refusal(moment_text(one.wanted.starts_at, zones[one.wanted.code]))
        for one in find_conflicts(others, wanted)
    ]


def _booked(session: Session, one: Snapshot, now: Booking) -> Booking:
    venue = session.get(Venue, one.venue_id) if one.venue_id else None
    name = venue.name if venue else ""
    return replace(now, starts_at=one.starts_at, ends_at=one.ends_at, venue_id=one.venue_id, venue=name)


def set_back(
    session: Session, rows: Sequence[Snapshot], *, by: int | None, now: datetime
) -> tuple[int, list[Refusal]]:
    """Set activities back; return how many people are told, and who has something else by now."""
    for one in rows:  # dates may change places: no two activities of a series share one meanwhile
        session.get_one(Activity, one.activity_id).series_date = None
    session.flush()
    found = _occasions(session, [one.activity_id for one in rows])
    told, busy = 0, []
    for one in rows:
        occasion = found[one.activity_id]
        former = mails.Before(occasion.activity.starts_at, occasion.activity.ends_at, occasion.place)
        was_out = occasion.activity.state == ActivityState.CANCELLED != one.state
        _restore(session, occasion.activity, one, by=by, now=now)
        if was_out:
            busy += _restore_offers(session, one, occasion, now)
        fresh = _occasions(session, [one.activity_id])[one.activity_id]
        told += (_tell_on_again if was_out else _tell_moved_back)(session, fresh, one, former, now)
    return told, busy


def _restore(session: Session, activity: Activity, one: Snapshot, *, by: int | None, now: datetime) -> None:
    audit.change(
        session,
        activity,
        "activity.restored",
        now=now,
        by=by,
        state=one.state,
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        venue_id=one.venue_id,
        series_date=one.series_date,
        revision=one.revision + 1,
    )
    activity.reason = one.reason
    session.flush()


def _restore_offers(session: Session, one: Snapshot, occasion: Occasion, now: datetime) -> list[Refusal]:
    """Give people their places back, unless they have promised to be elsewhere meanwhile."""
    busy = []
    taken: dict[int, int] = {}
    mine = select(Offer).where(col(Offer.id).in_([int(key) for key in one.offers]))
    for offer in session.execute(mine.execution_options(**AFRESH)).scalars().all():
        former = one.offers[str(offer.id)]
        if former in {OfferState.WITHDRAWN, offer.state} or _has_run_out(offer, former, now):
            continue
        if former != OfferState.PROPOSED and (other := _engaged(session, offer, one)):
            busy.append(_busy(session.get_one(Person, offer.person_id), occasion, other))
            continue
        offer.state = former
        taken[offer.need_id] = taken.get(offer.need_id, 0) + (
            former == OfferState.ACCEPTED and not offer.is_reserve
        )
    places = select(Need).where(col(Need.activity_id) == one.activity_id).execution_options(**AFRESH)
    for need in session.execute(places).scalars():
        need.taken = taken.get(id_of(need), 0)
    session.flush()
    return busy


def _has_run_out(offer: Offer, former: str, now: datetime) -> bool:
    return former == OfferState.SENT and offer.expires_at is not None and offer.expires_at <= now


def _engaged(session: Session, offer: Offer, one: Snapshot) -> Activity | None:
    question = (
        select(Activity)
        .join(Offer, col(Offer.activity_id) == Activity.id)
        .where(
            col(Offer.person_id) == offer.person_id,
            col(Offer.id) != offer.id,
            col(Offer.state).in_(ENGAGED),
            col(Activity.starts_at) < one.ends_at,
            col(Activity.ends_at) > one.starts_at,
        )
        .order_by(col(Activity.starts_at))
    )
    return session.execute(question).scalars().first()


def _busy(person: Person, occasion: Occasion, other: Activity) -> Refusal:
    sentence = Text(
        "{name}那时已经答应了“{other}”，没有放回“{title}”。",
        "{name} has promised to be at “{other}” by now and is not put back into “{title}”.",
    )
    names = {"other": named(other.title_zh, other.title_en), "title": occasion.title}
    return Refusal("person_busy", sentence.format(name=person.name, **names))


def _tell_on_again(
    session: Session, one: Occasion, row: Snapshot, _former: mails.Before, now: datetime
) -> int:
    if row.state != ActivityState.PUBLISHED:
        return 0
    heard = _who_heard(session, _counting_on(session, one), f"cancelled:{{}}:{row.revision}")
    mails.queue_on_again(session, [thing for thing in heard if _is_sure(thing)], now=now)
    mails.queue_offers(session, [thing for thing in heard if _is_asked(thing)], now=now)  # type: ignore[misc]  # -- only placements are asked
    return len(heard)


def _tell_moved_back(
    session: Session, one: Occasion, row: Snapshot, former: mails.Before, now: datetime
) -> int:
    sure = [thing for thing in _counting_on(session, one) if _is_sure(thing)]
    heard = _who_heard(session, sure, f"changed:{{}}:{row.revision}")
    mails.queue_changed(session, heard, former, now=now)
    return len(heard)


def _is_sure(thing: Placement | Seat) -> bool:
    return isinstance(thing, Seat) or thing.offer.state == OfferState.ACCEPTED


def _is_asked(thing: Placement | Seat) -> bool:
    return isinstance(thing, Placement) and thing.offer.state == OfferState.SENT


def _counting_on(session: Session, one: Occasion) -> list[Placement | Seat]:
    key = id_of(one.activity)
    return [
        *placements(session, col(Offer.activity_id) == key, col(Offer.state).in_(ENGAGED)),
        *seats(
            session,
            col(Participation.activity_id) == key,
            col(Participation.state) != ParticipationState.CANCELLED,
        ),
    ]


def _who_heard(session: Session, things: Sequence[Placement | Seat], key: str) -> list[Placement | Seat]:
    keys = {key.format(mails.own_place(thing)): thing for thing in things}
    question = select(col(Message.key)).where(col(Message.key).in_(keys), col(Message.state).in_(LEFT))
    left = set(session.execute(question).scalars())
    return [thing for key, thing in keys.items() if key in left]


def take_back(session: Session, created: Sequence[int], *, by: int | None, now: datetime) -> list[Refusal]:
    """Cancel what was planned and set it loose from its series; return what stays: it has begun or has people."""
    kept = []
    for activity, why in _made(session, created, now):
        if why is not None:
            kept.append(why)
            continue
        audit.change(
            session,
            activity,
            "activity.taken_back",
            now=now,
            by=by,
            state=ActivityState.CANCELLED,
            series_date=None,
            code=f"{activity.code}-x{activity.id}",
            revision=activity.revision + 1,
        )
        offers = select(Offer).where(
            col(Offer.activity_id) == activity.id, col(Offer.state) == OfferState.PROPOSED
        )
        for offer in session.execute(offers).scalars():
            offer.state = OfferState.WITHDRAWN
    session.flush()
    return kept


def why_kept(session: Session, created: Sequence[int], *, now: datetime) -> Iterator[Refusal | None]:
    """Yield, of each activity that still stands, why undoing would leave it, or None where it would not."""
    return (why for _, why in _made(session, created, now))


def _made(
    session: Session, created: Sequence[int], now: datetime
) -> Iterator[tuple[Activity, Refusal | None]]:
    for occasion in _occasions(session, created).values():
        activity = occasion.activity
        if activity.state == ActivityState.CANCELLED:
            continue
        if activity.starts_at <= now:
            yield activity, _in_the_way(occasion, TOO_LATE, "activity_over")
        elif _is_touched(session, id_of(activity)):
            yield activity, _in_the_way(occasion, HAS_PEOPLE, "people_placed")
        else:
            yield activity, None


TOO_LATE = Text(
    "“{title}”（{code}）已经开始，留着没动。",
    "“{title}” ({code}) has begun and stays as it is.",
)
HAS_PEOPLE = Text(
    "“{title}”（{code}）已经有人了，留着没动。要取消就单独取消。",
    "“{title}” ({code}) has people in it and stays. Cancel it by itself if it must go.",
)


def _is_touched(session: Session, activity_id: int) -> bool:
    asked = select(col(Offer.id)).where(
        col(Offer.activity_id) == activity_id, col(Offer.state).not_in(UNSEEN)
    )
    signed_up = select(col(Participation.id)).where(col(Participation.activity_id) == activity_id)
    return any(session.execute(question.limit(1)).first() for question in (asked, signed_up))


def _occasions(session: Session, ids: Iterable[int]) -> dict[int, Occasion]:
    return {id_of(one.activity): one for one in occasions(session, col(Activity.id).in_(list(ids)))}
