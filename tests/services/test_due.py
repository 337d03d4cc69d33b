"""What is due follows from rows: it is asked for once, and asked for again only when rows change."""

from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, select

from models import (
    Activity,
    Cycle,
    Dispatch,
    FrameworkVersion,
    Message,
    Offer,
    Participation,
    Person,
    ScoreRun,
)
from models.states import ActivityState, CycleState, MessageState, OfferState, ParticipationState
from services import due
from tests.conftest import NOW
from tests.factories import (
    make_activity,
    make_hub,
    make_need,
    make_offer,
    make_participant,
    make_unit,
    make_volunteer,
    save,
)

HOUR = timedelta(hours=1)


@pytest.fixture
def offer(session: Session) -> Offer:
    hub = make_hub(session)
    need = make_need(session, make_activity(session, hub, starts_at=NOW + 50 * HOUR))
    return make_offer(session, need, make_volunteer(session, hub))


def kinds(session: Session, now: datetime = NOW) -> list[str]:
    """Ask every question and return the kinds of work that were newly asked for."""
    # When digests are due is shown in tests of their own: they come every Monday.
    questions = [question for question in due.QUESTIONS if question is not due.digests_to_send]
    rows = [row for question in questions for row in due.ask(session, question, now=now)]
    return [session.get_one(Dispatch, row).kind for row in rows]


def finish_all(session: Session) -> None:
    for row in session.exec(select(Dispatch)):
        row.done_at = NOW
        session.add(row)


def message(session: Session, serial: int, **over: object) -> Message:
    values = {
        "key": f"k{serial}",
        "kind": "offer",
        "stream": "offers",
        "to_address": "p@people.example",
        "message_id": f"<{serial}@youth-hubs.example>",
        "content": b"",
        "created_at": NOW,
        "next_at": NOW,
    }
    return save(session, Message(**{**values, **over}))


def test_nothing_is_due_in_an_empty_network(session: Session) -> None:
    assert kinds(session) == []


def test_proposed_offer_is_sent_by_day_only_and_after_a_time_to_look(session: Session, offer: Offer) -> None:
    offer.proposed_at = NOW - HOUR
    save(session, offer)
    assert kinds(session, NOW - timedelta(seconds=1)) == []
    assert kinds(session, NOW + 12 * HOUR) == []
    assert kinds(session, NOW + 23 * HOUR - timedelta(seconds=1)) == []
    assert kinds(session, NOW) == ["send_offers"]


def test_due_work_is_asked_for_once_until_the_rows_change(session: Session, offer: Offer) -> None:
    later = NOW + HOUR
    assert kinds(session, later) == ["send_offers"]
    assert kinds(session, later) == []
    finish_all(session)
    assert kinds(session, later) == []
    another = make_need(session, session.get_one(Activity, offer.activity_id))
    make_offer(session, another, session.get_one(Person, offer.person_id))
    assert kinds(session, later) == ["send_offers"]


@pytest.mark.parametrize(("minutes", "expected"), [(-1, []), (0, ["follow_up_offers"])])
def test_sent_offer_is_followed_up_when_its_time_is_over(
    session: Session, offer: Offer, minutes: int, expected: list[str]
) -> None:
    offer.state, offer.expires_at = OfferState.SENT, NOW
    save(session, offer)
    assert kinds(session, NOW + timedelta(minutes=minutes)) == expected


def test_accepted_offer_is_reminded_of_once_at_each_lead(session: Session, offer: Offer) -> None:
    offer.state = OfferState.ACCEPTED
    save(session, offer)
    asked = []
    for hours in (0, 3, 4, 26, 47.5, 48, 51):
        asked.append((hours, kinds(session, NOW + hours * HOUR)))
        finish_all(session)
    assert [(hours, kind) for hours, kind in asked if kind] == [
        (3, ["remind_volunteers"]),
        (47.5, ["remind_volunteers"]),
    ]


def test_moved_activity_is_reminded_of_afresh(session: Session, offer: Offer) -> None:
    offer.state = OfferState.ACCEPTED
    save(session, offer)
    assert kinds(session, NOW + 3 * HOUR) == ["remind_volunteers"]
    finish_all(session)
    activity = session.get_one(Activity, offer.activity_id)
    activity.starts_at += HOUR
    save(session, activity)
    assert kinds(session, NOW + 4 * HOUR) == ["remind_volunteers"]


def test_activity_is_closed_when_it_is_over_and_asked_after_days_later(session: Session) -> None:
    activity = make_activity(session, make_hub(session), starts_at=NOW - 3 * HOUR)
    assert kinds(session, activity.ends_at - HOUR) == []
    assert kinds(session, activity.ends_at) == ["close_activities"]
    finish_all(session)
    activity.state, activity.closed_at = ActivityState.DONE, NOW
    save(session, activity)
    later = [day for day in range(8) if kinds(session, NOW + timedelta(days=day))]
    assert later == [3]


def test_mail_is_delivered_when_due_deferred_or_dropped(session: Session) -> None:
    first = message(session, 1, next_at=NOW + HOUR)
    assert kinds(session) == []
    assert kinds(session, NOW + HOUR) == ["deliver_mail"]
    finish_all(session)
    first.state, first.next_at = MessageState.DEFERRED, NOW + 2 * HOUR
    save(session, first)
    assert kinds(session, NOW + HOUR) == []
    assert kinds(session, NOW + 2 * HOUR) == ["deliver_mail"]
    finish_all(session)
    first.state, first.lease_until = MessageState.LEASED, NOW + 3 * HOUR
    first.next_at = NOW + 2.5 * HOUR
    save(session, first)
    assert kinds(session, NOW + 3 * HOUR) == []
    assert kinds(session, NOW + 4 * HOUR) == ["deliver_mail"]


def test_mail_left_over_by_a_full_run_is_asked_for_again(session: Session) -> None:
    rows = [message(session, serial) for serial in range(3)]
    assert kinds(session) == ["deliver_mail"]
    finish_all(session)
    rows[0].state = MessageState.SENT
    save(session, rows[0])
    assert kinds(session) == ["deliver_mail"]


def test_offered_place_is_looked_at_each_quarter_of_an_hour(session: Session) -> None:
    hub = make_hub(session)
    activity = make_activity(session, hub)
    place = Participation(
        activity_id=activity.id or 0,
        participant_id=make_participant(session, hub).id or 0,
        state=ParticipationState.OFFERED,
        signed_up_at=NOW,
    )
    save(session, place)
    asked = []
    for minutes in (0, 14, 15, 29):
        asked.append(kinds(session, NOW + timedelta(minutes=minutes)))
        finish_all(session)
    assert asked == [["pass_on_places"], [], ["pass_on_places"], []]


def cycle(session: Session, state: CycleState, **over: object) -> Cycle:
    framework = save(session, FrameworkVersion(code="f", version="1", sha256="0", text="", loaded_at=NOW))
    values = {
        "code": "2026-end",
        "name_zh": "年终",
        "name_en": "Year end",
        "framework_id": framework.id,
        "unit_id": make_unit(session).id,
        "year": 2026,
        "period_start": NOW.date(),
        "period_end": NOW.date(),
        "closes_at": NOW,
        "seed": 1,
        "state": state,
    }
    return save(session, Cycle(**{**values, **over}))


def test_cycle_is_scored_once_when_its_time_is_over(session: Session) -> None:
    cycle(session, CycleState.COLLECTING)
    assert kinds(session, NOW - HOUR) == ["remind_of_deadlines"]
    assert kinds(session, NOW) == ["score_hubs"]
    finish_all(session)
    assert kinds(session, NOW + HOUR) == []


def test_report_is_drafted_of_a_scored_cycle_and_again_when_it_was_scored_anew(session: Session) -> None:
    scored = cycle(session, CycleState.SCORED)
    asked = []
    for inputs in ("1", "2"):
        run = ScoreRun(
            cycle_id=scored.id or 0, created_at=NOW, framework_hash="", inputs_hash=inputs, code_version="1"
        )
        save(session, run)
        asked += [kinds(session), kinds(session)]
        finish_all(session)
    assert asked == [["draft_report"], [], ["draft_report"], []]


def test_only_cycles_that_take_answers_are_collected_for(session: Session) -> None:
    cycle(session, CycleState.COLLECTING)
    assert due.collecting(session) == ["2026-end"]
