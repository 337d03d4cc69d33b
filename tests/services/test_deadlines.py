"""People are reminded of what they have not done, once a lead, while there is time and while it is true."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from models import Assessment, BackgroundCheck, Consent, ConsentPurpose, Guardian, Invitation, Message
from models.states import AssessmentState, ConsentState, InvitationState
from services import consents, deadlines, due, rulebook
from services.deadlines import DeadlinesTold
from tests.factories import NOW, make_hub, make_person, make_volunteer, save
from tests.services.evaluation_cast import Network, make_network, open_cycle

DAY = timedelta(days=1)
CLOSES = NOW + 6 * DAY
"""When a cycle closes of which nobody said when."""
NOBODY = DeadlinesTold(0, 0, 0, 0)


@pytest.fixture
def network(session: Session) -> Network:
    network = make_network(session)
    open_cycle(session)
    return network


def kinds_of(session: Session) -> list[str]:
    wanted = ("assessment_reminder", "survey_reminder", "check_lapsing")
    found = session.exec(select(Message.kind).where(col(Message.kind).in_(wanted)).order_by(col(Message.id)))
    return list(found)


def checked(session: Session, until: date) -> int:
    person = make_volunteer(session, make_hub(session))
    check = BackgroundCheck(person_id=person.id, checked_on=date(2024, 1, 1), expires_on=until)
    save(session, check)
    assert person.id is not None
    return person.id


def minor_with_consent(session: Session, until: date) -> Consent:
    young = make_volunteer(session, make_hub(session), birth_date=date(2010, 6, 1))
    guardian = save(
        session,
        Guardian(person_id=young.id, name="乔守正", email="qiao@people.example", phone="010-5555 0123"),
    )
    return save(
        session,
        Consent(
            guardian_id=guardian.id,
            purpose=ConsentPurpose.VOLUNTEERING,
            state=ConsentState.GRANTED,
            asked_at=NOW - 360 * DAY,
            answered_at=NOW - 359 * DAY,
            expires_on=until,
        ),
    )


@pytest.mark.usefixtures("network")
def test_who_has_not_answered_an_evaluation_is_reminded_once_before_it_closes(session: Session) -> None:
    asked = len(session.exec(select(Assessment)).all())
    drawn = len(session.exec(select(Invitation)).all())
    assert deadlines.remind(session, now=CLOSES - timedelta(hours=49)) == NOBODY
    done = session.exec(select(Assessment)).first()
    assert done is not None
    done.state = AssessmentState.SUBMITTED
    told = deadlines.remind(session, now=CLOSES - timedelta(hours=48))
    assert told == DeadlinesTold(asked - 1, drawn, 0, 0)
    assert deadlines.remind(session, now=CLOSES - timedelta(hours=40)) == NOBODY
    assert deadlines.remind(session, now=CLOSES) == NOBODY


def test_a_resident_is_reminded_once_even_if_the_evaluation_stays_open_longer(
    session: Session, network: Network
) -> None:
    deadlines.remind(session, now=CLOSES - DAY)
    row = session.exec(select(Invitation)).first()
    assert row is not None
    row.state = InvitationState.DRAWN
    cycle = deadlines.closing_cycles(
        session, deadlines.reminder_rules(session, now=NOW).network, now=CLOSES - DAY
    )[0]
    cycle.closes_at = CLOSES + 7 * DAY
    session.flush()
    again = deadlines.remind(session, now=CLOSES + 6 * DAY)
    assert (again.assessors > 0, again.residents) == (True, 0)


@pytest.mark.parametrize(("days", "told"), [(31, 0), (30, 1), (8, 1), (7, 1), (0, 1), (-1, 0)])
def test_a_check_that_lapses_is_told_of_in_time(session: Session, days: int, told: int) -> None:
    checked(session, NOW.date() + days * DAY)
    assert deadlines.remind(session, now=NOW).checks == told
    assert deadlines.remind(session, now=NOW).checks == 0


def test_a_check_is_told_of_at_each_lead_once(session: Session) -> None:
    checked(session, NOW.date() + 30 * DAY)
    counts = [deadlines.remind(session, now=NOW + days * DAY).checks for days in (0, 10, 23, 25, 30, 31)]
    assert counts == [1, 0, 1, 0, 0, 0]


def test_only_the_newest_check_counts(session: Session) -> None:
    person = checked(session, NOW.date() + 5 * DAY)
    save(
        session,
        BackgroundCheck(person_id=person, checked_on=NOW.date(), expires_on=NOW.date() + 700 * DAY),
    )
    assert deadlines.remind(session, now=NOW) == NOBODY


def test_somebody_who_is_no_volunteer_is_not_told(session: Session) -> None:
    person = make_person(session)
    check = BackgroundCheck(person_id=person.id, checked_on=NOW.date(), expires_on=NOW.date() + 5 * DAY)
    save(session, check)
    assert deadlines.remind(session, now=NOW) == NOBODY


def test_a_guardian_is_asked_for_the_next_consent_once_and_the_old_one_still_holds(session: Session) -> None:
    old = minor_with_consent(session, NOW.date() + 20 * DAY)
    assert deadlines.remind(session, now=NOW).guardians == 1
    assert [deadlines.remind(session, now=NOW + days * DAY).guardians for days in (1, 5, 19)] == [0, 0, 0]
    new = session.exec(select(Consent).order_by(col(Consent.id).desc())).first()
    assert new is not None
    assert (new.state, old.state) == (ConsentState.ASKED, ConsentState.GRANTED)
    (mail,) = session.exec(select(Message).where(Message.kind == "consent")).all()
    assert mail.key == f"consent:{new.id}"
    consents.answer(session, new.id or 0, granted=True, now=NOW)
    assert deadlines.remind(session, now=NOW + DAY).guardians == 0


def test_leads_are_rules_that_can_be_turned_off(session: Session) -> None:
    checked(session, NOW.date() + 5 * DAY)
    minor_with_consent(session, NOW.date() + 5 * DAY)
    off = {"lapse_days": "0", "last_lapse_days": "0", "evaluation_hours": "0"}
    rulebook.decide(session, "reminders", off, hub_id=None, now=NOW)
    assert deadlines.remind(session, now=NOW) == NOBODY


def asked_for(session: Session, now: datetime) -> list[str]:
    return [one.kind for one in due.deadlines_to_tell(session, now)]


def test_the_clock_asks_once_a_day_and_only_when_something_is_near(session: Session) -> None:
    assert asked_for(session, NOW) == []
    checked(session, NOW.date() + 5 * DAY)
    assert asked_for(session, NOW) == ["remind_of_deadlines"]
    assert asked_for(session, NOW + timedelta(hours=13)) == []  # ten in the evening in Beijing
    assert len(due.ask(session, due.deadlines_to_tell, now=NOW)) == 1
    assert due.ask(session, due.deadlines_to_tell, now=NOW + timedelta(hours=2)) == []
