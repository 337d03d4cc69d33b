"""Short ways to make people, activities and needs; everything fits unless a test says otherwise."""

from datetime import UTC, date, datetime, timedelta

from matching.inputs import Activity, Need, Staffing, Volunteer, Window

LON, LAT = 116.36, 39.91
SATURDAY_TWO = datetime(2026, 11, 28, 6, 0, tzinfo=UTC)  # 14:00 in Shanghai
ALWAYS = tuple(Window(day, 0, 1440) for day in range(7))


def make_volunteer(number=1, **over):
    facts = {
        "id": number,
        "lon": LON,
        "lat": LAT,
        "radius_km": 5.0,
        "weekly_hours": 8.0,
        "birth_date": date(1996, 5, 20),
        "skills": frozenset({1}),
        "windows": ALWAYS,
        "check_expires_on": date(2027, 6, 1),
        "is_experienced": True,
        "home_hub_ids": frozenset({1}),
    }
    return Volunteer(**(facts | over))


def make_activity(number=1, *, starts_at=SATURDAY_TWO, hours=2.0, **over):
    facts = {
        "id": number,
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=hours),
        "hub_id": 1,
        "lon": LON,
        "lat": LAT,
    }
    return Activity(**(facts | over))


def make_need(number=1, *, activity=1, places=1, **over):
    facts = {
        "id": number,
        "activity_id": activity,
        "role": "reception",
        "minimum": places,
        "desired": places,
        "maximum": places,
    }
    return Need(**(facts | over))


def make_staffing(volunteers=None, activities=None, needs=None, blocked=(), rules=()):
    return Staffing(
        volunteers=tuple(volunteers or [make_volunteer()]),
        activities=tuple(activities or [make_activity()]),
        needs=tuple(needs or [make_need()]),
        blocked=frozenset(blocked),
        rules=tuple(rules),
    )
