"""What happens in the demo's district: series with their needs, past activities and who came to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random

from cli.demo.catalogue import GREETER, THEMES, Theme
from cli.demo.people import HubPlace, Row

WEEKLY_SHARE = 0.8
SECOND_SHARE = 0.15
TIMES = (
    ("周六", "9:30"),
    ("周六", "14:00"),
    ("周六", "14:30"),
    ("周日", "10:00"),
    ("周日", "14:00"),
    ("周三", "18:30"),
    ("周四", "19:00"),
    ("周五", "18:30"),
)
WITH_TABLES = ("修理", "手工", "作业")
PAST_ACTIVITIES = 4
CAME, EXCUSED = 0.9, 0.05
TEACHING_AGE, HELPING_AGE = 16, 14


def series(hubs: Sequence[HubPlace], dice: Random, start: date) -> Iterator[Row]:
    """Yield a series a hub, most of them weekly, and a second one at some hubs."""
    first_day = start - timedelta(days=start.weekday() + 56)
    for hub in hubs:
        count = 1 + (dice.random() < SECOND_SHARE)
        for number, theme in enumerate(dice.sample(THEMES, count), 1):
            day, clock = dice.choice(TIMES)
            is_weekly = hub is hubs[0] or dice.random() < WEEKLY_SHARE
            rule = f"每{day}" if is_weekly else f"每两周{day}"
            yield {
                "code": f"{hub.code}-S{number}",
                "hub": hub.code,
                "title_zh": theme.title_zh,
                "title_en": theme.title_en,
                "summary_zh": theme.summary_zh,
                "summary_en": theme.summary_en,
                "topic": theme.topic,
                "gathered_by": dice.choice(("爱好", "爱好", "地域", "工作")),
                "venue": f"{hub.code}-V1",
                "recurrence": f"{rule} {clock}",
                "duration_minutes": dice.choice((90, 120, 120, 150)),
                "starts_on": first_day - timedelta(weeks=dice.randrange(2)),
                "capacity": dice.randrange(15, 25),
                "has_minors": "是" if theme.has_minors else "否",
                "is_outdoors": "是" if theme.is_outdoors else "否",
                "held_in": "学期" if theme.topic == "作业" else "全年",
                "_theme": theme,
            }


def uses(rows: Sequence[Row]) -> Iterator[Row]:
    """Yield what a series uses of its hub's things: tables to work at."""
    for row in rows:
        if row["topic"] in WITH_TABLES:
            yield {"series": row["code"], "equipment": f"{row['hub']}-E2", "quantity": 4}


def needs(rows: Sequence[Row], dice: Random) -> Iterator[Row]:
    """Yield the people that every activity of a series needs: hosts with a skill, and greeters."""
    for row in rows:
        theme: Theme = row["_theme"]
        hosts, greeters = dice.choice((1, 2, 2, 3)), dice.choice((1, 1, 2, 2))
        checked = "是" if theme.has_minors else "否"
        yield {
            "series": row["code"],
            "role_zh": theme.role_zh,
            "role_en": theme.role_en,
            "minimum": 1,
            "desired": hosts,
            "maximum": hosts + 1,
            "skill": theme.skill,
            "min_age": TEACHING_AGE,
            "needs_check": checked,
            "needs_experience": "是" if dice.random() < 0.3 else "否",  # noqa: PLR2004 -- a share
        }
        yield {
            "series": row["code"],
            "role_zh": GREETER[0],
            "role_en": GREETER[1],
            "minimum": 1,
            "desired": greeters,
            "maximum": greeters,
            "min_age": HELPING_AGE,
            "needs_check": checked,
            "needs_experience": "否",
        }


def past_activities(hubs: Sequence[HubPlace], dice: Random, start: date) -> Iterator[Row]:
    """Yield what each hub did in the last months."""
    for hub in hubs:
        for number, theme in enumerate(dice.sample(THEMES, PAST_ACTIVITIES), 1):
            yield {
                "code": f"{hub.code}-P{number}",
                "hub": hub.code,
                "title_zh": theme.title_zh,
                "title_en": theme.title_en,
                "topic": theme.topic,
                "gathered_by": "爱好",
                "on_date": start - timedelta(days=dice.randrange(number * 30, number * 30 + 28)),
                "start_time": dice.choice(("10:00", "14:00", "18:30")),
                "duration_minutes": 120,
                "capacity": 24,
            }


def participations(activities: Sequence[Row], served: Sequence[Row], dice: Random) -> Iterator[Row]:
    """Yield who came: everybody has a place at one or two of the hub's past activities."""
    of_hub: defaultdict[str, list[str]] = defaultdict(list)
    for activity in activities:
        of_hub[activity["hub"]].append(activity["code"])
    for person in served:
        for activity_code in dice.sample(of_hub[person["hub"]], dice.choice((1, 2))):
            chance = dice.random()
            presence = "来了" if chance < CAME else "请假" if chance < CAME + EXCUSED else "没来"
            yield {"activity": activity_code, "participant": person["code"], "presence": presence}
