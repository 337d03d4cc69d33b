"""What services tell people by mail: rows in, messages of the right kind into the outbox.

Each function queues in the transaction of the deed; keys of stable ids make a second run queue nothing.
A key holds the moment of the deed where the same deed may rightly happen again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from models import Consent, ConsentPurpose, Guardian, Hub, Person
from notifications import kinds, outbox
from services.describing import Describer, guardian_recipient, recipient
from services.minors import agreed_until, is_minor
from services.queries import Occasion, Placement, Seat, id_of, named
from services.wording import local_day


def queue_offers(session: Session, asked: Sequence[Placement], *, now: datetime) -> int:
    """Ask volunteers whether they come."""
    known, agreed = Describer(session, asked), _with_guardians_consent(session, asked)
    mails = [
        (
            f"offer:{id_of(one.offer)}:{_moment(now)}",
            kinds.OfferMail(
                **known.about_offer(one),
                reasons=one.why,
                expires_at=one.offer.expires_at or one.occasion.activity.starts_at,
                is_reserve=one.offer.is_reserve,
                is_flexible=one.occasion.activity.window_from is not None and not one.offer.is_reserve,
                guardian_agreed=id_of(one.offer) in agreed,
            ),
        )
        for one in asked
    ]
    return outbox.queue_many(session, mails, now=now)


def _with_guardians_consent(session: Session, asked: Sequence[Placement]) -> set[int]:
    """Return the offers to minors whose guardian's consent holds on the day, by their ids."""
    days = [local_day(one.occasion.activity.starts_at, one.occasion.hub.time_zone) for one in asked]
    minors = [
        (one, day) for one, day in zip(asked, days, strict=True) if is_minor(one.person.birth_date, "", day)
    ]
    if not minors:
        return set()
    until = agreed_until(session, [id_of(one.person) for one, _ in minors], ConsentPurpose.VOLUNTEERING)
    return {id_of(one.offer) for one, day in minors if until.get(id_of(one.person), date.min) >= day}


def queue_confirmation(session: Session, placed: Placement, *, now: datetime) -> int:
    """Confirm a volunteer's yes, with the entry for their calendar."""
    about = Describer(session, [placed]).about_offer(placed)
    mail = kinds.OfferConfirmedMail(**about, is_reserve=placed.offer.is_reserve)
    return outbox.queue_many(session, [(f"confirmation:{id_of(placed.offer)}:{_moment(now)}", mail)], now=now)


def queue_place_taken(session: Session, late: Sequence[Placement], *, now: datetime) -> int:
    """Tell those who have not answered yet that the places are taken."""
    known = Describer(session, late)
    mails = [
        (f"taken:{id_of(one.offer)}:{_moment(now)}", kinds.PlaceTakenMail(**known.about_offer(one)))
        for one in late
    ]
    return outbox.queue_many(session, mails, now=now)


def queue_offer_reminders(session: Session, silent: Sequence[Placement], *, now: datetime) -> int:
    """Remind volunteers that the time to answer is nearly over."""
    known = Describer(session, silent)
    mails = [
        (
            f"answer_by:{id_of(one.offer)}:{_moment(one.offer.expires_at)}",
            kinds.OfferReminderMail(**known.about_offer(one), expires_at=one.offer.expires_at),
        )
        for one in silent
        if one.offer.expires_at is not None
    ]
    return outbox.queue_many(session, mails, now=now)


def queue_reminders(session: Session, due: Sequence[tuple[Placement, int]], *, now: datetime) -> int:
    """Remind volunteers who said yes, so many hours before the start."""
    known = Describer(session, [placed for placed, _ in due])
    mails = [
        (
            # With the start in it, a moved activity reminds afresh.
            f"reminder:{id_of(placed.offer)}:{placed.occasion.activity.starts_at:%Y%m%dT%H%MZ}:{hours}",
            kinds.ServiceReminderMail(**known.about_offer(placed), hours=hours),
        )
        for placed, hours in due
    ]
    return outbox.queue_many(session, mails, now=now)


def queue_thanks(
    session: Session, served: Sequence[tuple[Placement, int]], year: dict[int, int], *, now: datetime
) -> int:
    """Thank those who came; `served` pairs offers with minutes, `year` has all minutes by person."""
    known = Describer(session, [placed for placed, _ in served])
    mails = [
        (
            f"thanks:{id_of(placed.offer)}",
            kinds.ThanksMail(
                **known.about_offer(placed),
                person_id=id_of(placed.person),
                minutes=minutes,
                year_minutes=year[id_of(placed.person)],
            ),
        )
        for placed, minutes in served
    ]
    return outbox.queue_many(session, mails, now=now)


def queue_cancelled(session: Session, told: Sequence[Placement | Seat], *, now: datetime) -> int:
    """Tell everybody who agreed to come that an activity is cancelled."""
    known = Describer(session, told)
    mails = [
        (
            # With the version in it: what was called off, put back and called off again is told again.
            f"cancelled:{own_place(one)}:{one.occasion.activity.revision}",
            kinds.ActivityCancelledMail(**known.about_change(one)),
        )
        for one in told
    ]
    return outbox.queue_many(session, mails, now=now)


def queue_on_again(session: Session, told: Sequence[Placement | Seat], *, now: datetime) -> int:
    """Tell those who heard that an activity is cancelled that it takes place after all."""
    known = Describer(session, told)
    mails = [
        (
            f"on_again:{own_place(one)}:{one.occasion.activity.revision}",
            kinds.ActivityOnAgainMail(**known.about_change(one)),
        )
        for one in told
    ]
    return outbox.queue_many(session, mails, now=now)


@dataclass(frozen=True)
class Before:
    """Hold when and where an activity was to be before it was moved."""

    starts_at: datetime
    ends_at: datetime
    place: str


def queue_changed(
    session: Session, told: Sequence[Placement | Seat], before: Before, *, now: datetime
) -> int:
    """Tell everybody who agreed to come that an activity is at another time or place."""
    known = Describer(session, told)
    mails = [
        (
            f"changed:{own_place(one)}:{one.occasion.activity.revision}",
            kinds.ActivityChangedMail(
                **known.about_change(one),
                old_starts_at=before.starts_at,
                old_ends_at=before.ends_at,
                old_place=before.place,
            ),
        )
        for one in told
    ]
    return outbox.queue_many(session, mails, now=now)


def queue_attendance_due(
    session: Session, due: Sequence[tuple[Occasion, int]], *, attempt: int, now: datetime
) -> int:
    """Ask the coordinators of each hub who came; `due` pairs activities with people unrecorded."""
    known = Describer(session, [occasion for occasion, _ in due])
    mails = [
        (
            f"attendance:{id_of(occasion.activity)}:{id_of(person)}:{attempt}",
            kinds.AttendanceDueMail(
                to=recipient(person),
                person_id=id_of(person),
                occasion=known.occasion(occasion),
                people=people,
            ),
        )
        for occasion, people in due
        for person in known.coordinators.get(occasion.activity.hub_id, [])
    ]
    return outbox.queue_many(session, mails, now=now)


def queue_seat(session: Session, seat: Seat, position: int, *, now: datetime) -> int:
    """Confirm a participant's place, or say where they stand in line when `position` is not 0."""
    about = Describer(session, [seat]).about_seat(seat)
    mail: tuple[str, kinds.Mail] = (
        (f"waiting:{own_place(seat)}:{_moment(now)}", kinds.SignUpWaitingMail(**about, position=position))
        if position
        else (f"signed_up:{own_place(seat)}:{_moment(now)}", kinds.SignUpConfirmedMail(**about))
    )
    return outbox.queue_many(session, [mail], now=now)


def queue_place_freed(session: Session, seat: Seat, answer_by: datetime, *, now: datetime) -> int:
    """Offer a freed place to the first in line."""
    mail = kinds.PlaceFreedMail(**Describer(session, [seat]).about_seat(seat), answer_by=answer_by)
    return outbox.queue_many(session, [(f"freed:{own_place(seat)}:{_moment(now)}", mail)], now=now)


@dataclass(frozen=True)
class ConsentQuestion:
    """Hold what a guardian is asked: about whom, for which hub, until when to answer."""

    consent: Consent
    guardian: Guardian
    minor_name: str
    hub: Hub
    answer_by: datetime
    valid_until: date
    occasion: Occasion | None = None
    held_until: date | None = None


def queue_consent(session: Session, asked: ConsentQuestion, *, now: datetime) -> int:
    """Ask a guardian whether a minor may serve or take part."""
    known = Describer(session, hub_ids=[id_of(asked.hub)])
    mail = kinds.ConsentRequestMail(
        to=guardian_recipient(asked.guardian, asked.hub.time_zone),
        consent_id=id_of(asked.consent),
        minor_name=asked.minor_name,
        purpose=asked.consent.purpose,
        hub=named(asked.hub.name_zh, asked.hub.name_en),
        answer_by=asked.answer_by,
        valid_until=asked.valid_until,
        held_until=asked.held_until,
        occasion=known.occasion(asked.occasion) if asked.occasion else None,
        in_charge=known.contact(id_of(asked.hub)),
    )
    return outbox.queue_many(session, [(f"consent:{id_of(asked.consent)}", mail)], now=now)


def queue_registration(
    session: Session, person: Person, hub: Hub, *, guardian_asked: bool, now: datetime
) -> int:
    """Welcome a volunteer who registered; once a person, however often the form is sent."""
    known = Describer(session, hub_ids=[id_of(hub)])
    mail = kinds.RegistrationReceivedMail(
        to=recipient(person),
        person_id=id_of(person),
        hub=named(hub.name_zh, hub.name_en),
        guardian_asked=guardian_asked,
        in_charge=known.contact(id_of(hub)),
    )
    return outbox.queue_many(session, [(f"registration:{id_of(person)}", mail)], now=now)


def own_place(one: Placement | Seat) -> str:
    """Return whose place it is, as keys of mails name it."""
    if isinstance(one, Placement):
        return f"offer:{id_of(one.offer)}"
    return f"participation:{id_of(one.participation)}"


def _moment(at: datetime) -> str:
    return f"{at:%Y%m%dT%H%M%SZ}"
