"""The coordinator's weekly digest: the attention list of the hub's page, this week, and last week."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from config.text import Text
from models import Hub, Person
from notifications import links
from notifications.kinds import ActivityLine, CoordinatorDigestMail, LastWeek, Task
from notifications.kinds.activities import ATTENDANCE_LINK_DAYS
from notifications.kinds.digests import HUB_LINK_DAYS
from notifications.links import Purpose
from services.describing import recipient
from services.digest_slots import Cadence, Period, Slot, in_words
from services.digest_times import readers
from services.digests_attention import Attention, AttentionItem, Matter, attentions
from services.digests_figures import Figures, figures
from services.digests_rows import WeekLine, week_lines
from services.digests_weeks import week_of
from services.queries import coordinators, id_of, named

EVERYBODY_CAME = Text("都来了", "Everybody came")
OF_ACTIVITY = frozenset({Matter.PLACES, Matter.OFFERS})


def coordinator_digests(
    session: Session, *, now: datetime, week: date, slot: Slot | None = None
) -> Iterator[tuple[str, CoordinatorDigestMail | None]]:
    """Yield a key and a mail for each coordinator of each open hub; None where there is nothing to say.

    With a slot, for its readers and its period; else for everybody and the week of `week`.
    """
    hubs = session.exec(select(Hub).where(col(Hub.is_open)).order_by(col(Hub.id))).all()
    if slot is not None:
        run = _Run(now, slot.period(slot.last(now)), readers(session, slot, now=now), slot)
        yield from _of_zone(session, list(hubs), run)
        return
    for zone in sorted({hub.time_zone for hub in hubs}):
        monday = week_of(week, zone).first
        run = _Run(now, Period.of(Cadence.WEEKLY, monday, zone), None, None)
        yield from _of_zone(session, [hub for hub in hubs if hub.time_zone == zone], run)


@dataclass(frozen=True)
class _Run:
    """Hold what all digests of one run share: what they speak of, and who reads them (None: everybody)."""

    now: datetime
    period: Period
    readers: set[int] | None
    slot: Slot | None

    @property
    def words(self) -> dict[str, Any]:
        """Return how the mail calls its time, and when it comes."""
        comes = {} if self.slot is None else {"comes": self.slot.sentence}
        return {**in_words(self.period.cadence), **comes}


def _of_zone(
    session: Session, hubs: list[Hub], run: _Run
) -> Iterator[tuple[str, CoordinatorDigestMail | None]]:
    week, before, now = run.period.ahead, run.period.before, run.now
    ids = [id_of(hub) for hub in hubs]
    people = coordinators(session, ids)
    lists = attentions(session, ids, now=now)
    lines = week_lines(session, ids, week.start, week.end)
    past = figures(session, ids, before.start, before.end, now=now)
    for hub in hubs:
        number = id_of(hub)
        for person in people.get(number, []):
            if run.readers is not None and id_of(person) not in run.readers:
                continue
            key = f"digest:hub:{number}:{id_of(person)}:{run.period.key}"
            is_news = lists[number].items or lines[number] or past[number] != Figures()
            yield (
                key,
                _mail(hub, person, lists[number], lines[number], past[number], run) if is_news else None,
            )


def _mail(  # noqa: PLR0917 -- the parts of one mail, named at the one call
    hub: Hub,
    person: Person,
    needs: Attention,
    lines: list[WeekLine],
    past: Figures,
    run: _Run,
) -> CoordinatorDigestMail:
    return CoordinatorDigestMail(
        to=recipient(person),
        person_id=id_of(person),
        hub_id=id_of(hub),
        hub=named(hub.name_zh, hub.name_en),
        time_zone=hub.time_zone,
        week=run.period.ahead.first,
        made_at=run.now,
        **run.words,
        tasks=tuple(_task(item, hub, person, run.now) for item in needs.items),
        activities=tuple(
            ActivityLine(line.title, line.starts_at, line.taken, line.desired, line.waiting, line.missing)
            for line in lines
        ),
        last_week=LastWeek(
            activities=past.activities,
            came=past.came,
            minutes=past.minutes,
            offers=past.offers,
            accepted=past.accepted,
            declined=past.declined,
            unanswered=past.unanswered,
            undelivered=past.undelivered,
        ),
    )


def _task(item: AttentionItem, hub: Hub, person: Person, now: datetime) -> Task:
    url = _url(item, hub, person, now)
    if item.matter is Matter.ATTENDANCE:
        return Task(item.title, item.sentence, item.action, url, EVERYBODY_CAME, f"{url}/everybody")
    return Task(item.title, item.sentence, item.action, url)


def _url(item: AttentionItem, hub: Hub, person: Person, now: datetime) -> str:
    if item.matter is Matter.ATTENDANCE and item.activity_id is not None:
        until = now + timedelta(days=ATTENDANCE_LINK_DAYS)
        return links.link(Purpose.ATTENDANCE, item.activity_id, id_of(person), expires_at=until)
    until = now + timedelta(days=HUB_LINK_DAYS)
    page = links.link(Purpose.HUB, id_of(hub), id_of(person), expires_at=until)
    return f"{page}/activities/{item.activity_code}" if item.matter in OF_ACTIVITY else f"{page}{item.path}"
