"""A volunteer answers: yes, no, not after all, standby; each twice without a second effect."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlmodel import Session, col, select

from models import (
    AuditEntry,
    BackgroundCheck,
    Candidate,
    Consent,
    ConsentPurpose,
    Guardian,
    MatchingRun,
    Message,
    Need,
    Offer,
    Person,
)
from models.states import ActivityState, ConsentState, OfferState, PersonState
from services import offers
from services.errors import HubError, NotFound, TooLate
from services.offers import Situation
from tests.factories import (
    NOW,
    make_activity,
    make_coordinator,
    make_hub,
    make_need,
    make_offer,
    make_volunteer,
    save,
)

LATER = NOW + timedelta(hours=1)


def sent_offer(session: Session, need: Need, person: Person, **over: object) -> Offer:
    values = {"state": OfferState.SENT, "sent_at": NOW, "expires_at": NOW + timedelta(hours=48), **over}
    return make_offer(session, need, person, **values)


def mails(session: Session) -> list[tuple[str, str]]:
    rows = session.exec(select(Message).order_by(col(Message.id)))
    return [(message.kind, message.to_address) for message in rows]


def make_run(session: Session, need: Need, *people: Person) -> None:
    """Let matching have priced `people` for a need, best first."""
    run = MatchingRun(
        created_at=NOW,
        inputs_hash="x",
        solver="highs",
        status="optimal",
        value=0,
        bound=0,
        gap=0,
        seconds=0,
        places=1,
        filled=0,
    )
    save(session, run)
    for place, person in enumerate(people):
        save(session, Candidate(need_id=need.id, person_id=person.id, run_id=run.id, place=place))


@pytest.fixture
def need(session: Session) -> Need:
    return make_need(session, make_activity(session, make_hub(session)))


@pytest.fixture
def volunteer(session: Session) -> Person:
    return make_volunteer(session, make_hub(session))


@pytest.fixture
def offer(session: Session, need: Need, volunteer: Person) -> Offer:
    return sent_offer(session, need, volunteer)


def test_yes_takes_the_place_and_confirms(
    session: Session, need: Need, offer: Offer, volunteer: Person
) -> None:
    said = offers.accept(session, offer.id, now=LATER)
    assert isinstance(said, offers.Accepted)
    assert (said.sentence.zh, said.sentence.en) == ("说好了，周六见！", "See you on Saturday!")
    assert (offer.state, offer.answered_at, need.taken) == (OfferState.ACCEPTED, LATER, 1)
    assert mails(session) == [("confirmation", volunteer.email)]
    entry = session.exec(select(AuditEntry)).one()
    assert (entry.verb, entry.thing_id, entry.by_id) == ("offer.accepted", offer.id, volunteer.id)
    assert entry.changes == {"state": ["sent", "accepted"]}


def test_second_yes_changes_nothing(session: Session, need: Need, offer: Offer) -> None:
    offers.accept(session, offer.id, now=LATER)
    again = offers.accept(session, offer.id, now=LATER + timedelta(minutes=1))
    assert isinstance(again, offers.Accepted)
    assert again.again
    assert need.taken == 1
    assert len(mails(session)) == 1


def test_last_place_gone_offers_standby_and_takes_nobody(session: Session, need: Need, offer: Offer) -> None:
    quick = sent_offer(session, need, make_volunteer(session, make_hub(session)))
    offers.accept(session, quick.id, now=LATER)
    said = offers.accept(session, offer.id, now=LATER)
    assert isinstance(said, offers.StandbyOffered)
    assert said.sentence.zh == "刚刚满员了，谢谢你愿意来。要排候补第1位吗？"
    assert (offer.state, need.taken) == (OfferState.SENT, 1)
    assert offers.view(session, offer.id, now=LATER).situation == Situation.GONE


def test_those_still_thinking_hear_that_it_is_full(
    session: Session, need: Need, offer: Offer, volunteer: Person
) -> None:
    quick = make_volunteer(session, make_hub(session))
    offers.accept(session, sent_offer(session, need, quick).id, now=LATER)
    assert mails(session) == [("confirmation", quick.email), ("place_taken", volunteer.email)]


def test_standby_is_a_line(session: Session, need: Need, offer: Offer) -> None:
    need.taken = 1
    second = sent_offer(session, need, make_volunteer(session, make_hub(session)))
    assert offers.join_standby(session, offer.id, now=LATER).position == 1
    assert offers.join_standby(session, second.id, now=LATER + timedelta(minutes=1)).position == 2
    assert offers.join_standby(session, offer.id, now=LATER + timedelta(minutes=2)).position == 1


def test_standby_is_refused_while_a_place_is_free(session: Session, offer: Offer) -> None:
    with pytest.raises(TooLate):
        offers.join_standby(session, offer.id, now=LATER)


def test_place_given_back_is_offered_to_the_first_in_line(session: Session, need: Need, offer: Offer) -> None:
    line = [sent_offer(session, need, make_volunteer(session, make_hub(session))) for _ in range(2)]
    offers.accept(session, offer.id, now=LATER)
    for minute, waiting in enumerate(line):
        offers.join_standby(session, waiting.id, now=LATER + timedelta(minutes=minute))
    said = offers.withdraw_acceptance(session, offer.id, reason="unwell", now=LATER + timedelta(hours=1))
    assert said.asked_next == 1
    session.expire_all()
    assert [one.state for one in line] == [OfferState.SENT, OfferState.STANDBY]
    assert (offer.state, offer.decline_reason, need.taken) == (OfferState.DECLINED, "unwell", 0)
    assert mails(session)[-1][0] == "offer"


def test_no_asks_the_next_candidate_at_once(session: Session, need: Need, offer: Offer) -> None:
    following, last = (make_volunteer(session, make_hub(session)) for _ in range(2))
    make_run(session, need, following, last)
    said = offers.decline(session, offer.id, reason="busy", now=LATER)
    assert said.asked_next == 1
    assert (offer.state, offer.decline_reason) == (OfferState.DECLINED, "busy")
    assert mails(session) == [("offer", following.email)]


def test_second_no_asks_nobody_else_but_may_add_the_reason(
    session: Session, need: Need, offer: Offer
) -> None:
    make_run(session, need, *(make_volunteer(session, make_hub(session)) for _ in range(2)))
    offers.decline(session, offer.id, now=LATER)
    again = offers.decline(session, offer.id, reason="too_far", now=LATER)
    assert (again.again, again.asked_next, offer.decline_reason) == (True, 0, "too_far")
    assert len(mails(session)) == 1


def test_free_text_is_not_kept_as_a_reason(session: Session, offer: Offer) -> None:
    offers.decline(session, offer.id, reason="my neighbour is ill", now=LATER)
    assert offer.decline_reason == ""


def test_no_after_yes_gives_the_place_back(session: Session, need: Need, offer: Offer) -> None:
    offers.accept(session, offer.id, now=LATER)
    offers.decline(session, offer.id, now=LATER)
    assert (offer.state, need.taken) == (OfferState.DECLINED, 0)


def test_place_cannot_be_given_back_once_it_began(session: Session, offer: Offer) -> None:
    offers.accept(session, offer.id, now=LATER)
    begun = NOW + timedelta(days=5, hours=5)
    with pytest.raises(TooLate, match="offer_begun"):
        offers.withdraw_acceptance(session, offer.id, now=begun)


@pytest.mark.parametrize(
    ("minutes", "outcome"), [(-1, Situation.OPEN), (0, Situation.EXPIRED), (1, Situation.EXPIRED)]
)
def test_offer_closes_at_its_deadline(
    session: Session, offer: Offer, minutes: int, outcome: Situation
) -> None:
    at = NOW + timedelta(hours=48, minutes=minutes)
    assert offers.view(session, offer.id, now=at).situation == outcome


def test_yes_after_the_deadline_is_too_late(session: Session, need: Need, offer: Offer) -> None:
    with pytest.raises(TooLate) as refused:
        offers.accept(session, offer.id, now=NOW + timedelta(hours=48))
    assert refused.value.sentence.zh == "回答时间过了，位置已问给下一位。不影响以后邀请你。"
    assert (offer.state, need.taken) == (OfferState.SENT, 0)


@pytest.mark.parametrize("state", [OfferState.WITHDRAWN, OfferState.EXPIRED, OfferState.DECLINED])
def test_yes_to_a_closed_offer_is_refused(
    session: Session, need: Need, volunteer: Person, state: OfferState
) -> None:
    offer = sent_offer(session, need, volunteer, state=state)
    with pytest.raises(TooLate, match=f"offer_{state}"):
        offers.accept(session, offer.id, now=LATER)


def test_yes_to_a_cancelled_activity_is_refused(session: Session, volunteer: Person) -> None:
    activity = make_activity(session, make_hub(session), state=ActivityState.CANCELLED)
    offer = sent_offer(session, make_need(session, activity), volunteer)
    with pytest.raises(TooLate, match="offer_cancelled"):
        offers.accept(session, offer.id, now=LATER)


def test_nobody_serves_twice_at_once(session: Session, offer: Offer, volunteer: Person) -> None:
    elsewhere = make_activity(session, make_hub(session), title_zh="读书会", title_en="Book club")
    other = sent_offer(session, make_need(session, elsewhere), volunteer)
    offers.accept(session, other.id, now=LATER)
    with pytest.raises(HubError, match="offer_overlaps") as refused:
        offers.accept(session, offer.id, now=LATER)
    assert "“读书会”" in refused.value.sentence.zh
    assert "Saturday 28 Nov, 14:00" in refused.value.sentence.en


def test_minor_answers_only_with_a_guardians_consent(session: Session, need: Need) -> None:
    minor = make_volunteer(session, make_hub(session), birth_date=date(2010, 1, 1))
    offer = sent_offer(session, need, minor)
    with pytest.raises(TooLate, match="offer_needs_guardian"):
        offers.accept(session, offer.id, now=LATER)
    guardian = save(session, Guardian(person_id=minor.id, name="沈安", email="g@people.example"))
    consent = Consent(
        guardian_id=guardian.id,
        purpose=ConsentPurpose.VOLUNTEERING,
        state=ConsentState.GRANTED,
        asked_at=NOW,
        expires_on=date(2026, 11, 28),
    )
    save(session, consent)
    assert isinstance(offers.accept(session, offer.id, now=LATER), offers.Accepted)


def test_person_awaiting_consent_is_told_so(session: Session, need: Need) -> None:
    waiting = make_volunteer(session, make_hub(session), state=PersonState.AWAITING_CONSENT)
    offer = sent_offer(session, need, waiting)
    assert offers.view(session, offer.id, now=LATER).situation == Situation.NEEDS_GUARDIAN


def test_unknown_offer_is_not_found(session: Session) -> None:
    with pytest.raises(NotFound):
        offers.view(session, 999_999, now=NOW)


def test_view_says_what_when_where_and_why(session: Session, volunteer: Person) -> None:
    hub = make_hub(session, code="XC001")
    worker = make_coordinator(session, hub, name="欧阳晓岚")
    activity = make_activity(session, hub, title_zh="修理角", title_en="")
    need = make_need(session, activity, role_zh="接待", role_en="Greeter")
    offer = sent_offer(session, need, volunteer, reasons=[{"code": "near", "value": 1.2}, {"code": "gone"}])
    seen = offers.view(session, offer.id, now=LATER)
    assert (seen.title.zh, seen.title.en, seen.role.en) == ("修理角", "修理角", "Greeter")
    assert [why.zh for why in seen.why] == ["离你家1.2公里"]
    assert (seen.hub_code, seen.place, seen.time_zone) == ("XC001", hub.address, "Asia/Shanghai")
    assert seen.contact is not None
    assert seen.contact.name == worker.name
    assert seen.sent_to == "p***@people.example"


def test_person_who_left_is_told_that_the_offer_is_withdrawn(session: Session, need: Need) -> None:
    offer = sent_offer(session, need, make_volunteer(session, make_hub(session), state=PersonState.INACTIVE))
    with pytest.raises(TooLate, match="offer_withdrawn"):
        offers.accept(session, offer.id, now=LATER)


@pytest.mark.parametrize("ends", [None, date(2026, 11, 27)])
def test_yes_is_refused_where_the_background_check_no_longer_holds_on_the_day(
    session: Session, need: Need, volunteer: Person, offer: Offer, ends: date | None
) -> None:
    """It ended, or was taken back, between the plan and the answer."""
    need.needs_check = True
    if ends:
        save(session, BackgroundCheck(person_id=volunteer.id, checked_on=date(2025, 1, 1), expires_on=ends))
    with pytest.raises(HubError) as refused:
        offers.accept(session, offer.id or 0, now=LATER)
    (refusal,) = refused.value.refusals
    assert refusal.code == ("check_ends" if ends else "no_check")
    assert ("11月27日" in refusal.sentence.zh) == bool(ends)
    assert (offer.state, need.taken) == (OfferState.SENT, 0)


def test_check_that_holds_through_the_day_is_enough(
    session: Session, need: Need, volunteer: Person, offer: Offer
) -> None:
    need.needs_check = True
    held = BackgroundCheck(person_id=volunteer.id, checked_on=date(2025, 1, 1), expires_on=date(2026, 11, 28))
    save(session, held)
    offers.accept(session, offer.id or 0, now=LATER)
    assert (offer.state, need.taken) == (OfferState.ACCEPTED, 1)
