"""Check in on the spot: by six digits on a page of one's own, or by scanning what hangs at the door.

A check-in is evidence of its own. Where nobody has recorded the person yet it also says that they came; what
a social worker has recorded stands. A wrong code is kept and counted, so it is an answer and no refusal.
"""

from __future__ import annotations

import hmac
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import func, select
from sqlmodel import Session, col

from config.text import Refusal, Text
from models import Activity, Attendance, AuditEntry, CheckIn, CheckInWay, HoursSource, Offer, Participation
from models.states import ActivityState, OfferState, ParticipationState, Presence
from services import audit
from services.attendance_history import newest_records
from services.check_in_rules import CheckInRules, check_in_rules, code_of
from services.check_in_view import Place, check_of
from services.check_in_words import (
    ALREADY,
    CANCELLED,
    DONE,
    EARLY,
    LOCKED,
    NOT_FOUND,
    OVER,
    WHICH,
    WRONG_CODE,
)
from services.errors import HubError, TooLate
from services.queries import Occasion, Placement, id_of, occasions, only, placements, seats
from services.wording import moment_text

WRONG = "check_in.wrong_code"


class Outcome(StrEnum):
    """What a try to check in comes to."""

    IN = "in"
    AGAIN = "again"
    WRONG_CODE = "wrong_code"
    LOCKED = "locked"
    NOT_FOUND = "not_found"
    WHICH = "which"
    """Several people have this address; whoever is here says their name."""


@dataclass(frozen=True)
class CheckedIn:
    """Say what a try to check in came to; `name` only where the person is known by then."""

    outcome: Outcome
    sentence: Text
    name: str = ""

    @property
    def is_in(self) -> bool:
        """Say whether the person is checked in now."""
        return self.outcome in (Outcome.IN, Outcome.AGAIN)


def volunteer_by_code(session: Session, offer_id: int, code: str, *, now: datetime) -> CheckedIn:
    """Check a volunteer in by the digits shown at the venue; raises `HubError` outside the time for it."""
    placed = only(placements(session, col(Offer.id) == offer_id))
    if placed.offer.state != OfferState.ACCEPTED:
        raise _not_expected()
    return _by_code(session, placed, code, now=now)


def participant_by_code(session: Session, participation_id: int, code: str, *, now: datetime) -> CheckedIn:
    """Check a participant in by the digits shown at the venue; raises `HubError` outside the time for it."""
    seat = only(seats(session, col(Participation.id) == participation_id))
    if seat.participation.state != ParticipationState.SIGNED_UP:
        raise _not_expected()
    return _by_code(session, seat, code, now=now)


def by_address(session: Session, activity_id: int, address: str, name: str, *, now: datetime) -> CheckedIn:
    """Check in whoever scanned the code at the door and says their address.

    Raises `HubError` outside the time for it.
    """
    occasion = only(occasions(session, col(Activity.id) == activity_id))
    _require_open(session, occasion, now=now)
    asked = _plain(address)
    here = [one for one in _expected(session, activity_id) if asked and _plain(_address(one)) == asked]
    if len({_name(one) for one in here}) > 1:
        if not name.strip():
            return CheckedIn(Outcome.WHICH, WHICH)
        here = [one for one in here if _plain(_name(one)) == _plain(name)]
    if not here:
        return CheckedIn(Outcome.NOT_FOUND, NOT_FOUND)
    entered = [_enter(session, one, CheckInWay.QR, now=now) for one in here]
    return min(entered, key=lambda one: one.outcome == Outcome.AGAIN)


def leave(session: Session, offer_id: int, *, now: datetime) -> CheckedIn:
    """Note that a volunteer who checked in leaves before the end; a second time changes nothing."""
    placed = only(placements(session, col(Offer.id) == offer_id))
    session.refresh(placed.occasion.activity, with_for_update=True)
    check = check_of(session, placed)
    if check is None or check.at > now:
        raise _not_expected()
    if placed.occasion.activity.ends_at <= now:
        raise TooLate(Refusal("check_in_over", OVER))
    again = check.left_at is not None
    check.left_at = check.left_at or now
    session.add(check)
    session.flush()
    left = Text(
        zh="记好了，时长算到现在。路上小心。", en="Noted: your time counts up to now. Have a safe way home."
    )
    return CheckedIn(Outcome.AGAIN if again else Outcome.IN, left, placed.person.name)


def _by_code(session: Session, place: Place, code: str, *, now: datetime) -> CheckedIn:
    rules = _require_open(session, place.occasion, now=now)
    typed = "".join(ch for ch in unicodedata.normalize("NFKC", code) if ch.isdecimal())
    if check_of(session, place) is not None:
        return _enter(session, place, CheckInWay.CODE, now=now)
    if _wrong_tries(session, place, now - timedelta(minutes=rules.wait_minutes)) >= rules.tries:
        return CheckedIn(Outcome.LOCKED, LOCKED.format(minutes=rules.wait_minutes))
    if not hmac.compare_digest(typed.encode(), code_of(place.occasion.activity).encode()):
        audit.record(session, _row(place), WRONG, now=now)
        session.flush()
        return CheckedIn(Outcome.WRONG_CODE, WRONG_CODE)
    return _enter(session, place, CheckInWay.CODE, now=now)


def _require_open(session: Session, occasion: Occasion, *, now: datetime) -> CheckInRules:
    activity = occasion.activity
    rules = check_in_rules(session, now=now).of(activity.hub_id)
    if activity.state == ActivityState.CANCELLED:
        raise TooLate(Refusal("check_in_cancelled", CANCELLED))
    if activity.state != ActivityState.PUBLISHED or activity.ends_at <= now:
        raise TooLate(Refusal("check_in_over", OVER))
    opens_at = rules.opens_at(activity)
    if now < opens_at:
        early = EARLY.format(when=moment_text(opens_at, occasion.hub.time_zone))
        raise HubError(Refusal("check_in_early", early, field="code"))
    return rules


def _wrong_tries(session: Session, place: Place, since: datetime) -> int:
    row = _row(place)
    question = (
        select(func.count())
        .select_from(AuditEntry)
        .where(
            col(AuditEntry.at) > since,
            col(AuditEntry.verb) == WRONG,
            col(AuditEntry.thing) == row.__tablename__,
            col(AuditEntry.thing_id) == row.id,
        )
    )
    return int(session.execute(question).scalar_one())


def _enter(session: Session, place: Place, way: CheckInWay, *, now: datetime) -> CheckedIn:
    # Who records attendance at this moment waits, or two first records of one person could stand.
    session.refresh(place.occasion.activity, with_for_update=True)
    if check_of(session, place) is not None:
        return CheckedIn(Outcome.AGAIN, ALREADY, _name(place))
    check = CheckIn(activity_id=id_of(place.occasion.activity), way=way, at=now)
    if isinstance(place, Placement):
        check.offer_id = id_of(place.offer)
        _volunteer_came(session, place, now)
    else:
        check.participation_id = id_of(place.participation)
        _seat_came(session, place.participation, now)
    session.add(check)
    session.flush()
    return CheckedIn(Outcome.IN, DONE, _name(place))


def _volunteer_came(session: Session, placed: Placement, now: datetime) -> None:
    if id_of(placed.offer) in newest_records(session, id_of(placed.occasion.activity)):
        return
    session.add(
        Attendance(
            offer_id=id_of(placed.offer),
            presence=Presence.PRESENT,
            recorded_at=now,
            recorded_by_id=id_of(placed.person),
            source=HoursSource.CHECK_IN,
        )
    )


def _seat_came(session: Session, row: Participation, now: datetime) -> None:
    session.refresh(row)
    if row.presence == Presence.UNKNOWN:
        row.presence, row.recorded_at = Presence.PRESENT, now
        session.add(row)


def _expected(session: Session, activity_id: int) -> Sequence[Place]:
    coming = col(Offer.activity_id) == activity_id, col(Offer.state) == OfferState.ACCEPTED
    seated = (
        col(Participation.activity_id) == activity_id,
        col(Participation.state) == ParticipationState.SIGNED_UP,
    )
    return [*placements(session, *coming), *seats(session, *seated)]


def _row(place: Place) -> Offer | Participation:
    return place.offer if isinstance(place, Placement) else place.participation


def _name(place: Place) -> str:
    return place.person.name if isinstance(place, Placement) else place.participant.name


def _address(place: Place) -> str:
    return place.person.email if isinstance(place, Placement) else place.participant.email


def _plain(typed: str) -> str:
    return unicodedata.normalize("NFKC", typed).strip().casefold()


def why_not(outcome: str, rules: CheckInRules) -> Text | None:
    """Return what to say after a try that failed, as a page shows it on the way back."""
    failed = {Outcome.WRONG_CODE: WRONG_CODE, Outcome.LOCKED: LOCKED.format(minutes=rules.wait_minutes)}
    return next((words for one, words in failed.items() if one == outcome), None)


def _not_expected() -> TooLate:
    sentence = Text(
        zh="名单上没有你，签不了到。人已经到了，就找社工。",
        en="You are not on the list, so you cannot check in. If you are here, ask the social worker.",
    )
    return TooLate(Refusal("check_in_not_expected", sentence))
