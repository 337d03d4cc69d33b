"""One rule at a time, on its three sides: before the boundary, at it, and after."""

from datetime import UTC, date, datetime, timedelta

import pytest

from matching.eligibility import Eligibility, Reason
from matching.inputs import Commitment, Interval, MatchingPolicy, Window, expand_skills
from tests.matching.builders import (
    ALWAYS,
    LAT,
    LON,
    SATURDAY_TWO,
    make_activity,
    make_need,
    make_staffing,
    make_volunteer,
)

HOUR = timedelta(hours=1)
KM_EAST = 1 / 85.3  # degrees of longitude at this latitude, roughly


def reasons(volunteer=None, activity=None, need=None, blocked=()):
    staffing = make_staffing(
        [volunteer or make_volunteer()], [activity or make_activity()], [need or make_need()], blocked
    )
    judged = Eligibility(staffing, MatchingPolicy())
    return Reason(int(judged.bits(staffing.needs[0])[0]))


def test_person_who_fits_misses_nothing():
    assert reasons() == Reason(0)


def test_all_failed_rules_are_named_not_only_the_first():
    volunteer = make_volunteer(skills=frozenset(), windows=(), check_expires_on=None, is_active=False)
    need = make_need(skill_id=1, needs_check=True)
    assert reasons(volunteer, need=need) == (
        Reason.SKILL | Reason.AVAILABILITY | Reason.CHECK | Reason.INACTIVE
    )


def test_higher_skill_covers_what_it_covers_through_others():
    held = expand_skills([3], {3: [2], 2: [1]})
    assert held == frozenset({1, 2, 3})
    assert reasons(make_volunteer(skills=held), need=make_need(skill_id=1)) == Reason(0)


def test_lower_skill_does_not_cover_a_higher_one():
    held = expand_skills([1], {3: [2], 2: [1]})
    assert reasons(make_volunteer(skills=held), need=make_need(skill_id=3)) == Reason.SKILL


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (14 * 60, 16 * 60, Reason(0)),
        (14 * 60 + 1, 16 * 60, Reason.AVAILABILITY),
        (14 * 60, 16 * 60 - 1, Reason.AVAILABILITY),
    ],
)
def test_window_must_cover_the_activity_to_the_minute(start, end, expected):
    assert reasons(make_volunteer(windows=(Window(5, start, end),))) == expected


def test_touching_windows_count_as_one():
    windows = (Window(5, 14 * 60, 15 * 60), Window(5, 15 * 60, 16 * 60))
    assert reasons(make_volunteer(windows=windows)) == Reason(0)


def test_activity_over_sunday_midnight_needs_both_evenings():
    sunday_23 = datetime(2026, 11, 29, 15, 0, tzinfo=UTC)
    activity = make_activity(starts_at=sunday_23)
    both = (Window(6, 22 * 60, 1440), Window(0, 0, 60))
    assert reasons(make_volunteer(windows=both), activity) == Reason(0)
    assert reasons(make_volunteer(windows=both[:1]), activity) == Reason.AVAILABILITY


def test_windows_are_read_in_the_persons_own_zone():
    # 14:00 in Shanghai is 6:00 in London; whose windows are London's is free from 6 to 8.
    windows = (Window(5, 6 * 60, 8 * 60),)
    assert reasons(make_volunteer(windows=windows, zone="Europe/London")) == Reason(0)
    assert reasons(make_volunteer(windows=windows)) == Reason.AVAILABILITY


def test_windows_follow_the_clock_through_a_change_to_summer_time():
    # Berlin, 29 March 2026: 01:30 to 04:30 by the clock lasts two hours.
    activity = make_activity(starts_at=datetime(2026, 3, 29, 0, 30, tzinfo=UTC))
    fits, ends_early = (Window(6, 90, 270),), (Window(6, 90, 210),)
    assert reasons(make_volunteer(windows=fits, zone="Europe/Berlin"), activity) == Reason(0)
    assert reasons(make_volunteer(windows=ends_early, zone="Europe/Berlin"), activity) == Reason.AVAILABILITY


def test_block_out_that_touches_does_not_count():
    before = Interval(SATURDAY_TWO - HOUR, SATURDAY_TWO)
    into = Interval(SATURDAY_TWO - HOUR, SATURDAY_TWO + timedelta(seconds=1))
    assert reasons(make_volunteer(blockouts=(before,))) == Reason(0)
    assert reasons(make_volunteer(blockouts=(into,))) == Reason.BLOCKOUT


def test_commitment_at_the_same_place_may_touch():
    before = Commitment(9, SATURDAY_TWO - HOUR, SATURDAY_TWO, LON, LAT)
    into = Commitment(9, SATURDAY_TWO - HOUR, SATURDAY_TWO + timedelta(minutes=1), LON, LAT)
    assert reasons(make_volunteer(commitments=(before,))) == Reason(0)
    assert reasons(make_volunteer(commitments=(into,))) == Reason.OVERLAP


@pytest.mark.parametrize(("minutes", "expected"), [(29, Reason.OVERLAP), (31, Reason(0))])
def test_commitment_elsewhere_leaves_time_for_the_way(minutes, expected):
    # 10 km at 20 km/h take half an hour.
    ended = SATURDAY_TWO - timedelta(minutes=minutes)
    far = Commitment(9, ended - HOUR, ended, LON + 10 * KM_EAST, LAT)
    assert reasons(make_volunteer(commitments=(far,))) == expected


@pytest.mark.parametrize(
    ("born", "expected"),
    [(date(2010, 11, 28), Reason(0)), (date(2010, 11, 29), Reason.AGE), (date(2010, 11, 27), Reason(0))],
)
def test_age_counts_on_the_day_of_the_activity(born, expected):
    volunteer = make_volunteer(birth_date=born, consent_until=date(2027, 1, 1))
    assert reasons(volunteer, need=make_need(min_age=16)) == expected


def test_unknown_birth_date_is_no_age():
    unknown = make_volunteer(birth_date=None)
    assert reasons(unknown, need=make_need(min_age=14)) == Reason.AGE
    assert reasons(unknown, make_activity(has_minors=True)) == Reason.AGE
    assert reasons(unknown) == Reason(0)


@pytest.mark.parametrize(
    ("until", "expected"),
    [(None, Reason.CONSENT), (date(2026, 11, 27), Reason.CONSENT), (date(2026, 11, 28), Reason(0))],
)
def test_minor_needs_consent_that_holds_on_the_day(until, expected):
    assert reasons(make_volunteer(birth_date=date(2010, 1, 1), consent_until=until)) == expected


def test_who_turns_eighteen_on_the_day_needs_no_consent():
    assert reasons(make_volunteer(birth_date=date(2008, 11, 28))) == Reason(0)
    assert reasons(make_volunteer(birth_date=date(2008, 11, 29))) == Reason.CONSENT


@pytest.mark.parametrize(
    ("expires", "expected"),
    [(None, Reason.CHECK), (date(2026, 11, 27), Reason.CHECK), (date(2026, 11, 28), Reason(0))],
)
def test_check_must_be_valid_on_the_day_itself(expires, expected):
    assert reasons(make_volunteer(check_expires_on=expires), need=make_need(needs_check=True)) == expected


def test_check_must_outlast_an_activity_over_midnight():
    late = make_activity(starts_at=datetime(2026, 11, 28, 15, 0, tzinfo=UTC))  # 23:00 to 01:00
    volunteer = make_volunteer(check_expires_on=date(2026, 11, 28))
    assert reasons(volunteer, late, make_need(needs_check=True)) == Reason.CHECK


def test_check_need_not_outlast_an_end_at_midnight():
    late = make_activity(starts_at=datetime(2026, 11, 28, 14, 0, tzinfo=UTC))  # 22:00 to 24:00
    volunteer = make_volunteer(check_expires_on=date(2026, 11, 28))
    assert reasons(volunteer, late, make_need(needs_check=True)) == Reason(0)


@pytest.mark.parametrize(("radius", "expected"), [(3.1, Reason(0)), (2.9, Reason.DISTANCE)])
def test_distance_is_the_persons_own_limit(radius, expected):
    assert reasons(make_volunteer(lon=LON + 3 * KM_EAST, radius_km=radius)) == expected


def test_unknown_home_is_near_to_the_own_hub_only():
    assert reasons(make_volunteer(lon=None, lat=None)) == Reason(0)
    assert reasons(make_volunteer(lon=None, lat=None, home_hub_ids=frozenset({2}))) == Reason.DISTANCE


def test_members_only_activity_takes_members_of_any_of_two_home_hubs():
    activity = make_activity(members_only=True)
    assert reasons(make_volunteer(home_hub_ids=frozenset({1, 2})), activity) == Reason(0)
    assert reasons(make_volunteer(home_hub_ids=frozenset({2})), activity) == Reason.MEMBERSHIP


@pytest.mark.parametrize(("hours", "expected"), [(3.0, Reason(0)), (2.9, Reason.HOURS)])
def test_weekly_hours_count_commitments_of_the_same_week(hours, expected):
    monday = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
    last_sunday = monday - timedelta(hours=12)
    held = (Commitment(8, monday, monday + HOUR), Commitment(9, last_sunday, last_sunday + HOUR))
    assert reasons(make_volunteer(weekly_hours=hours, commitments=held)) == expected


def test_who_declined_this_activity_is_not_asked_again_for_it():
    volunteer = make_volunteer(declined_activity_ids=frozenset({1}))
    assert reasons(volunteer) == Reason.DECLINED
    assert reasons(volunteer, make_activity(2), make_need(activity=2)) == Reason(0)


def test_who_was_asked_enough_is_left_in_peace():
    assert reasons(make_volunteer(asks_left=0)) == Reason.ASKED_ENOUGH
    assert reasons(make_volunteer(asks_left=1)) == Reason(0)


def test_gender_need_is_a_rule():
    assert reasons(make_volunteer(gender="f"), need=make_need(gender="f")) == Reason(0)
    assert reasons(make_volunteer(gender=None), need=make_need(gender="f")) == Reason.GENDER


def test_blocked_pair_keeps_a_person_from_the_others_team():
    assert reasons(activity=make_activity(team=(7,)), blocked=[(7, 1)]) == Reason.BLOCKED_PAIR
    assert reasons(activity=make_activity(team=(8,)), blocked=[(7, 1)]) == Reason(0)


def test_counts_tell_all_who_miss_a_rule_from_those_who_miss_only_it():
    people = [
        make_volunteer(1, check_expires_on=None),
        make_volunteer(2, check_expires_on=None, windows=()),
        make_volunteer(3, windows=ALWAYS),
    ]
    staffing = make_staffing(people, needs=[make_need(needs_check=True)])
    judged = Eligibility(staffing, MatchingPolicy())
    (pool,) = judged.pools()
    tally = judged.tally(pool.need)
    assert pool.eligible.tolist() == [2]
    assert tally.missing == {Reason.CHECK: 2, Reason.AVAILABILITY: 1}
    assert tally.missing_only == {Reason.CHECK: 1}
