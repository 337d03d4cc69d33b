"""Why a place stays empty: exact causes, in numbers and in both languages."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings

from config.text import Text
from matching.eligibility import Reason
from matching.inputs import Index
from matching.occupancy import Hold
from matching.shortage import Cause, Crowd, unfilled_needs
from matching.staffing import match_staffing
from tests.matching.builders import (
    LON,
    SATURDAY_TWO,
    make_activity,
    make_need,
    make_staffing,
    make_volunteer,
)
from tests.matching.test_staffing_plan import POLICY, staffings


def unfilled(staffing):
    return unfilled_needs(match_staffing(staffing))


def test_filled_need_is_not_among_the_unfilled():
    assert unfilled(make_staffing()) == ()


def test_nobody_left_says_who_lacks_only_one_thing_what_can_be_mended_first():
    people = [
        make_volunteer(1, check_expires_on=date(2026, 11, 1)),
        make_volunteer(2, lon=LON + 1),
        make_volunteer(3, lon=LON + 1),
        make_volunteer(4, windows=(), check_expires_on=None),
    ]
    (found,) = unfilled(make_staffing(people, needs=[make_need(needs_check=True)]))
    assert (found.need_id, found.places, found.cause) == (1, 1, Cause.NOBODY)
    assert found.one_short == ((Reason.CHECK, 1), (Reason.DISTANCE, 2))
    assert found.sentence == Text(
        "没人可问；只差一条的有：1人背景核查没有或过期、2人住得太远。",
        "Nobody left to ask; one condition away: 1 without a valid background check, 2 too far away.",
    )


def test_people_who_are_never_free_then_are_not_called_busy():
    (found,) = unfilled(make_staffing([make_volunteer(windows=())]))
    assert found.cause is Cause.NOBODY
    assert found.sentence.zh == "没人可问；只差一条的有：1人那个时间没空。"


def test_person_needed_more_elsewhere_leaves_a_place_empty():
    activities = [make_activity(1, priority=1), make_activity(2, priority=3)]
    staffing = make_staffing(None, activities, [make_need(1), make_need(2, activity=2)])
    (found,) = unfilled(staffing)
    assert (found.need_id, found.cause, found.eligible) == (1, Cause.BUSY, 1)
    assert found.crowd == Crowd(places=2, people=1, skill_id=None)
    assert found.sentence == Text(
        "合适的1人都腾不出来：同一时间有2个位置要人，合适的一共1人。",
        "Those who fit (1) are all taken: at that time 2 places need somebody; people who fit: 1.",
    )


def test_closed_teams_say_which_condition_keeps_them_closed():
    novice = make_volunteer(is_experienced=False)
    (found,) = unfilled(make_staffing([novice], needs=[make_need(needs_experience=True)]))
    assert found.cause is Cause.EXPERIENCE
    (found,) = unfilled(make_staffing([novice], [make_activity(has_minors=True)]))
    assert found.cause is Cause.ADULTS


def test_people_to_be_kept_apart_are_the_cause():
    people = [make_volunteer(1), make_volunteer(2)]
    (found,) = unfilled(make_staffing(people, needs=[make_need(places=2)], blocked=[(1, 2)]))
    assert (found.places, found.below_minimum, found.cause) == (1, 1, Cause.APART)


def test_places_above_the_minimum_are_told_apart():
    (found,) = unfilled(make_staffing(needs=[replace(make_need(), desired=3, maximum=3)]))
    assert (found.places, found.below_minimum) == (2, 0)


def test_crowd_names_the_skill_that_all_its_places_need():
    people = [make_volunteer(number, skills=frozenset({7})) for number in range(1, 5)]
    activities = [make_activity(number) for number in range(1, 4)]
    needs = [make_need(number, activity=number, places=2, skill_id=7) for number in range(1, 4)]
    result = match_staffing(make_staffing([*people, make_volunteer(5)], activities, needs))
    found = unfilled_needs(result, skills={7: Text("藏语", "Tibetan")})
    assert {one.crowd for one in found} == {Crowd(places=6, people=4, skill_id=7)}
    assert found[0].sentence.zh.startswith("合适的4人都腾不出来：同一时间有6个位置要会藏语，合适的一共4人")
    assert found[0].one_short == ((Reason.SKILL, 1),)


def test_people_held_by_hours_and_asks_are_counted_by_what_holds_them():
    later = make_activity(2, starts_at=SATURDAY_TWO + timedelta(hours=20))
    people = [make_volunteer(1, weekly_hours=2.0), make_volunteer(2, asks_left=1)]
    needs = [make_need(1, places=2), make_need(2, activity=2, places=2)]
    found = unfilled(make_staffing(people, [make_activity(1), later], needs))
    assert sum(one.places for one in found) == 2
    assert {one.crowd for one in found} == {None}
    assert {held for one in found for held in one.held} == {(Hold.HOURS, 1), (Hold.ASKS, 1)}


def test_person_who_holds_something_at_another_time_is_not_busy():
    """The one who fits is free; it is the missing second adult that keeps the team closed."""
    other = make_activity(2, starts_at=SATURDAY_TWO + timedelta(days=1))
    staffing = make_staffing(
        None, [make_activity(1, has_minors=True), other], [make_need(1), make_need(2, activity=2)]
    )
    (found,) = unfilled(staffing)
    assert (found.cause, found.held) == (Cause.ADULTS, ())


def test_free_person_whom_time_did_not_suffice_to_place_is_said_to_be_there():
    result = match_staffing(make_staffing())
    cut_short = replace(result, pairings=(), plan=replace(result.plan, chosen=result.plan.chosen[:0]))
    (found,) = unfilled_needs(cut_short)
    assert (found.cause, found.eligible) == (Cause.UNPROVEN, 1)


@settings(max_examples=60, deadline=None)
@given(staffings())
def test_causes_are_true(staffing):
    """A crowd outnumbers its people in fact, and nobody who is free is called taken."""
    result = match_staffing(staffing, POLICY)
    for found in unfilled_needs(result, POLICY):
        assert (
            found.places + result.filled[found.need_id] == Index.of(staffing).needs[found.need_id].open_places
        )
        assert found.cause is not Cause.UNPROVEN
        if found.crowd:
            assert found.crowd.places > found.crowd.people >= 0
        if found.cause is Cause.NOBODY:
            assert found.eligible == 0
        if found.cause is Cause.BUSY:
            assert sum(count for _, count in found.held) >= found.eligible > 0
