"""When somebody did not come: what follows by the rules, told kindly, ended by its date, taken back with the record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from config.text import Refusal, Text
from models import Activity, Attendance, Offer, Pause, Volunteer
from models.states import Presence
from services import audit, mails_no_shows
from services.access import require_coordinator
from services.errors import HubError, NotFound
from services.no_show_rules import NoShowRules
from services.policies import book
from services.queries import Placement, batches, id_of
from services.wording import day_text, local_day

LONGEST_REASON = 200


@dataclass(frozen=True)
class Absence:
    """Hold a record that somebody did not come."""

    placed: Placement
    record: Attendance


@dataclass(frozen=True)
class PauseView:
    """Hold a pause that is on: until when, and what it holds."""

    pause_id: int
    starts_at: datetime
    ends_at: datetime
    holds_stars: bool


@dataclass(frozen=True)
class Lifted:
    """Say that somebody is asked again from now on."""

    person_id: int
    sentence: Text
    again: bool = False


def effects(session: Session, placed: Sequence[Placement], *, now: datetime) -> dict[int, Text]:
    """Return, by offer, what recording this person as absent would do; shown before it is done."""
    if not placed:
        return {}
    hub = placed[0].occasion.hub
    rules = book(session, NoShowRules, now=now).of(id_of(hub))
    counted = absences(session, [id_of(one.person) for one in placed], now - rules.window)
    until = day_text(local_day(now + timedelta(days=rules.pause_days), hub.time_zone))
    return {id_of(one.offer): rules.in_words(counted.get(id_of(one.person), 0), until) for one in placed}


def follow(session: Session, absent: Sequence[Absence], *, now: datetime) -> int:
    """Let follow what the rules say from new absences, and tell each person; return how many pauses began."""
    if not absent:
        return 0
    rules = book(session, NoShowRules, now=now).of(absent[0].placed.occasion.activity.hub_id)
    counted = absences(session, [id_of(one.placed.person) for one in absent], now - rules.window)
    pauses = {
        one.record.id: _pause(session, one, rules, now=now)
        for one in absent
        if rules.pauses(counted.get(id_of(one.placed.person), 0))
    }
    session.flush()
    for one in absent:
        pause = pauses.get(one.record.id)
        mails_no_shows.queue_missed(
            session, one.placed, id_of(one.record), pause.ends_at if pause else None, now=now
        )
    return len(pauses)


def take_back(session: Session, wrong: Iterable[Absence], *, by: int, now: datetime) -> int:
    """Undo what followed from records that turned out wrong; return how many pauses ended."""
    ended = 0
    for one in wrong:
        for pause in _groundless(session, one, now=now):
            _lift(session, pause, "", by=by, now=now)
            ended += 1
        mails_no_shows.queue_mended(session, one.placed, id_of(one.record), now=now)
    return ended


def lift(session: Session, person_id: int, *, by: int, reason: str, now: datetime) -> Lifted:
    """End somebody's pause before its date; raises `NotYours`, and `HubError` without a reason."""
    volunteer = session.get(Volunteer, person_id)
    if volunteer is None:
        raise NotFound(Refusal("no_such_volunteer", NOBODY))
    require_coordinator(session, by, volunteer.home_hub_id)
    if not reason.strip():
        raise HubError(Refusal("pause_reason", REASON, field="reason"))
    running = session.execute(select(Pause).where(_running(now), col(Pause.person_id) == person_id)).scalars()
    found = list(running)
    for pause in found:
        _lift(session, pause, reason.strip()[:LONGEST_REASON], by=by, now=now)
    return Lifted(person_id, LIFTED, again=not found)


def pause_of(session: Session, person_id: int, *, now: datetime) -> PauseView | None:
    """Return the pause of somebody that ends last, if one is on."""
    mine = _running(now), col(Pause.person_id) == person_id
    row = session.execute(select(Pause).where(*mine).order_by(col(Pause.ends_at).desc())).scalars().first()
    return None if row is None else PauseView(id_of(row), row.starts_at, row.ends_at, row.holds_stars)


def paused(now: datetime) -> ColumnElement[bool]:
    """Return the condition for pauses that are on."""
    return _running(now)


def absences(session: Session, person_ids: Iterable[int], since: datetime) -> Mapping[int, int]:
    """Return how often each person did not come to what began since then, by the records that count."""
    later = aliased(Attendance)
    newest = (
        select(func.max(later.id)).where(col(later.offer_id) == Offer.id).correlate(Offer).scalar_subquery()
    )
    found: dict[int, int] = {}
    for batch in batches(sorted(set(person_ids))):
        question = (
            select(col(Offer.person_id), func.count())
            .join(Activity, col(Activity.id) == Offer.activity_id)
            .join(Attendance, col(Attendance.offer_id) == Offer.id)
            .where(
                col(Offer.person_id).in_(batch),
                col(Activity.starts_at) >= since,
                col(Attendance.id) == newest,
                col(Attendance.presence) == Presence.NO_SHOW,
            )
            .group_by(col(Offer.person_id))
        )
        found |= dict(session.execute(question).tuples().all())
    return found


def _pause(session: Session, one: Absence, rules: NoShowRules, *, now: datetime) -> Pause:
    pause = Pause(
        person_id=id_of(one.placed.person),
        attendance_id=id_of(one.record),
        starts_at=now,
        ends_at=now + timedelta(days=rules.pause_days),
        holds_stars=rules.holds_stars,
    )
    session.add(pause)
    return pause


def _groundless(session: Session, wrong: Absence, *, now: datetime) -> list[Pause]:
    """Return the pauses that began with a wrong record, or that too few absences are left for."""
    person_id, mine = id_of(wrong.placed.person), col(Pause.person_id) == id_of(wrong.placed.person)
    question = (
        select(Pause, col(Activity.hub_id))
        .join(Attendance, col(Attendance.id) == Pause.attendance_id)
        .join(Offer, col(Offer.id) == Attendance.offer_id)
        .join(Activity, col(Activity.id) == Offer.activity_id)
        .where(_running(now), mine)
        .order_by(col(Pause.id))
    )
    found = []
    for pause, hub_id in session.execute(question).tuples().all():
        rules = book(session, NoShowRules, now=pause.starts_at).of(hub_id)
        left = absences(session, [person_id], pause.starts_at - rules.window).get(person_id, 0)
        if pause.attendance_id == wrong.record.id or not rules.pauses(left):
            found.append(pause)
    return found


def _lift(session: Session, pause: Pause, reason: str, *, by: int, now: datetime) -> None:
    values = {"lifted_at": now, "lifted_by_id": by}
    audit.change(session, pause, "pause.lifted", now=now, by=by, reason=reason, **values)
    pause.reason = reason
    session.flush()


def _running(now: datetime) -> ColumnElement[bool]:
    return (col(Pause.starts_at) <= now) & (col(Pause.ends_at) > now) & col(Pause.lifted_at).is_(None)


NOBODY = Text("没有这位志愿者。", "There is no such volunteer.")
REASON = Text("写一句为什么提前恢复", "Say why it ends before its date")
LIFTED = Text("好，从现在起又会邀请TA。", "Done: they are asked again from now on.")
