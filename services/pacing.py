"""Not now: the quiet hours of a reader, and how fast mail may go to a person, a domain, or the relay.

Each is asked when a mail is claimed, so a new rule counts at once. Who must wait for a turn is given one
and is not asked again: ten thousand mails to one domain are put in line once, not once a minute. Urgent
mail waits for none of this, and what the morning would be too late for does not wait for it.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import bindparam, func, select, text
from sqlmodel import Session, col

from config.settings import settings
from models import MailPace, Message
from models.base import UtcDateTime
from models.states import MessageState
from notifications.kinds import Lane
from notifications.outbox import Claimed
from services.delivery_checks import not_to_send
from services.mail_rules import MailRules, mail_rules

QUIET, PERSON, DOMAIN, RELAY = "quiet_hours", "person_limit", "domain_limit", "relay_limit"
SPREAD = timedelta(minutes=10)
"""Over so long the mails of a night leave in the morning."""
TO_ACT = timedelta(minutes=45)
"""Who gets a mail in the morning has at least so long to answer it, or to set out."""
DAY = timedelta(days=1)
BURST = timedelta(seconds=2)
"""Who is so early may go: the clock looks no more often."""
TURN_LASTS = timedelta(minutes=1)
"""Who comes later than this to a turn gets a new one: after an outage they would all come at once."""


def waits(
    session: Session, rows: Sequence[Claimed], relay: str, *, now: datetime
) -> dict[int, tuple[str, datetime]]:
    """Return, for each row that must not leave now, why and until when."""
    rules = mail_rules(session, now=now)
    patient = [row for row in rows if row.lane != Lane.URGENT]
    found = _asleep(session, patient, rules, now)
    found |= _too_many(session, [row for row in patient if row.id not in found], rules, now)
    for row in rows:
        turns = [
            (reason, turn)
            for reason, name, rate in (
                (DOMAIN, f"domain:{row.to_address.rpartition('@')[2]}", rules.domain_a_minute),
                (RELAY, f"relay:{relay}", rules.relay_a_minute),
            )
            if rate and row.id not in found and (turn := _turn(session, row, name, rate, now)) is not None
        ]
        if turns:
            found[row.id] = max(turns, key=lambda turn: turn[1])
    return found


def _asleep(
    session: Session, rows: Sequence[Claimed], rules: MailRules, now: datetime
) -> dict[int, tuple[str, datetime]]:
    until = {row.id: end for row in rows if (end := morning(row, rules, now)) is not None}
    if not until:
        return {}
    # Asked of what is true now; so whatever is not in the morning is only too late then.
    waiting = [row for row in rows if row.id in until and row.lane != Lane.BULK]
    too_late = not_to_send(session, waiting, now=max(until.values()) + TO_ACT)
    return {row_id: (QUIET, end) for row_id, end in until.items() if row_id not in too_late}


def morning(row: Claimed, rules: MailRules, now: datetime) -> datetime | None:
    """Return when the quiet hours of a mail's reader are over, or None if it is day there."""
    local = now.astimezone(_zone(row.time_zone))
    start, end, hour = rules.quiet_from, rules.quiet_until, local.hour
    is_quiet = start <= hour < end if start <= end else hour >= start or hour < end
    if not is_quiet:
        return None
    day = local.date() + (DAY if hour >= end else timedelta(0))
    morning = datetime.combine(day, time(end), tzinfo=local.tzinfo)
    # By its key, so that a second look gives the same minute.
    draw = hashlib.blake2b(row.key.encode(), digest_size=4).digest()
    return morning.astimezone(now.tzinfo) + SPREAD * (int.from_bytes(draw, "big") / 2**32)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo(settings().time_zone)


def _too_many(
    session: Session, rows: Sequence[Claimed], rules: MailRules, now: datetime
) -> dict[int, tuple[str, datetime]]:
    if not rules.person_a_day or not rows:
        return {}
    got, until = _got(session, {row.to_address for row in rows}, now)
    found = {}
    for row in rows:
        got[row.to_address] += 1
        if got[row.to_address] > rules.person_a_day:
            found[row.id] = (PERSON, until.get(row.to_address, now) + DAY)
    return found


def _got(session: Session, addresses: set[str], now: datetime) -> tuple[Counter[str], dict[str, datetime]]:
    """Return how many mails each address got within a day, and when the first of them left."""
    query = (
        select(col(Message.to_address), func.count(), func.min(Message.sent_at))
        .where(
            col(Message.to_address).in_(addresses),
            col(Message.state) == MessageState.SENT,
            col(Message.sent_at) > now - DAY,
        )
        .group_by(col(Message.to_address))
    )
    rows = session.execute(query).all()
    return Counter({address: count for address, count, _ in rows}), {
        address: first for address, _, first in rows
    }


def _turn(session: Session, row: Claimed, name: str, rate: int, now: datetime) -> datetime | None:
    """Take the next turn of a domain or relay; return it if it is later than now."""
    if row.reason in {DOMAIN, RELAY} and now - row.next_at <= TURN_LASTS:
        return None  # this is the turn that it was given
    pace = _pace(session, name, now)
    turn = max(pace.next_free, now)
    pace.next_free = turn + timedelta(minutes=1) / rate
    session.add(pace)
    return None if turn <= now + BURST or row.lane == Lane.URGENT else turn


def _pace(session: Session, name: str, now: datetime) -> MailPace:
    kept: dict[str, MailPace] = session.info.setdefault("paces", {})
    if name not in kept:
        # Two senders may meet a domain for the first time at once.
        values = {"name": name, "next_free": now}
        insert = text(
            "INSERT INTO mail_pace (name, next_free) VALUES (:name, :next_free) ON CONFLICT DO NOTHING"
        )
        session.execute(insert.bindparams(bindparam("next_free", type_=UtcDateTime())), values)
        kept[name] = session.execute(
            select(MailPace).where(col(MailPace.name) == name).with_for_update()
        ).scalar_one()
    return kept[name]
