"""Somebody registers to help: all that is wrong at once, guardians first, nothing leaked."""

from __future__ import annotations

from datetime import date

import pytest
from sqlmodel import Session, col, select

from models import (
    Availability,
    Consent,
    ConsentPurpose,
    Hub,
    Message,
    Person,
    PersonSkill,
    Role,
    RoleKind,
    Volunteer,
)
from models.states import PersonState
from services import registration
from services.errors import HubError
from services.registration import VolunteerForm
from tests.factories import NOW, make_hub, make_person, make_skill


@pytest.fixture
def hub(session: Session) -> Hub:
    return make_hub(session, code="XC001")


def form(**over: object) -> VolunteerForm:
    usual = {
        "name": "司徒清越",
        "email": "qingyue@people.example",
        "birth_date": "1999年7月8日",
        "language": "en",
        "hub": "XC001",
    }
    return VolunteerForm(**{**usual, **over})


def register(session: Session, **over: object) -> registration.Registered:
    return registration.register_volunteer(session, form(**over), now=NOW)


def mails(session: Session) -> list[tuple[str, str]]:
    rows = session.exec(select(Message).order_by(col(Message.id)))
    return [(message.kind, message.to_address) for message in rows]


def test_adult_is_active_with_what_they_offer(session: Session, hub: Hub) -> None:
    skill = make_skill(session)
    said = register(
        session, skills=(skill.code, "no-such-skill"), availability=("5-afternoon", "5-evening", "9-noon")
    )
    person = session.exec(select(Person)).one()
    assert (person.state, person.birth_date, person.language) == (
        PersonState.ACTIVE,
        date(1999, 7, 8),
        "en",
    )
    assert person.code == f"XC001-V{person.id:06}"
    assert session.exec(select(Volunteer)).one().home_hub_id == hub.id
    role = session.exec(select(Role)).one()
    assert (role.kind, role.hub_id) == (RoleKind.VOLUNTEER, hub.id)
    assert [row.skill_id for row in session.exec(select(PersonSkill))] == [skill.id]
    free = session.exec(select(Availability)).one()
    assert (free.weekday, free.start_minute, free.end_minute) == (5, 720, 1320)
    assert said.sentence.en == "Thank you! We have written to qingyue@people.example about what happens next."
    assert mails(session) == [("registration", "qingyue@people.example")]


def test_minor_waits_for_the_guardian(session: Session, hub: Hub) -> None:
    said = register(
        session, birth_date="2010-07-08", guardian_name="司徒远", guardian_email="yuan@people.example"
    )
    assert said.guardian_asked
    assert session.exec(select(Person)).one().state == PersonState.AWAITING_CONSENT
    assert session.exec(select(Consent)).one().purpose == ConsentPurpose.VOLUNTEERING
    assert mails(session) == [
        ("consent", "yuan@people.example"),
        ("registration", "qingyue@people.example"),
    ]


def test_known_address_gets_the_same_answer_and_no_second_person(session: Session, hub: Hub) -> None:
    first = register(session)
    again = register(session, name="别人")
    assert again == first
    assert len(session.exec(select(Person)).all()) == 1
    assert len(mails(session)) == 1


def test_address_is_known_in_any_spelling(session: Session, hub: Hub) -> None:
    make_person(session, email="Qingyue@people.example")
    register(session, email=" ｑingyue＠PEOPLE.example ")
    assert len(session.exec(select(Person)).all()) == 1


def test_every_wrong_field_is_named_at_once(session: Session, hub: Hub) -> None:
    with pytest.raises(HubError) as refused:
        register(session, name="", email="", phone="12", birth_date="", hub="XC999")
    assert [refusal.field for refusal in refused.value.refusals] == [
        "name",
        "email",
        "phone",
        "birth_date",
        "hub",
    ]
    assert session.exec(select(Person)).all() == []


@pytest.mark.parametrize(
    ("birth_date", "code"),
    [("2012-11-24", "too_young"), ("2026-11-24", "birth_date_invalid"), ("1890-01-01", "birth_date_invalid")],
)
def test_impossible_ages_are_refused(session: Session, hub: Hub, birth_date: str, code: str) -> None:
    guardian = {"guardian_name": "司徒远", "guardian_email": "yuan@people.example"}
    with pytest.raises(HubError, match=code):
        register(session, birth_date=birth_date, **guardian)


def test_fourteenth_birthday_is_old_enough(session: Session, hub: Hub) -> None:
    said = register(
        session, birth_date="2012-11-23", guardian_name="司徒远", guardian_email="yuan@people.example"
    )
    assert said.guardian_asked


def test_closed_hub_takes_nobody(session: Session) -> None:
    make_hub(session, code="XC001", is_open=False)
    with pytest.raises(HubError, match="hub_missing"):
        register(session)


def test_times_that_touch_become_one(session: Session) -> None:
    ticked = ("0-evening", "5-morning", "5-afternoon", "5-morning", "nonsense")
    assert registration.windows(ticked) == ((0, 1080, 1320), (5, 480, 1080))
