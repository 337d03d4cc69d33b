"""Random people, places and rules in which every rule of matching is met and broken."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from config.text import Text
from matching.inputs import Commitment, Interval, Window
from matching.rules import AttributeRule, Condition, Op
from tests.matching.builders import ALWAYS, LAT, LON, make_activity, make_need, make_staffing, make_volunteer

HOUR = timedelta(hours=1)
SATURDAY = datetime(2026, 11, 28, tzinfo=UTC)  # 8:00 in Shanghai
# Around noon, late in the evening, over midnight from Saturday to Sunday and from Sunday to Monday.
STARTS = [SATURDAY + h * HOUR for h in (4, 5, 6, 13, 15, 21, 22, 24, 39)]


@st.composite
def moments(draw):
    starts_at = draw(st.sampled_from(STARTS))
    return starts_at, starts_at + draw(st.sampled_from([1, 2, 3])) * HOUR


def conditions():
    equal = st.builds(
        Condition,
        st.sampled_from(["gender", "licence", "experienced", "newcomer", "language", "interest", "hours"]),
        st.sampled_from([Op.IS, Op.IS_NOT]),
        st.lists(st.sampled_from(["female", "c1", "yes", "en", "2", "chess"]), min_size=1, max_size=2).map(
            tuple
        ),
    )
    compared = st.builds(
        Condition,
        st.sampled_from(["age", "hours", "licence"]),
        st.sampled_from([Op.AT_LEAST, Op.AT_MOST]),
        st.sampled_from([("2",), ("18",)]),
    )
    return equal | compared


def where():
    topic = Condition("topic", Op.IS, ("chess",))
    return st.sampled_from(
        [(), (topic,), (Condition("minors", Op.IS, ("yes",)),), (Condition("hour", Op.AT_LEAST, ("20",)),)]
    )


def own_rules():
    days = st.sampled_from([None, date(2026, 11, 28), date(2026, 11, 29)])
    return st.builds(
        AttributeRule,
        code=st.sampled_from(["A", "B", "C"]),
        name=st.just(Text("驾照", "Licence")),
        who=st.lists(conditions(), min_size=1, max_size=2).map(tuple),
        where=where(),
        points=st.sampled_from([0, 0, 15]),
        valid_from=days,
        valid_until=days,
    )


@st.composite
def volunteers(draw, number):
    spot = st.sampled_from([LON, LON + 0.02, LON + 0.1, None])
    lon = draw(spot)
    weekend = (Window(5, 0, 1440), Window(6, 0, 1440), Window(0, 0, 480))
    held = [
        Commitment(90 + n, *times, draw(spot), LAT)
        for n, times in enumerate(draw(st.lists(moments(), max_size=2)))
    ]
    return make_volunteer(
        number,
        lon=lon,
        lat=None if lon is None else LAT,
        radius_km=draw(st.sampled_from([None, 1.0, 9.0])),
        weekly_hours=draw(st.sampled_from([None, 2.0, 5.0])),
        birth_date=draw(st.sampled_from([None, date(1990, 1, 1), date(2008, 11, 29), date(2012, 1, 1)])),
        gender=draw(st.sampled_from([None, "female", "male"])),
        skills=draw(st.sampled_from([frozenset(), frozenset({1}), frozenset({1, 2})])),
        windows=draw(st.sampled_from([ALWAYS, weekend, (Window(5, 600, 1320),)])),
        zone=draw(st.sampled_from(["Asia/Shanghai", "Europe/Berlin"])),
        blockouts=tuple(Interval(*times) for times in draw(st.lists(moments(), max_size=1))),
        check_expires_on=draw(st.sampled_from([None, date(2026, 11, 28), date(2027, 6, 1)])),
        consent_until=draw(st.sampled_from([None, date(2026, 11, 28), date(2027, 6, 1)])),
        is_experienced=draw(st.booleans()),
        is_newcomer=draw(st.booleans()),
        is_active=draw(st.sampled_from([True, True, True, False])),
        home_hub_ids=draw(st.sampled_from([frozenset({1}), frozenset({2}), frozenset({1, 2})])),
        commitments=tuple(held),
        hours_given=draw(st.sampled_from([0, 2, 20])),
        declined_activity_ids=draw(st.sampled_from([frozenset(), frozenset({1})])),
        asks_left=draw(st.sampled_from([None, 0, 1])),
        liked=draw(st.sampled_from([frozenset(), frozenset({"chess"})])),
        languages=draw(st.sampled_from([frozenset(), frozenset({"en"})])),
        attributes=draw(
            st.sampled_from([frozenset(), frozenset({("licence", "C1")}), frozenset({("licence", "2.0")})])
        ),
    )


@st.composite
def activities(draw, number):
    starts_at, ends_at = draw(moments())
    topic = draw(st.sampled_from(["chess", "tea"]))
    return make_activity(
        number,
        starts_at=starts_at,
        ends_at=ends_at,
        hub_id=draw(st.integers(1, 2)),
        lon=draw(st.sampled_from([LON, LON + 0.02, None])),
        has_minors=draw(st.booleans()),
        members_only=draw(st.sampled_from([False, False, True])),
        adults_present=draw(st.integers(0, 2)),
        experienced_present=draw(st.integers(0, 1)),
        company_present=draw(st.integers(0, 1)),
        kinds=frozenset({topic}),
        team=draw(st.sampled_from([(), (2,), (77,)])),
        attributes=frozenset({("topic", topic), ("hour", str(starts_at.hour))}),
    )


@st.composite
def rich_staffings(draw, people=3, places=3):
    teams = [draw(activities(number)) for number in range(1, draw(st.integers(1, 2)) + 1)]
    needs = [
        make_need(
            number,
            activity=draw(st.integers(1, len(teams))),
            places=draw(st.integers(1, 2)),
            skill_id=draw(st.sampled_from([None, 1, 2])),
            min_age=draw(st.sampled_from([None, 14, 18])),
            gender=draw(st.sampled_from([None, None, "female"])),
            language=draw(st.sampled_from([None, None, "en"])),
            needs_check=draw(st.booleans()),
            needs_experience=draw(st.booleans()),
        )
        for number in range(1, draw(st.integers(1, places)) + 1)
    ]
    crowd = [draw(volunteers(number)) for number in range(1, draw(st.integers(1, people)) + 1)]
    blocked = draw(st.sampled_from([(), ((1, 2),), ((1, 77),)]))
    rules = draw(st.lists(own_rules(), max_size=2, unique_by=lambda rule: rule.code))
    return make_staffing(crowd, teams, needs, blocked, rules=rules)
