"""Young people sign up, wait in line, are offered what becomes free, and cancel."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlmodel import Session, col, select

from models import (
    Activity,
    Consent,
    ConsentPurpose,
    Guardian,
    Hub,
    Message,
    Participant,
    Participation,
)
from models.states import ActivityState, ConsentState, ParticipationState
from services import due, participation, seating
from services.errors import HubError, NotFound, TooLate
from services.participation import SignUpForm
from tests.factories import NOW, make_activity, make_hub

S = ParticipationState


@pytest.fixture
def hub(session: Session) -> Hub:
    return make_hub(session)


@pytest.fixture
def activity(session: Session, hub: Hub) -> Activity:
    return make_activity(session, hub, capacity=1)


def form(n: int = 1, **over: str) -> SignUpForm:
    fields = {"name": f"乔安禾{n}", "email": f"young{n}@young.example", "birth_date": "2004-03-05", **over}
    return SignUpForm(**fields)


def minor_form(**over: str) -> SignUpForm:
    usual = {
        "birth_date": "2012-03-05",
        "guardian_name": "乔母",
        "guardian_email": "mother@young.example",
    }
    return form(**{**usual, **over})


def sign_up(session: Session, activity: Activity, n: int = 1, minute: int = 0) -> participation.SignedUp:
    return participation.sign_up(session, activity.code, form(n), now=NOW + timedelta(minutes=minute))


def mails(session: Session) -> list[tuple[str, str]]:
    rows = session.exec(select(Message).order_by(col(Message.id)))
    return [(message.kind, message.to_address) for message in rows]


def test_more_places_are_offered_to_who_waits_and_they_are_told(session: Session, activity: Activity) -> None:
    for n in range(1, 5):
        sign_up(session, activity, n, minute=n)
    now = NOW + timedelta(minutes=9)
    assert (seating.pass_on(session, now=now), list(due.places_to_pass_on(session, now))) == (0, [])
    activity.capacity = 3
    session.flush()
    (bell,) = due.places_to_pass_on(session, now)
    assert bell.kind == "pass_on_places"
    assert [seating.pass_on(session, now=now) for _ in range(2)] == [2, 0]
    told = [address for kind, address in mails(session) if kind == "place_freed"]
    assert told == ["young2@young.example", "young3@young.example"]


def test_first_gets_the_place_and_the_next_ones_wait_in_line(session: Session, activity: Activity) -> None:
    results = [sign_up(session, activity, n, minute=n) for n in range(1, 4)]
    assert [(one.state, one.position) for one in results] == [
        (S.SIGNED_UP, 0),
        (S.WAITING, 1),
        (S.WAITING, 2),
    ]
    assert results[2].sentence.zh == "名额满了，你排在第2位。有了空位，我们先问你。"
    assert mails(session) == [
        ("sign_up_confirmed", "young1@young.example"),
        ("sign_up_waiting", "young2@young.example"),
        ("sign_up_waiting", "young3@young.example"),
    ]


def test_signing_up_twice_changes_nothing(session: Session, activity: Activity) -> None:
    first = sign_up(session, activity)
    again = participation.sign_up(
        session, activity.code, form(name=" 乔安禾１ ", email="young1@YOUNG.example"), now=NOW
    )
    assert (again.participation_id, again.again) == (first.participation_id, True)
    assert len(session.exec(select(Participant)).all()) == 1
    assert len(mails(session)) == 1


def test_participant_is_known_again_at_the_next_activity(
    session: Session, hub: Hub, activity: Activity
) -> None:
    sign_up(session, activity)
    sign_up(session, make_activity(session, hub))
    person = session.exec(select(Participant)).one()
    assert person.code == f"{hub.code}-Y{person.id:06}"


def test_two_young_people_may_share_an_address(session: Session, hub: Hub) -> None:
    activity = make_activity(session, hub, capacity=5)
    for name in ("乔安禾", "乔安宁"):
        participation.sign_up(session, activity.code, form(name=name, email="family@young.example"), now=NOW)
    assert len(session.exec(select(Participant)).all()) == 2


def test_cancelled_place_is_offered_to_the_first_in_line_only(session: Session, activity: Activity) -> None:
    seats = [sign_up(session, activity, n, minute=n) for n in range(1, 4)]
    said = participation.answer(session, seats[0].participation_id, "cancel", now=NOW + timedelta(hours=1))
    assert (said.state, said.offered_next) == (S.CANCELLED, 1)
    states = [session.get(Participation, one.participation_id).state for one in seats]
    assert states == [S.CANCELLED, S.OFFERED, S.WAITING]
    assert mails(session)[-1] == ("place_freed", "young2@young.example")
    assert sign_up(session, activity, 4).state == S.WAITING


def test_offered_place_is_taken_once(session: Session, activity: Activity) -> None:
    first, second = (sign_up(session, activity, n, minute=n) for n in (1, 2))
    participation.answer(session, first.participation_id, "cancel", now=NOW)
    taken = participation.answer(session, second.participation_id, "take", now=NOW)
    again = participation.answer(session, second.participation_id, "take", now=NOW)
    assert (taken.state, taken.again, again.again) == (S.SIGNED_UP, False, True)
    assert mails(session)[-1] == ("sign_up_confirmed", "young2@young.example")
    assert len(mails(session)) == 4


def test_offered_place_that_nobody_takes_goes_to_the_next(session: Session, activity: Activity) -> None:
    seats = [sign_up(session, activity, n, minute=n) for n in range(1, 4)]
    participation.answer(session, seats[0].participation_id, "cancel", now=NOW)
    day = timedelta(hours=24)
    assert seating.pass_on_unanswered(session, now=NOW + day - timedelta(seconds=1)) == 0
    assert seating.pass_on_unanswered(session, now=NOW + day) == 1
    assert seating.pass_on_unanswered(session, now=NOW + day) == 0
    states = [session.get(Participation, one.participation_id).state for one in seats]
    assert states == [S.CANCELLED, S.CANCELLED, S.OFFERED]
    with pytest.raises(TooLate, match="place_gone"):
        participation.answer(session, seats[1].participation_id, "take", now=NOW + day)


def test_who_cancelled_may_sign_up_again_at_the_end_of_the_line(session: Session, activity: Activity) -> None:
    first = sign_up(session, activity, 1)
    sign_up(session, activity, 2)
    participation.answer(session, first.participation_id, "cancel", now=NOW)
    back = sign_up(session, activity, 1, minute=5)
    assert (back.participation_id, back.state, back.position) == (first.participation_id, S.WAITING, 1)


def test_cancelling_twice_offers_the_place_once(session: Session, activity: Activity) -> None:
    seats = [sign_up(session, activity, n, minute=n) for n in range(1, 4)]
    for expected in (1, 0):
        said = participation.answer(session, seats[0].participation_id, "cancel", now=NOW)
        assert said.offered_next == expected


def test_who_waits_cancels_without_freeing_a_place(session: Session, activity: Activity) -> None:
    seats = [sign_up(session, activity, n, minute=n) for n in range(1, 4)]
    said = participation.answer(session, seats[1].participation_id, "cancel", now=NOW)
    assert said.offered_next == 0
    assert participation.view(session, seats[2].participation_id, now=NOW).position == 1


def test_minor_waits_for_the_guardian_who_is_asked_once(session: Session, activity: Activity) -> None:
    said = participation.sign_up(session, activity.code, minor_form(), now=NOW)
    again = participation.sign_up(session, activity.code, minor_form(), now=NOW)
    assert (said.state, again.again) == (S.NEEDS_CONSENT, True)
    assert mails(session) == [("consent", "mother@young.example")]
    consent = session.exec(select(Consent)).one()
    assert (consent.state, consent.purpose) == (ConsentState.ASKED, ConsentPurpose.TAKING_PART)


def test_one_open_question_serves_several_sign_ups(session: Session, hub: Hub, activity: Activity) -> None:
    for one in (activity, make_activity(session, hub)):
        participation.sign_up(session, one.code, minor_form(), now=NOW)
    assert len(session.exec(select(Consent)).all()) == 1
    assert len(session.exec(select(Participation)).all()) == 2


def test_minor_with_a_valid_consent_signs_up_at_once(session: Session, activity: Activity) -> None:
    participation.sign_up(session, activity.code, minor_form(), now=NOW)
    consent = session.exec(select(Consent)).one()
    consent.state, consent.expires_on = ConsentState.GRANTED, date(2027, 1, 1)
    other = make_activity(session, session.get(Hub, activity.hub_id))
    assert participation.sign_up(session, other.code, minor_form(), now=NOW).state == S.SIGNED_UP


@pytest.mark.parametrize(
    ("birth_date", "state"),
    [("2008-11-27", S.SIGNED_UP), ("2008-11-28", S.SIGNED_UP), ("2008-11-29", S.NEEDS_CONSENT)],
    ids=["before", "at", "after"],
)
def test_age_counts_on_the_day_of_the_activity(
    session: Session, activity: Activity, birth_date: str, state: ParticipationState
) -> None:
    said = participation.sign_up(session, activity.code, minor_form(birth_date=birth_date), now=NOW)
    assert said.state == state


def test_age_group_tells_where_no_birth_date_is_given(session: Session, activity: Activity) -> None:
    said = participation.sign_up(session, activity.code, minor_form(birth_date="", age_band="14_17"), now=NOW)
    assert said.state == S.NEEDS_CONSENT


def test_every_wrong_field_is_named_at_once(session: Session, activity: Activity) -> None:
    wrong = SignUpForm(name=" ", email="nobody", phone="call me", birth_date="2009-13-01", age_band="")
    with pytest.raises(HubError) as refused:
        participation.sign_up(session, activity.code, wrong, now=NOW)
    assert {refusal.field for refusal in refused.value.refusals} == {"name", "email", "phone", "birth_date"}
    assert all(refusal.sentence.zh and refusal.sentence.en for refusal in refused.value.refusals)
    assert session.exec(select(Participant)).all() == []


def test_minor_must_name_a_guardian_with_another_address(session: Session, activity: Activity) -> None:
    own = minor_form(guardian_name="", guardian_email="young1@young.example")
    with pytest.raises(HubError) as refused:
        participation.sign_up(session, activity.code, own, now=NOW)
    assert [(one.field, one.code) for one in refused.value.refusals] == [
        ("guardian_name", "name_missing"),
        ("guardian_email", "guardian_email_own"),
    ]


@pytest.mark.parametrize("name", ["来看 http://spam.example", "a@b", "<b>", "www.spam"])
def test_name_carries_no_message_to_a_strangers_address(
    session: Session, activity: Activity, name: str
) -> None:
    with pytest.raises(HubError, match="name_invalid"):
        participation.sign_up(session, activity.code, form(name=name), now=NOW)


@pytest.mark.parametrize(
    ("state", "starts_in", "sentence"),
    [
        (ActivityState.PLANNED, 5, "这场活动还没开始报名。"),
        (ActivityState.CANCELLED, 5, "这场活动取消了。"),
        (ActivityState.DONE, -5, "这场活动已经结束了。"),
        (ActivityState.PUBLISHED, 0, "这场活动已经开始了，不能再报名。"),
    ],
)
def test_closed_activity_takes_no_sign_ups(
    session: Session, hub: Hub, state: ActivityState, starts_in: int, sentence: str
) -> None:
    activity = make_activity(session, hub, state=state, starts_at=NOW + timedelta(days=starts_in))
    with pytest.raises(TooLate) as refused:
        participation.sign_up(session, activity.code, form(), now=NOW)
    assert refused.value.sentence.zh == sentence


def test_unknown_codes_are_not_found(session: Session) -> None:
    with pytest.raises(NotFound):
        participation.sign_up(session, "nowhere", form(), now=NOW)
    with pytest.raises(NotFound):
        participation.programme(session, "nowhere", now=NOW)
    with pytest.raises(NotFound):
        participation.answer(session, 999_999, "cancel", now=NOW)


def test_list_is_closed_once_it_began(session: Session, activity: Activity) -> None:
    seat = sign_up(session, activity)
    with pytest.raises(TooLate, match="sign_up_begun"):
        participation.answer(session, seat.participation_id, "cancel", now=activity.starts_at)


def test_programme_shows_own_published_activities_with_free_places(
    session: Session, hub: Hub, activity: Activity
) -> None:
    later = make_activity(session, hub, starts_at=NOW + timedelta(days=9), capacity=3)
    make_activity(session, hub, state=ActivityState.PLANNED)
    make_activity(session, hub, starts_at=NOW)
    make_activity(session, make_hub(session))
    for n in (1, 2, 3):
        sign_up(session, activity, n)
    shown = participation.programme(session, hub.code, now=NOW)
    assert [(one.code, one.free, one.waiting) for one in shown.entries] == [
        (activity.code, 0, 2),
        (later.code, 3, 0),
    ]


def test_directory_lists_open_hubs_by_unit(session: Session) -> None:
    hub = make_hub(session)
    make_hub(session, is_open=False)
    listed = participation.directory(session)
    assert [[line.code for line in unit.hubs] for unit in listed] == [[hub.code]]


def test_view_shows_the_present_state(session: Session, activity: Activity) -> None:
    seat = sign_up(session, activity)
    seen = participation.view(session, seat.participation_id, now=NOW)
    assert (seen.state, seen.can_cancel, seen.can_take) == (S.SIGNED_UP, True, False)
    assert seen.sent_to == "y***@young.example"
    begun = participation.view(session, seat.participation_id, now=activity.starts_at)
    assert not begun.can_cancel


def test_guardian_known_from_before_is_asked_when_none_is_named(session: Session, activity: Activity) -> None:
    participation.sign_up(session, activity.code, minor_form(), now=NOW)
    other = make_activity(session, session.get(Hub, activity.hub_id))
    claims_to_be_grown_up = form(name="乔安禾1", birth_date="2000-01-01")
    said = participation.sign_up(session, other.code, claims_to_be_grown_up, now=NOW)
    assert said.state == S.NEEDS_CONSENT
    assert len(session.exec(select(Guardian)).all()) == 1


def test_capacity_zero_keeps_everybody_waiting(session: Session, hub: Hub) -> None:
    activity = make_activity(session, hub, capacity=0)
    assert sign_up(session, activity).position == 1


def test_offered_place_shortly_before_the_start_is_passed_on_in_time(session: Session, hub: Hub) -> None:
    activity = make_activity(session, hub, capacity=1, starts_at=NOW + timedelta(hours=6))
    seats = [sign_up(session, activity, n, minute=n) for n in range(1, 4)]
    participation.answer(session, seats[0].participation_id, "cancel", now=NOW)
    assert seating.pass_on_unanswered(session, now=NOW + timedelta(hours=4, minutes=59)) == 0
    assert seating.pass_on_unanswered(session, now=NOW + timedelta(hours=5)) == 0
    assert session.get(Participation, seats[1].participation_id).state == S.CANCELLED


def test_answer_that_is_none_changes_nothing(session: Session, activity: Activity) -> None:
    seat = sign_up(session, activity)
    with pytest.raises(HubError, match="no_answer"):
        participation.answer(session, seat.participation_id, "", now=NOW)
    assert session.get(Participation, seat.participation_id).state == S.SIGNED_UP
