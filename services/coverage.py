"""Who gets nothing in the next weeks: ages, kinds of gathering, times and interests, area by area.

The network aims at overlap and nobody left out. A nought is a gap only where somebody is known who
would come; where nobody is known it says so, which is another thing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from re import split
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import Session, col

from config.text import Text, plural
from models import Activity, GatheredBy, Hub, Participant, Unit
from models.states import ActivityState, PersonState
from services.minors import is_minor
from services.queries import batches, id_of, named
from services.wording import local_day

WEEKS = 4
SATURDAY, EVENING = 5, 17
SHOWN_INTERESTS = 5


class Column(StrEnum):
    """Name what the activities of an area are counted by."""

    MINORS = "minors"
    ADULTS = "adults"
    PLACE = "place"
    HOBBY = "hobby"
    WORK = "work"
    DAYTIME = "daytime"
    EVENING = "evening"
    WEEKEND = "weekend"


COLUMNS = {
    Column.MINORS: Text("未成年人", "minors"),
    Column.ADULTS: Text("成年青年", "young adults"),
    Column.PLACE: Text("地域", "place"),
    Column.HOBBY: Text("爱好", "hobby"),
    Column.WORK: Text("工作", "work"),
    Column.DAYTIME: Text("平日白天", "weekday daytime"),
    Column.EVENING: Text("平日晚间", "weekday evening"),
    Column.WEEKEND: Text("周末", "weekend"),
}
GATHERINGS = {
    GatheredBy.PLACE: Column.PLACE,
    GatheredBy.HOBBY: Column.HOBBY,
    GatheredBy.WORK: Column.WORK,
}


@dataclass
class AreaCoverage:
    """Hold what one unit's hubs offer in the coming weeks, and whom they know.

    `people` counts known participants by age; `unmet` pairs interests that no activity meets with the
    people who have them, the most wanted first.
    """

    code: str
    name: Text
    hubs: int = 0
    activities: int = 0
    counts: Counter[Column] = field(default_factory=Counter)
    people: Counter[Column] = field(default_factory=Counter)
    unmet: tuple[tuple[str, int], ...] = ()

    def is_gap(self, column: Column) -> bool:
        """Say whether somebody is left out: nothing for an age that is there, or nothing of a kind at all."""
        if self.counts[column]:
            return False
        return column not in {Column.MINORS, Column.ADULTS} or self.people[column] > 0

    @property
    def gaps(self) -> tuple[Column, ...]:
        """Return the columns in which somebody is left out."""
        return tuple(column for column in COLUMNS if self.is_gap(column))

    @property
    def sentence(self) -> Text:
        """Return the area in one line."""
        lacking = [COLUMNS[column] for column in self.gaps]
        wanted = self.unmet[:SHOWN_INTERESTS]
        zh = [f"没有活动：{'、'.join(one.zh for one in lacking)}"] if lacking else []
        en = [f"nothing for: {', '.join(one.en for one in lacking)}"] if lacking else []
        if wanted:
            zh.append("没人管的兴趣：" + "、".join(f"{topic}（{n}人）" for topic, n in wanted))
            en.append("interests unmet: " + ", ".join(f"{topic} ({n})" for topic, n in wanted))
        return Text(
            f"{self.name.zh}（{self.hubs}家，{self.activities}场）：{'；'.join(zh) or '没有空白'}",
            f"{self.name.en} ({self.hubs} {plural(self.hubs, 'hub', 'hubs')}, {self.activities} "
            f"{plural(self.activities, 'activity', 'activities')}): {'; '.join(en) or 'no gaps'}",
        )


@dataclass(frozen=True)
class Coverage:
    """Hold the areas in the order of their codes, over the coming `weeks`."""

    weeks: int
    areas: tuple[AreaCoverage, ...]

    @property
    def with_gaps(self) -> int:
        """Return how many areas leave somebody out."""
        return sum(bool(area.gaps) for area in self.areas)

    @property
    def sentences(self) -> tuple[Text, ...]:
        """Return the whole in words, the areas one by one."""
        n, weeks = self.with_gaps, self.weeks
        head = Text(
            f"未来{weeks}周，{len(self.areas)}个单位里{n}个有空白。",
            f"In the next {weeks} {plural(weeks, 'week', 'weeks')} {n} of {len(self.areas)} "
            f"{plural(len(self.areas), 'unit has', 'units have')} gaps.",
        )
        return (head, *(area.sentence for area in self.areas))


def coverage(
    session: Session, hub_ids: Sequence[int] | None, *, now: datetime, weeks: int = WEEKS
) -> Coverage:
    """Return who gets nothing from the hubs (None: all) in the coming weeks, by the unit of the hub."""
    hubs = _hubs(session, hub_ids)
    areas = {id_of(unit): AreaCoverage(unit.code, named(unit.name_zh, unit.name_en)) for _, unit in hubs}
    for _, unit in hubs:
        areas[id_of(unit)].hubs += 1
    homes = {id_of(hub): (hub, areas[id_of(unit)]) for hub, unit in hubs}
    met = _count_activities(session, homes, now, now + timedelta(weeks=weeks))
    _count_people(session, homes, met, now)
    return Coverage(weeks, tuple(sorted(areas.values(), key=lambda area: area.code)))


def neighbours(session: Session, hub_id: int) -> list[int]:
    """Return the hubs of the same unit, the hub itself among them."""
    unit = select(col(Hub.unit_id)).where(col(Hub.id) == hub_id).scalar_subquery()
    question = select(col(Hub.id)).where(col(Hub.unit_id) == unit).order_by(col(Hub.code))
    return [key for key in session.execute(question).scalars() if key is not None]


def _hubs(session: Session, hub_ids: Sequence[int] | None) -> list[tuple[Hub, Unit]]:
    question = select(Hub, Unit).join(Unit, col(Unit.id) == Hub.unit_id).where(col(Hub.is_open))
    if hub_ids is not None:
        question = question.where(col(Hub.id).in_(hub_ids))
    return [(hub, unit) for hub, unit in session.execute(question.order_by(col(Hub.code))).tuples()]


Homes = dict[int, tuple[Hub, AreaCoverage]]


def _count_activities(session: Session, homes: Homes, now: datetime, until: datetime) -> dict[str, set[str]]:
    """Count what is coming; return the topics that each area's activities meet."""
    met: dict[str, set[str]] = {area.code: set() for _, area in homes.values()}
    for batch in batches(homes):
        question = select(Activity).where(
            col(Activity.hub_id).in_(batch),
            col(Activity.state).in_((ActivityState.PLANNED, ActivityState.PUBLISHED)),
            col(Activity.starts_at) > now,
            col(Activity.starts_at) <= until,
        )
        for activity in session.execute(question).scalars():
            hub, area = homes[activity.hub_id]
            area.activities += 1
            area.counts.update(_columns(activity, hub.time_zone))
            met[area.code] |= set(_topics(activity.topic))
    return met


def _columns(activity: Activity, zone: str) -> Iterable[Column]:
    local = activity.starts_at.astimezone(ZoneInfo(zone))
    yield Column.MINORS if activity.has_minors else Column.ADULTS
    if activity.gathered_by in GATHERINGS:
        yield GATHERINGS[GatheredBy(activity.gathered_by)]
    if local.weekday() >= SATURDAY:
        yield Column.WEEKEND
    else:
        yield Column.EVENING if local.hour >= EVENING else Column.DAYTIME


def _count_people(session: Session, homes: Homes, met: dict[str, set[str]], now: datetime) -> None:
    wanted: dict[str, Counter[str]] = {code: Counter() for code in met}
    columns = (Participant.hub_id, Participant.birth_date, Participant.age_band, Participant.interests)
    for batch in batches(homes):
        question = select(*map(col, columns)).where(
            col(Participant.hub_id).in_(batch), col(Participant.state) != PersonState.INACTIVE
        )
        for hub_id, birth_date, age_band, interests in session.execute(question):
            hub, area = homes[hub_id]
            today = local_day(now, hub.time_zone)
            if birth_date or age_band:  # of unknown age: nobody is guessed to be grown up
                young = is_minor(birth_date, age_band, today)
                area.people[Column.MINORS if young else Column.ADULTS] += 1
            wanted[area.code].update(set(_topics(interests)) - met[area.code])
    for _, area in homes.values():
        area.unmet = tuple(sorted(wanted[area.code].items(), key=lambda one: (-one[1], one[0])))


def _topics(words: str) -> list[str]:
    return [word.strip() for word in split("[,，、]", words) if word.strip()]
