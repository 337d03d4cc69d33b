"""Plan one more date of a series at a time that was proposed: checked anew, and undone in one step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from config.text import Refusal, Text
from models import Activity, ActivityStaff, ActivityUse, Series, Venue
from models.states import ActivityState
from services import audit, bulk_changes, gate, risk_mails
from services.access import require_coordinator
from services.bookings import series_hands
from services.errors import HubError
from services.proposal_times import Wish, why_taken, wish_of
from services.queries import id_of, named
from services.series_effects import find_series
from services.wording import moment_text


@dataclass(frozen=True)
class ExtraDate:
    """Say which activity was planned, and whether it waits for a risk check; `again` if it was there."""

    activity_id: int
    activity_code: str
    is_waiting: bool
    sentence: Text
    again: bool = False


def plan_extra_date(
    session: Session,
    series_code: str,
    starts_at: datetime,
    venue_id: int | None,
    *,
    hub_id: int,
    by: int | None,
    now: datetime,
) -> ExtraDate:
    """Plan one more date of a series; the same tap again changes nothing.

    Raises `NotYours`, `NotFound`, and `HubError` for a time that is past, a room that is not the hub's,
    and with every activity that stands in the way.
    """
    if by is not None:
        require_coordinator(session, by, hub_id)
    series, hub = find_series(session, series_code, hub_id)
    # Two taps at once: the second waits here, and then finds what the first has planned.
    session.execute(select(col(Series.id)).where(col(Series.id) == series.id).with_for_update()).all()
    code = f"{series.code}-{starts_at:%Y%m%d%H%M}x"
    known = session.execute(select(Activity).where(col(Activity.code) == code)).scalar_one_or_none()
    wish = wish_of(session, series, hub, now)
    if known is not None and known.state != ActivityState.CANCELLED:
        return _said(wish, known, is_waiting=known.state == ActivityState.PLANNED, again=True)
    venue = _room(wish, venue_id)
    _refuse(session, wish, starts_at, venue, now)
    activity = _keep(session, wish, starts_at, venue, _own_code(session, code))
    audit.record(session, activity, "activity.planned", now=now, by=by)
    bulk_changes.planned(session, [(hub_id, id_of(activity))], by=by, now=now)
    waiting = bool(gate.open_up(session, [id_of(activity)], now=now))
    if waiting:
        risk_mails.queue_held(session, gate.held(session, [hub_id], now=now), now=now)
    return _said(wish, activity, is_waiting=waiting)


def _room(wish: Wish, venue_id: int | None) -> Venue | None:
    for one in wish.venues:
        if (one.id if one else None) == venue_id:
            return one
    sentence = Text(
        "这个场地不是本青年汇的，或者坐不下。", "That is no room of this hub, or it holds too few people."
    )
    raise HubError(Refusal("not_your_venue", sentence, field="venue"))


def _refuse(session: Session, wish: Wish, starts_at: datetime, venue: Venue | None, now: datetime) -> None:
    if starts_at <= now:
        past = Text("{when}已经过了。", "{when} is already past.")
        when = moment_text(starts_at, wish.hub.time_zone)
        raise HubError(Refusal("time_past", past.format(when=when), field="starts_at"))
    problems = why_taken(session, wish, starts_at, venue)
    if problems:
        raise HubError(problems)


def _own_code(session: Session, code: str) -> str:
    """Return the code, with a number behind it where a cancelled date still bears it."""
    taken = set(
        session.execute(select(col(Activity.code)).where(col(Activity.code).startswith(code))).scalars()
    )
    number = 1
    while (free := code if number == 1 else f"{code}{number}") in taken:
        number += 1
    return free


def _keep(session: Session, wish: Wish, starts_at: datetime, venue: Venue | None, code: str) -> Activity:
    activity = wish.activity_at(starts_at, venue, code=code)
    session.add(activity)
    session.flush()
    key, own, hands = id_of(activity), id_of(wish.series), series_hands(session)
    session.add_all(wish.needs_of(key))
    for person in hands.staff.get(own, ()):
        session.add(ActivityStaff(activity_id=key, person_id=person.person_id))
    for use in hands.uses.get(own, ()):
        session.add(ActivityUse(activity_id=key, equipment_id=use.equipment_id, quantity=use.quantity))
    session.flush()
    return activity


def _said(wish: Wish, activity: Activity, *, is_waiting: bool, again: bool = False) -> ExtraDate:
    title = named(activity.title_zh, activity.title_en)
    when = moment_text(activity.starts_at, wish.hub.time_zone)
    sentence = Text("“{title}”排在{when}了。", "“{title}” is planned for {when}.")
    if is_waiting:
        sentence = Text(
            "“{title}”排在{when}了，先过风险检查才发布。",
            "“{title}” is planned for {when}; it is published once its risk check has passed.",
        )
    return ExtraDate(
        id_of(activity), activity.code, is_waiting, sentence.format(title=title, when=when), again
    )
