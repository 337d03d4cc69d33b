"""Guardians consent for minors: asked by mail, answered by link, valid for a year or until 18.

A yes lets the minor's waiting sign-ups count and a young volunteer begin; a no, or a yes taken back,
frees every place that depended on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlmodel import Session, col

from config.text import Refusal, Text
from models import (
    Activity,
    Consent,
    ConsentPurpose,
    Guardian,
    Hub,
    Offer,
    Participant,
    Participation,
    Person,
)
from models.states import ActivityState, ConsentState, OfferState, ParticipationState, PersonState
from services import audit, mails, seating
from services.consents_view import ConsentView, ExpiringConsent, expiring, view
from services.errors import HubError
from services.forms import NO_GUARDIAN, GuardianEntry
from services.minors import POLICY, Minor, MinorPolicy, has_consent, home_of, minor_of, valid_until
from services.offers import withdraw_acceptance
from services.queries import Occasion, Seat, claim, id_of, placements, required, seats
from services.wording import local_day

S = ConsentState
P = ParticipationState

__all__ = [
    "ConsentAnswered",
    "ConsentView",
    "ExpiringConsent",
    "answer",
    "expiring",
    "request",
    "view",
]

ANSWERS = {
    S.GRANTED: Text(
        zh="谢谢您，{minor}可以参加了。您随时可以在这一页收回同意。",
        en="Thank you; {minor} can take part. You can take your consent back on this page at any time.",
    ),
    S.REFUSED: Text(
        zh="知道了，{minor}这次不参加。谢谢您告诉我们。",
        en="Noted: {minor} will not take part. Thank you for telling us.",
    ),
    S.WITHDRAWN: Text(
        zh="您收回了同意，{minor}的名额都取消了。",
        en="You have taken your consent back, and the places of {minor} are cancelled.",
    ),
}


@dataclass(frozen=True)
class ConsentAnswered:
    """Say what became of a guardian's answer."""

    consent_id: int
    state: ConsentState
    sentence: Text
    again: bool = False


def request(
    session: Session,
    minor: Minor,
    guardian: GuardianEntry | None,
    purpose: ConsentPurpose,
    *,
    hub: Hub,
    now: datetime,
    occasion: Occasion | None = None,
    held_until: date | None = None,
    policy: MinorPolicy = POLICY,
) -> Consent:
    """Ask the guardian, unless they already have an open question for this purpose.

    A no holds: until it has rested, nobody is asked again at the minor's wish, and the guardian may change
    it on the page of the question. With no guardian named, the one that we know is asked; raises
    `HubError` when there is none.
    """
    said_no = _no_that_holds(session, minor, purpose, now - policy.no_rests)
    if said_no is not None:
        return said_no
    asked = _guardian(session, minor, guardian)
    waiting = select(Consent).where(
        col(Consent.guardian_id) == id_of(asked),
        col(Consent.purpose) == purpose,
        col(Consent.state) == S.ASKED,
        col(Consent.asked_at) > now - policy.ask_again_after,
    )
    open_question: Consent | None = session.execute(waiting).scalars().first()
    if open_question is not None:
        return open_question
    consent = Consent(guardian_id=id_of(asked), purpose=purpose, asked_at=now)
    session.add(consent)
    session.flush()
    question = mails.ConsentQuestion(
        consent=consent,
        guardian=asked,
        minor_name=minor.name,
        hub=hub,
        answer_by=now + policy.consent_link_opens,
        valid_until=valid_until(minor.birth_date, local_day(now, hub.time_zone), policy),
        occasion=occasion,
        held_until=held_until,
    )
    mails.queue_consent(session, question, now=now)
    return consent


def renew(session: Session, consent_id: int, *, now: datetime) -> bool:
    """Ask the guardian for the consent that follows one that lapses; return False if they were asked already.

    They are asked once for each consent: who lets it lapse is not asked every few days.
    """
    consent = required(session, Consent, consent_id)
    later = select(col(Consent.id)).where(
        col(Consent.guardian_id) == consent.guardian_id,
        col(Consent.purpose) == consent.purpose,
        col(Consent.id) > consent_id,
    )
    if session.execute(later.limit(1)).first() is not None:
        return False
    minor = minor_of(session, consent)
    request(
        session,
        minor,
        None,
        ConsentPurpose(consent.purpose),
        hub=home_of(session, minor),
        now=now,
        held_until=consent.expires_on,
    )
    return True


def answer(
    session: Session, consent_id: int, granted: bool, *, now: datetime, policy: MinorPolicy = POLICY
) -> ConsentAnswered:
    """Take a guardian's answer, or another one later; the same answer again changes nothing."""
    consent = required(session, Consent, consent_id)
    minor = minor_of(session, consent)
    before = S(consent.state)
    after = S.GRANTED if granted else (S.WITHDRAWN if before in (S.GRANTED, S.WITHDRAWN) else S.REFUSED)
    sentence = ANSWERS[after].format(minor=minor.name)
    if after == before:
        return ConsentAnswered(consent_id, after, sentence, again=True)
    today = local_day(now, home_of(session, minor).time_zone)
    expires_on = valid_until(minor.birth_date, today, policy) if granted else None
    if not claim(
        session, consent, col(Consent.state) == before, state=after, answered_at=now, expires_on=expires_on
    ):
        return answer(session, consent_id, granted, now=now, policy=policy)
    audit.record(session, consent, f"consent.{after}", now=now, changes={"state": (str(before), str(after))})
    if isinstance(minor, Person):
        _let_serve(session, minor, granted, now=now)
    else:
        _let_take_part(session, minor, granted, now=now)
    return ConsentAnswered(consent_id, after, sentence)


def _no_that_holds(
    session: Session, minor: Minor, purpose: ConsentPurpose, since: datetime
) -> Consent | None:
    """Return the latest answer of any guardian of this minor, if it is a no given after `since`."""
    of_minor = Guardian.person_id if isinstance(minor, Person) else Guardian.participant_id
    question = (
        select(Consent)
        .join(Guardian, col(Guardian.id) == Consent.guardian_id)
        .where(
            col(of_minor) == id_of(minor), col(Consent.purpose) == purpose, col(Consent.answered_at) > since
        )
        .order_by(col(Consent.answered_at).desc(), col(Consent.id).desc())
    )
    latest: Consent | None = session.execute(question).scalars().first()
    return latest if latest is not None and latest.state in (S.REFUSED, S.WITHDRAWN) else None


def _guardian(session: Session, minor: Minor, named: GuardianEntry | None) -> Guardian:
    of_minor = {"person_id" if isinstance(minor, Person) else "participant_id": id_of(minor)}
    known = select(Guardian).filter_by(**of_minor).order_by(col(Guardian.id))
    if named is not None:
        known = known.where(col(Guardian.email) == named.email)
    found = session.execute(known).scalars().first()
    if found is None and named is None:
        raise HubError(Refusal("name_missing", NO_GUARDIAN, field="guardian_name"))
    if found is None:
        assert named is not None
        found = Guardian(
            **of_minor, name=named.name, email=named.email, phone=named.phone, language=named.language
        )
        session.add(found)
        session.flush()
    return found


def _let_serve(session: Session, person: Person, granted: bool, *, now: datetime) -> None:
    if granted:
        if person.state == PersonState.AWAITING_CONSENT:
            audit.change(session, person, "person.activated", now=now, state=PersonState.ACTIVE)
        return
    promised = placements(
        session,
        col(Offer.person_id) == id_of(person),
        col(Offer.state) == OfferState.ACCEPTED,
        col(Activity.state) == ActivityState.PUBLISHED,
        col(Activity.starts_at) > now,
    )
    for placed in promised:
        withdraw_acceptance(session, id_of(placed.offer), now=now)
    if person.state == PersonState.ACTIVE:
        audit.change(session, person, "person.held", now=now, state=PersonState.AWAITING_CONSENT)


def _let_take_part(session: Session, participant: Participant, granted: bool, *, now: datetime) -> None:
    coming = seats(
        session,
        col(Participation.participant_id) == id_of(participant),
        col(Participation.state) != P.CANCELLED,
        col(Activity.state) == ActivityState.PUBLISHED,
        col(Activity.starts_at) > now,
    )
    for seat in sorted(coming, key=lambda seat: seat.participation.activity_id):
        seating.lock(session, seat.occasion.activity)
        if not granted:
            seating.change_state(session, seat, P.CANCELLED, "participation.no_consent", now=now)
            seating.offer_free_places(session, seat.occasion.activity, now=now)
        elif seat.participation.state == P.NEEDS_CONSENT and _covers(session, participant, seat):
            position = seating.give_seat(session, seat.participation, seat.occasion.activity)
            mails.queue_seat(session, seat, position, now=now)


def _covers(session: Session, participant: Participant, seat: Seat) -> bool:
    day = local_day(seat.occasion.activity.starts_at, seat.occasion.hub.time_zone)
    return has_consent(session, participant, ConsentPurpose.TAKING_PART, day)
