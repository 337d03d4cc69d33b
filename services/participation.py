"""Participants sign up, wait, take a freed place, cancel.

What is on offer stands in `programme.py`, how places are counted in `seating.py`, the page of a place
in `participation_view.py`; all of them are reached through this module.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import select
from sqlmodel import Session, col

from config.text import Refusal, Text
from models import ConsentPurpose, Participant, Participation
from models.states import ParticipationState
from services import consents, mails, seating
from services.errors import TooLate, refuse
from services.minors import has_consent, is_minor
from services.participation_view import ParticipationView, view
from services.programme import (
    Programme,
    ProgrammeEntry,
    UnitHubs,
    directory,
    entry,
    open_occasion,
    programme,
)
from services.queries import Occasion, Seat, id_of, only, seats
from services.seating import HOLDS_A_PLACE
from services.sign_up_form import SignUp, SignUpForm, read_sign_up
from services.wording import local_day

__all__ = [
    "Answered",
    "ParticipationView",
    "Programme",
    "ProgrammeEntry",
    "SignUpForm",
    "SignedUp",
    "UnitHubs",
    "answer",
    "directory",
    "entry",
    "programme",
    "sign_up",
    "view",
]

S = ParticipationState


@dataclass(frozen=True)
class SignedUp:
    """Say what became of a sign-up; `position` is the one in line, 0 for who does not wait."""

    participation_id: int
    state: ParticipationState
    position: int
    sentence: Text
    again: bool = False


@dataclass(frozen=True)
class Answered:
    """Say what became of a participant's answer; `offered_next` others were offered the place."""

    participation_id: int
    state: ParticipationState
    offered_next: int
    sentence: Text
    again: bool = False


ANSWERS = ("take", "cancel")
SENTENCES: dict[ParticipationState, Text] = {
    S.SIGNED_UP: Text(
        zh="报上名了，确认信已经发出。", en="You are signed up, and a confirmation is on its way by mail."
    ),
    S.WAITING: Text(
        zh="名额满了，你排在第{position}位。有了空位，我们先问你。",
        en="It is full; you are number {position} in line. When a place opens, we ask you first.",
    ),
    S.NEEDS_CONSENT: Text(
        zh="已经写信问你的监护人。他们同意以后，报名就生效。",
        en="We have written to your guardian. Once they agree, your sign-up counts.",
    ),
    S.OFFERED: Text(
        zh="有一个空位留给你，等你回答。", en="A place is kept for you and waits for your answer."
    ),
    S.CANCELLED: Text(
        zh="取消好了，谢谢你告诉我们。名额会给下一位。",
        en="Cancelled; thank you for telling us. The place goes to the next in line.",
    ),
}


def sign_up(session: Session, activity_code: str, form: SignUpForm, *, now: datetime) -> SignedUp:
    """Sign somebody up by the public form; a minor's guardian is asked first.

    Signing up twice changes nothing. Raises `HubError` with every wrong field, `NotFound`, `TooLate`.
    """
    occasion = open_occasion(session, activity_code, now=now, lock=True)
    day = local_day(occasion.activity.starts_at, occasion.hub.time_zone)
    wanted = read_sign_up(form, today=local_day(now, occasion.hub.time_zone), day=day)
    participant, row = _find(session, occasion, wanted)
    if row is not None and row.state != S.CANCELLED:
        return _signed_up(session, row, again=True)
    if participant is None:
        participant = _new_participant(session, occasion, wanted, now)
    if row is None:
        row = Participation(
            activity_id=id_of(occasion.activity), participant_id=id_of(participant), signed_up_at=now
        )
    row.signed_up_at = now
    seat = Seat(row, participant, occasion)
    minor = is_minor(participant.birth_date, participant.age_band, day)
    if minor and not has_consent(session, participant, ConsentPurpose.TAKING_PART, day):
        return _ask_guardian(session, seat, wanted, now=now)
    position = seating.give_seat(session, row, occasion.activity)
    mails.queue_seat(session, seat, position, now=now)
    return _signed_up(session, row, position=position)


def answer(session: Session, participation_id: int, what: str, *, now: datetime) -> Answered:
    """Take an offered place ("take") or give one up ("cancel").

    Raises `NotFound`, `TooLate`, and `HubError` for any other answer.
    """
    if what not in ANSWERS:
        raise refuse("no_answer", "先选“要这个名额”或“取消报名”。", "Choose to take the place or to cancel.")
    seat = only(seats(session, col(Participation.id) == participation_id))
    seating.lock(session, seat.occasion.activity)
    session.refresh(seat.participation)
    if seat.occasion.activity.starts_at <= now:
        raise _too_late(
            "sign_up_begun", "活动已经开始了，名单不再改动。", "It has begun; the list no longer changes."
        )
    return _take(session, seat, now=now) if what == "take" else _cancel(session, seat, now=now)


def _take(session: Session, seat: Seat, *, now: datetime) -> Answered:
    state = S(seat.participation.state)
    if state == S.SIGNED_UP:
        return _answered(seat, again=True)
    if state != S.OFFERED:
        raise _too_late(
            "place_gone",
            "回答时间过了，空位已问给下一位。想来的话，可以再报一次名。",
            "The time to answer has passed and the place went to the next. You can sign up again.",
        )
    seating.change_state(session, seat, S.SIGNED_UP, "participation.taken", now=now)
    mails.queue_seat(session, seat, 0, now=now)
    return _answered(seat)


def _cancel(session: Session, seat: Seat, *, now: datetime) -> Answered:
    state = S(seat.participation.state)
    if state == S.CANCELLED:
        return _answered(seat, again=True)
    seating.change_state(session, seat, S.CANCELLED, "participation.cancelled", now=now)
    freed = state in HOLDS_A_PLACE
    offered = seating.offer_free_places(session, seat.occasion.activity, now=now) if freed else 0
    return _answered(seat, offered)


def _find(
    session: Session, occasion: Occasion, wanted: SignUp
) -> tuple[Participant | None, Participation | None]:
    here = (col(Participation.participant_id) == Participant.id) & (
        col(Participation.activity_id) == id_of(occasion.activity)
    )
    question = (
        select(Participant, Participation)
        .outerjoin(Participation, here)
        .where(
            col(Participant.hub_id) == id_of(occasion.hub),
            col(Participant.email) == wanted.email,
            col(Participant.name) == wanted.name,
        )
        .order_by(col(Participant.id))
    )
    found = session.execute(question).first()
    return (found[0], found[1]) if found else (None, None)


def _new_participant(session: Session, occasion: Occasion, wanted: SignUp, now: datetime) -> Participant:
    participant = Participant(
        code=uuid4().hex,
        hub_id=id_of(occasion.hub),
        name=wanted.name,
        email=wanted.email,
        phone=wanted.phone,
        language=wanted.language,
        birth_date=wanted.birth_date,
        age_band=wanted.age_band,
        created_at=now,
    )
    session.add(participant)
    session.flush()
    participant.code = f"{occasion.hub.code}-Y{id_of(participant):06}"
    return participant


def _ask_guardian(session: Session, seat: Seat, wanted: SignUp, *, now: datetime) -> SignedUp:
    seat.participation.state = S.NEEDS_CONSENT
    session.add(seat.participation)
    session.flush()
    consents.request(
        session,
        seat.participant,
        wanted.guardian,
        ConsentPurpose.TAKING_PART,
        hub=seat.occasion.hub,
        occasion=seat.occasion,
        now=now,
    )
    return _signed_up(session, seat.participation)


def _signed_up(session: Session, row: Participation, *, position: int = 0, again: bool = False) -> SignedUp:
    state = S(row.state)
    if state == S.WAITING and not position:
        position = seating.position(session, row)
    sentence = SENTENCES[state].format(position=position)
    return SignedUp(id_of(row), state, position, sentence, again)


def _answered(seat: Seat, offered_next: int = 0, *, again: bool = False) -> Answered:
    state = S(seat.participation.state)
    return Answered(id_of(seat.participation), state, offered_next, SENTENCES[state], again)


def _too_late(code: str, zh: str, en: str) -> TooLate:
    return TooLate(Refusal(code, Text(zh=zh, en=en)))
