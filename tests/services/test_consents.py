"""A guardian answers, changes their mind, and everything that hangs on it follows."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlmodel import Session, col, select

from models import Activity, Consent, ConsentPurpose, Hub, Message, Need, Offer, Participation, Person
from models.states import ConsentState, OfferState, ParticipationState, PersonState
from services import consents, participation
from services.errors import HubError, NotFound
from services.forms import GuardianEntry
from services.minors import valid_until
from services.participation import SignUpForm
from tests.factories import (
    NOW,
    make_activity,
    make_coordinator,
    make_hub,
    make_need,
    make_offer,
    make_volunteer,
)

S = ConsentState
P = ParticipationState
TODAY = date(2026, 11, 23)
MOTHER = GuardianEntry("乔母", "mother@young.example", "", "zh-Hans")


@pytest.fixture
def hub(session: Session) -> Hub:
    return make_hub(session)


@pytest.fixture
def activity(session: Session, hub: Hub) -> Activity:
    return make_activity(session, hub, capacity=1)


def sign_up_minor(session: Session, activity: Activity, n: int = 1) -> Consent:
    form = SignUpForm(
        name=f"乔小禾{n}",
        email=f"minor{n}@young.example",
        birth_date="2012-03-05",
        guardian_name="乔母",
        guardian_email=f"mother{n}@young.example",
    )
    participation.sign_up(session, activity.code, form, now=NOW)
    return session.exec(select(Consent).order_by(col(Consent.id).desc())).first()


def states(session: Session) -> list[str]:
    return [row.state for row in session.exec(select(Participation).order_by(col(Participation.id)))]


def kinds(session: Session) -> list[str]:
    return [message.kind for message in session.exec(select(Message).order_by(col(Message.id)))]


def test_yes_lets_waiting_sign_ups_count(session: Session, activity: Activity) -> None:
    consent = sign_up_minor(session, activity)
    said = consents.answer(session, consent.id, granted=True, now=NOW)
    assert said.state == S.GRANTED
    assert (consent.state, consent.expires_on) == (S.GRANTED, date(2027, 11, 23))
    assert states(session) == [P.SIGNED_UP]
    assert kinds(session) == ["consent", "sign_up_confirmed"]


def test_yes_joins_the_line_where_it_filled_up_meanwhile(session: Session, activity: Activity) -> None:
    first, second = (sign_up_minor(session, activity, n) for n in (1, 2))
    for consent in (second, first):
        consents.answer(session, consent.id, granted=True, now=NOW)
    assert states(session) == [P.WAITING, P.SIGNED_UP]


def test_same_answer_again_changes_nothing(session: Session, activity: Activity) -> None:
    consent = sign_up_minor(session, activity)
    consents.answer(session, consent.id, granted=True, now=NOW)
    again = consents.answer(session, consent.id, granted=True, now=NOW + timedelta(days=1))
    assert (again.again, consent.answered_at) == (True, NOW)
    assert len(kinds(session)) == 2


def test_no_cancels_what_waited(session: Session, activity: Activity) -> None:
    consent = sign_up_minor(session, activity)
    said = consents.answer(session, consent.id, granted=False, now=NOW)
    assert (said.state, states(session)) == (S.REFUSED, [P.CANCELLED])


def test_yes_taken_back_frees_the_place_for_the_next(session: Session, activity: Activity) -> None:
    consent, _ = (sign_up_minor(session, activity, n) for n in (1, 2))
    for row in session.exec(select(Consent)):
        consents.answer(session, row.id, granted=True, now=NOW)
    said = consents.answer(session, consent.id, granted=False, now=NOW)
    assert (said.state, consent.expires_on) == (S.WITHDRAWN, None)
    assert states(session) == [P.CANCELLED, P.OFFERED]


def test_past_activities_are_left_as_they_were(session: Session, activity: Activity) -> None:
    consent = sign_up_minor(session, activity)
    consents.answer(session, consent.id, granted=True, now=NOW)
    consents.answer(session, consent.id, granted=False, now=activity.starts_at)
    assert states(session) == [P.SIGNED_UP]


class Youngster:
    """A young volunteer who waits for the guardian's word."""

    def __init__(self, session: Session) -> None:
        self.hub = make_hub(session)
        birth_date = date(2010, 1, 1)
        self.person: Person = make_volunteer(
            session, self.hub, birth_date=birth_date, state=PersonState.AWAITING_CONSENT
        )
        self.consent = self.ask(session)

    def ask(self, session: Session, guardian: GuardianEntry | None = MOTHER, days: int = 0) -> Consent:
        return consents.request(
            session,
            self.person,
            guardian,
            ConsentPurpose.VOLUNTEERING,
            hub=self.hub,
            now=NOW + timedelta(days=days),
        )

    def answer(self, session: Session, granted: bool) -> consents.ConsentAnswered:
        return consents.answer(session, self.consent.id, granted, now=NOW)


@pytest.fixture
def young(session: Session) -> Youngster:
    return Youngster(session)


def test_yes_lets_a_young_volunteer_begin(session: Session, young: Youngster) -> None:
    young.answer(session, granted=True)
    assert young.person.state == PersonState.ACTIVE


def test_no_lets_nobody_begin(session: Session, young: Youngster) -> None:
    young.answer(session, granted=False)
    assert (young.person.state, young.consent.state) == (PersonState.AWAITING_CONSENT, S.REFUSED)


def test_yes_taken_back_gives_promised_places_back(session: Session, young: Youngster) -> None:
    young.answer(session, granted=True)
    need: Need = make_need(session, make_activity(session, young.hub), taken=1)
    offer: Offer = make_offer(session, need, young.person, state=OfferState.ACCEPTED)
    young.answer(session, granted=False)
    assert (offer.state, need.taken) == (OfferState.DECLINED, 0)
    assert young.person.state == PersonState.AWAITING_CONSENT


def test_open_question_is_not_asked_twice(session: Session, young: Youngster) -> None:
    assert young.ask(session, days=2).id == young.consent.id
    assert young.ask(session, None, days=2).id == young.consent.id
    assert young.ask(session, days=3).id != young.consent.id
    assert kinds(session) == ["consent", "consent"]


def test_no_is_not_asked_about_again_at_the_minors_wish(session: Session, young: Youngster) -> None:
    young.answer(session, granted=False)
    father = GuardianEntry("乔父", "father@young.example", "", "zh-Hans")
    assert young.ask(session, days=10).id == young.consent.id
    assert young.ask(session, father, days=89).id == young.consent.id
    assert kinds(session) == ["consent"]
    assert young.ask(session, days=90).id != young.consent.id


def test_minor_who_signs_up_again_after_the_no_waits_and_the_guardian_is_left_alone(
    session: Session, activity: Activity
) -> None:
    consent = sign_up_minor(session, activity)
    consents.answer(session, consent.id, granted=False, now=NOW)
    assert sign_up_minor(session, activity).id == consent.id
    assert (states(session), kinds(session)) == ([P.NEEDS_CONSENT], ["consent"])
    consents.answer(session, consent.id, granted=True, now=NOW)  # the page of the question stays open
    assert states(session) == [P.SIGNED_UP]


def test_minor_without_any_guardian_is_refused(session: Session) -> None:
    hub = make_hub(session)
    person = make_volunteer(session, hub)
    with pytest.raises(HubError) as refused:
        consents.request(session, person, None, ConsentPurpose.VOLUNTEERING, hub=hub, now=NOW)
    assert refused.value.refusals[0].field == "guardian_name"


def test_view_tells_the_guardian_whom_and_what_for(session: Session, activity: Activity, hub: Hub) -> None:
    worker = make_coordinator(session, hub)
    consent = sign_up_minor(session, activity)
    seen = consents.view(session, consent.id, now=NOW)
    assert (seen.minor_name, seen.guardian_name, seen.sent_to) == ("乔小禾1", "乔母", "m***@young.example")
    assert [one.activity.code for one in seen.waiting] == [activity.code]
    assert (seen.valid_until, seen.hub_code) == (date(2027, 11, 23), hub.code)
    assert seen.contact is not None
    assert seen.contact.name == worker.name


def test_unknown_consent_is_not_found(session: Session) -> None:
    with pytest.raises(NotFound):
        consents.view(session, 999_999, now=NOW)


@pytest.mark.parametrize(
    ("birth_date", "until"),
    [
        (None, date(2027, 11, 23)),
        (date(2012, 3, 5), date(2027, 11, 23)),
        (date(2009, 3, 5), date(2027, 3, 5)),
        (date(2008, 11, 24), date(2026, 11, 24)),
    ],
)
def test_consent_holds_a_year_but_not_past_eighteen(birth_date: date | None, until: date) -> None:
    assert valid_until(birth_date, TODAY) == until


def test_birthday_on_a_leap_day_ends_consent_on_the_first_of_march() -> None:
    assert valid_until(date(2008, 2, 29), date(2026, 1, 1)) == date(2026, 3, 1)


def test_lapsing_consents_are_those_of_own_volunteers_still_under_age(session: Session) -> None:
    young, other = Youngster(session), Youngster(session)
    grown = Youngster(session)
    grown.person.birth_date = date(2008, 12, 1)
    for one in (young, other, grown):
        one.answer(session, granted=True)
    young.consent.expires_on = other.consent.expires_on = TODAY + timedelta(days=30)
    late = Youngster(session)
    late.answer(session, granted=True)
    found = consents.expiring(session, [young.hub.id, grown.hub.id, late.hub.id], now=NOW)
    assert [one.consent_id for one in found] == [young.consent.id]
