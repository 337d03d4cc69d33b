"""Remind volunteers who said yes: two days before, and once more on the way out of the door."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col

from config.text import Text, plural
from models import Activity, Offer
from models.states import ActivityState, OfferState
from services import mails
from services.queries import Placement, placements


@dataclass(frozen=True)
class ReminderPolicy:
    """Hold how many hours before the start we remind, the longest lead first."""

    leads: tuple[int, ...] = (48, 3)


POLICY = ReminderPolicy()


@dataclass(frozen=True)
class Reminded:
    """Say how many reminders are new in the outbox."""

    queued: int
    sentence: Text


def queue_due(session: Session, *, now: datetime, policy: ReminderPolicy = POLICY) -> Reminded:
    """Queue the reminders that are due.

    Of two leads that are both past only the shorter is sent, and nobody is reminded of what they
    agreed to after the reminder was due.
    """
    soon = placements(
        session,
        col(Offer.state) == OfferState.ACCEPTED,
        col(Activity.state) == ActivityState.PUBLISHED,
        col(Activity.starts_at) > now,
        col(Activity.starts_at) <= now + timedelta(hours=max(policy.leads)),
    )
    due = [(placed, lead) for placed in soon if (lead := _lead(placed, now, policy))]
    queued = mails.queue_reminders(session, due, now=now)
    sentence = Text(
        zh=f"提醒了{queued}位说好要来的志愿者。",
        en=f"{queued} {plural(queued, 'volunteer', 'volunteers')} reminded of what they agreed to.",
    )
    return Reminded(queued, sentence)


def _lead(placed: Placement, now: datetime, policy: ReminderPolicy) -> int | None:
    """Return which reminder is due for an accepted offer now, if one is."""
    starts_at, agreed_at = placed.occasion.activity.starts_at, placed.offer.answered_at
    lead = min(hours for hours in policy.leads if starts_at <= now + timedelta(hours=hours))
    due_at = starts_at - timedelta(hours=lead)
    return lead if agreed_at is None or agreed_at <= due_at else None
