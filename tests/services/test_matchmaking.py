"""Matching on real rows: who is proposed, what is kept, and what a second run changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from models import (
    BackgroundCheck,
    BlockedPair,
    BlockOut,
    Candidate,
    Consent,
    ConsentPurpose,
    Guardian,
    HoursEntry,
    MatchingRun,
    Need,
    Offer,
    Person,
    PersonSkill,
)
from models.offers import Attendance
from models.states import ActivityState, ConsentState, OfferState, PersonState
from services import matchmaking
from tests.factories import (
    NOW,
    make_activity,
    make_hub,
    make_need,
    make_offer,
    make_series,
    make_skill,
    make_volunteer,
    save,
)

UNTIL = NOW + timedelta(weeks=2)
SATURDAY = date(2026, 11, 28)


def match(session, **over):
    return matchmaking.match(session, **({"now": NOW, "until": UNTIL} | over))


def proposed(session):
    rows = session.exec(select(Offer).where(Offer.state == OfferState.PROPOSED).order_by(col(Offer.id)))
    return [(offer.need_id, offer.person_id) for offer in rows]


@pytest.fixture
def hub(session: Session):
    return make_hub(session)


@pytest.fixture
def need(session: Session, hub) -> Need:
    return make_need(session, make_activity(session, hub))


def test_person_who_fits_is_proposed_with_reasons(session, hub, need):
    person = make_volunteer(session, hub)
    result = match(session)
    assert (result.places, result.filled, result.proposed, result.status) == (1, 1, 1, "optimal")
    offer = session.exec(select(Offer)).one()
    assert (offer.need_id, offer.activity_id, offer.person_id) == (need.id, need.activity_id, person.id)
    assert (offer.state, offer.proposed_at) == (OfferState.PROPOSED, NOW)
    assert offer.reasons == [{"code": "near", "value": 0.0}, {"code": "free", "value": 1}]


def test_run_is_kept_with_its_question_and_proof(session, hub, need):
    person = make_volunteer(session, hub)
    match(session, scope=[hub.id], by=person.id, seed=3)
    run = session.exec(select(MatchingRun)).one()
    assert (run.status, run.value, run.bound, run.gap) == ("optimal", 1035, 1035, 0)
    assert (run.places, run.filled, run.unfilled, run.by_id) == (1, 1, [], person.id)
    assert run.scope == {"hubs": [hub.id], "until": UNTIL.isoformat()}
    assert (run.parameters["seed"], run.parameters["minimum_weight"]) == (3, 1000)
    assert len(run.inputs_hash) == 64
    assert run.solver.startswith("HiGHS ")


def test_second_run_adds_nothing(session, hub, need):
    for _ in range(3):
        make_volunteer(session, hub)
    match(session)
    before = proposed(session)
    result = match(session)
    assert (result.places, result.proposed, proposed(session)) == (0, 0, before)
    assert result.sentences[0].zh == "没有空位要配人。"


def test_dry_run_says_what_would_be_and_keeps_nothing(session, hub, need):
    make_volunteer(session, hub)
    result = match(session, dry_run=True)
    assert (result.filled, result.proposed) == (1, 0)
    assert result.sentences[0].zh == "试算好了：1个空位能配上1个。还没有发出任何邮件。"
    for table in (Offer, MatchingRun, Candidate):
        assert session.exec(select(table)).all() == []


def test_unfilled_place_is_told_and_kept_with_its_cause(session, hub, need):
    need.needs_check = True
    person = make_volunteer(session, hub)
    save(
        session,
        BackgroundCheck(person_id=person.id, checked_on=date(2025, 1, 1), expires_on=date(2026, 11, 27)),
    )
    result = match(session)
    (empty,) = result.unfilled
    assert (empty.need_id, empty.places, empty.cause) == (need.id, 1, "nobody")
    assert result.sentences[2].zh.endswith("空着1个：没人可问；只差一条的有：1人背景核查没有或过期。")
    assert session.exec(select(MatchingRun)).one().unfilled == [
        {
            "need_id": need.id,
            "places": 1,
            "below_minimum": 1,
            "cause": "nobody",
            "eligible": 0,
            "one_short": {"check": 1},
            "held": {},
            "crowd": None,
        }
    ]


def test_newest_check_counts(session, hub, need):
    need.needs_check = True
    person = make_volunteer(session, hub)
    for year, expires in ((2024, date(2026, 1, 1)), (2026, SATURDAY)):
        save(session, BackgroundCheck(person_id=person.id, checked_on=date(year, 1, 1), expires_on=expires))
    assert match(session).filled == 1


def test_minor_is_proposed_only_with_a_guardians_consent_to_volunteering(session, hub, need):
    minor = make_volunteer(session, hub, birth_date=date(2010, 1, 1))
    guardian = save(session, Guardian(person_id=minor.id, name="沈之衡", email="g@people.example"))
    consent = save(
        session,
        Consent(
            guardian_id=guardian.id,
            purpose=ConsentPurpose.TAKING_PART,
            state=ConsentState.GRANTED,
            asked_at=NOW,
            expires_on=SATURDAY,
        ),
    )
    assert match(session, dry_run=True).filled == 0
    consent.purpose = ConsentPurpose.VOLUNTEERING
    save(session, consent)
    assert match(session, dry_run=True).filled == 1
    consent.state = ConsentState.WITHDRAWN
    save(session, consent)
    assert match(session, dry_run=True).filled == 0


def test_higher_skill_serves_for_the_one_it_covers(session, hub, need):
    lower = make_skill(session)
    higher = make_skill(session, covers_id=lower.id)
    person = make_volunteer(session, hub)
    need.skill_id = lower.id
    assert match(session, dry_run=True).filled == 0
    save(session, PersonSkill(person_id=person.id, skill_id=higher.id))
    assert match(session).filled == 1
    assert session.exec(select(Offer)).one().reasons[0] == {"code": "skill", "value": lower.id}


def test_block_out_and_other_commitments_keep_a_person_free(session, hub, need):
    away, busy = make_volunteer(session, hub), make_volunteer(session, hub)
    start = NOW + timedelta(days=5)
    save(session, BlockOut(person_id=away.id, starts_at=start, ends_at=start + timedelta(days=1)))
    other = make_need(session, make_activity(session, hub), taken=1)
    make_offer(session, other, busy, state=OfferState.ACCEPTED)
    assert match(session).filled == 0


@pytest.mark.parametrize("state", [OfferState.DECLINED, OfferState.EXPIRED, OfferState.WITHDRAWN])
def test_who_was_asked_for_an_activity_is_not_asked_for_it_again(session, hub, need, state):
    make_offer(session, need, make_volunteer(session, hub), state=state)
    assert match(session).filled == 0


def test_nobody_is_asked_more_often_in_a_week_than_they_allow(session, hub, need):
    person = make_volunteer(session, hub, profile={"offers_per_week": 1})
    later = make_activity(session, hub, starts_at=NOW + timedelta(days=12))
    make_offer(
        session,
        make_need(session, later),
        person,
        state=OfferState.DECLINED,
        sent_at=NOW - timedelta(hours=2),
    )
    assert match(session, dry_run=True).filled == 0
    last_week = session.exec(select(Offer)).one()
    last_week.sent_at = NOW - timedelta(days=1)
    save(session, last_week)
    assert match(session, dry_run=True).filled == 1


@pytest.mark.parametrize("over", [{"state": PersonState.INACTIVE}, {"email": ""}])
def test_who_cannot_be_asked_is_not_proposed(session, hub, need, over):
    make_volunteer(session, hub, **over)
    assert match(session).filled == 0


@pytest.mark.parametrize(
    ("over", "places"),
    [
        ({"state": ActivityState.CANCELLED}, 0),
        ({"state": ActivityState.DONE}, 0),
        ({"state": ActivityState.PLANNED}, 1),
        ({"starts_at": NOW + timedelta(minutes=59), "ends_at": NOW + timedelta(hours=2)}, 0),
        ({"starts_at": UNTIL, "ends_at": UNTIL + timedelta(hours=2)}, 0),
    ],
)
def test_only_activities_that_can_be_staffed_count(session, hub, over, places):
    make_need(session, make_activity(session, hub, **over))
    assert match(session).places == places


def test_scope_leaves_other_hubs_alone_and_draws_on_neighbours(session, hub, need):
    other = make_hub(session, lon=116.38)
    neighbour = make_volunteer(session, other, profile={"radius_km": 5.0})
    make_volunteer(session, make_hub(session, lon=117.5))
    theirs = make_need(session, make_activity(session, other))
    match(session, scope=[hub.id])
    assert proposed(session) == [(need.id, neighbour.id)]
    assert match(session, scope=[other.id], dry_run=True).places == theirs.desired


def test_hub_without_a_place_on_the_map_asks_its_own_members(session):
    hub = make_hub(session, lon=None, lat=None)
    make_need(session, make_activity(session, hub))
    make_volunteer(session, make_hub(session))
    member = make_volunteer(session, hub)
    match(session, scope=[hub.id])
    assert [person for _, person in proposed(session)] == [member.id]


def test_who_gave_less_lately_is_asked_first(session, hub, need):
    giver, other = make_volunteer(session, hub), make_volunteer(session, hub)
    past = make_activity(session, hub, starts_at=NOW - timedelta(days=7), state=ActivityState.DONE)
    served = make_offer(session, make_need(session, past, taken=1), giver, state=OfferState.ACCEPTED)
    attended = save(session, Attendance(offer_id=served.id, presence="present", recorded_at=NOW))
    save(
        session,
        HoursEntry(
            attendance_id=attended.id,
            person_id=giver.id,
            hub_id=hub.id,
            activity_id=past.id,
            minutes=150,
            served_on=date(2026, 11, 16),
            entered_at=NOW,
        ),
    )
    match(session)
    assert proposed(session) == [(need.id, other.id)]


def test_who_helped_in_the_series_before_comes_first_and_hears_why(session, hub):
    series = make_series(session, hub)
    past = make_activity(
        session, hub, starts_at=NOW - timedelta(days=100), state=ActivityState.DONE, series_id=series.id
    )
    make_volunteer(session, hub)
    regular = make_volunteer(session, hub)
    served = make_offer(session, make_need(session, past, taken=1), regular, state=OfferState.ACCEPTED)
    attended = save(session, Attendance(offer_id=served.id, presence="present", recorded_at=NOW))
    save(
        session,
        HoursEntry(
            attendance_id=attended.id,
            person_id=regular.id,
            hub_id=hub.id,
            activity_id=past.id,
            minutes=150,
            served_on=date(2026, 8, 15),
            entered_at=NOW,
        ),
    )
    need = make_need(session, make_activity(session, hub, series_id=series.id))
    match(session)
    offer = session.exec(select(Offer).where(Offer.need_id == need.id)).one()
    assert (offer.person_id, offer.reasons[0]) == (regular.id, {"code": "series", "value": 1})


def test_blocked_pair_is_never_in_one_team(session, hub, need):
    need.desired = need.maximum = 2
    people = sorted(make_volunteer(session, hub).id for _ in range(2))
    save(session, BlockedPair(first_id=people[0], second_id=people[1]))
    assert match(session).filled == 1


def test_experience_of_those_who_already_come_counts(session, hub, need):
    need.needs_experience, need.desired, need.maximum = True, 2, 2
    make_volunteer(session, hub)
    assert match(session, dry_run=True).filled == 0
    make_offer(
        session, need, make_volunteer(session, hub, profile={"is_experienced": True}), state=OfferState.SENT
    )
    assert match(session).filled == 1


class TestNextCandidates:
    """Somebody said no: who is asked next."""

    @pytest.fixture
    def line(self, session, hub, need) -> list[int]:  # noqa: ARG002 -- the need that is matched
        """Match one place among four people; return the line behind the one who was asked."""
        for _ in range(4):
            make_volunteer(session, hub)
        match(session)
        rows = session.exec(select(Candidate).order_by(col(Candidate.place)))
        return [row.person_id for row in rows]

    def decline(self, session):
        offer = session.exec(select(Offer).where(Offer.state == OfferState.PROPOSED)).one()
        offer.state = OfferState.DECLINED
        save(session, offer)

    def test_line_holds_everybody_else_who_fits(self, session, line):
        asked = session.exec(select(Offer)).one().person_id
        everybody = session.exec(select(Person.id).order_by(col(Person.id))).all()
        assert line == [person for person in everybody if person != asked]

    def test_first_in_line_is_proposed_with_the_reasons_of_the_run(self, session, need, line):
        self.decline(session)
        (offer_id,) = matchmaking.next_candidates(session, [need.id], now=NOW)
        offer = session.get(Offer, offer_id)
        assert (offer.person_id, offer.state) == (line[0], OfferState.PROPOSED)
        assert offer.reasons == [{"code": "near", "value": 0.0}, {"code": "free", "value": 1}]
        assert offer.run_id == session.exec(select(MatchingRun)).one().id

    @pytest.mark.usefixtures("line")
    def test_nobody_is_proposed_while_the_place_is_taken(self, session, need):
        assert matchmaking.next_candidates(session, [need.id], now=NOW) == []

    def test_who_no_longer_fits_is_passed_over(self, session, hub, need, line):
        self.decline(session)
        start = NOW + timedelta(days=5)
        save(session, BlockOut(person_id=line[0], starts_at=start, ends_at=start + timedelta(days=1)))
        clash = make_need(session, make_activity(session, hub), taken=1)
        make_offer(session, clash, session.get(Person, line[1]), state=OfferState.ACCEPTED)
        (offer_id,) = matchmaking.next_candidates(session, [need.id], now=NOW)
        assert session.get(Offer, offer_id).person_id == line[2]

    def test_line_that_is_used_up_gives_nobody(self, session, need, line):
        for _ in line:
            self.decline(session)
            assert len(matchmaking.next_candidates(session, [need.id], now=NOW)) == 1
        self.decline(session)
        assert matchmaking.next_candidates(session, [need.id], now=NOW) == []

    def test_nobody_is_proposed_twice_in_one_call(self, session, hub, need, line):
        self.decline(session)
        later = make_need(session, make_activity(session, hub, starts_at=NOW + timedelta(days=6)))
        run = session.exec(select(MatchingRun)).one()
        save(session, Candidate(need_id=later.id, person_id=line[0], run_id=run.id, place=1))
        found = matchmaking.next_candidates(session, [need.id, later.id], now=NOW)
        people = [session.get(Offer, key).person_id for key in found]
        assert people == [line[0]]

    @pytest.mark.usefixtures("line")
    def test_team_rule_is_asked_again(self, session, need):
        self.decline(session)
        need.needs_experience = True
        save(session, need)
        assert matchmaking.next_candidates(session, [need.id], now=NOW) == []

    def test_no_needs_give_nobody(self, session):
        assert matchmaking.next_candidates(session, [], now=NOW) == []


def test_broken_plan_is_never_kept(session, hub, need, monkeypatch):
    make_volunteer(session, hub)
    monkeypatch.setattr(matchmaking, "verify_plan", lambda *_: ["broken"])
    with pytest.raises(matchmaking.PlanIsBroken):
        match(session)
    assert session.exec(select(Offer)).all() == []


def test_windows_are_those_of_the_persons_own_zone(session, hub):
    # 14:00 on Saturday in Beijing is 6:00 in London.
    make_need(session, make_activity(session, hub, starts_at=datetime(2026, 11, 28, 6, 0, tzinfo=UTC)))
    make_volunteer(session, hub, time_zone="Europe/London", free=[(5, 14 * 60, 18 * 60)])
    assert match(session, dry_run=True).filled == 0
    make_volunteer(session, hub, time_zone="Europe/London", free=[(5, 6 * 60, 9 * 60)])
    assert match(session, dry_run=True).filled == 1
