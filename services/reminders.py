"""Remind volunteers: of what they agreed to, before it begins; of a question, before it closes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col

from config.text import Text, plural
from models import Activity, Need, Offer
from models.states import ActivityState, OfferState
from services import mails
from services.queries import Placement, placements


@dataclass(frozen=True)
class ReminderPolicy:
    """Hold when we remind.

    Of what they agreed to, `leads` hours before the start; of an offer that they have not answered,
    `before_closing` its deadline, unless they were asked within `not_after_asking`.
    """

    leads: tuple[int, ...] = (48, 3)
    before_closing: timedelta = timedelta(hours=12)
    not_after_asking: timedelta = timedelta(hours=12)


POLICY = ReminderPolicy()


@dataclass(frozen=True)
class Reminded:
    """Say how many were reminded of what they agreed to, and how many of an open question."""

    queued: int
    to_answer: int
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
    to_answer = _remind_to_answer(session, now=now, policy=policy)
    return Reminded(queued, to_answer, _sentence(queued, to_answer))


def _remind_to_answer(session: Session, *, now: datetime, policy: ReminderPolicy) -> int:
    silent = placements(
        session,
        col(Offer.state) == OfferState.SENT,
        col(Offer.sent_at) <= now - policy.not_after_asking,
        col(Offer.expires_at) > now,
        col(Offer.expires_at) <= now + policy.before_closing,
        col(Activity.state) == ActivityState.PUBLISHED,
        col(Need.taken) < Need.maximum,
    )
    return mails.queue_offer_reminders(session, silent, now=now)


def _sentence(queued: int, to_answer: int) -> Text:
    return Text(
        zh=f"提醒了{queued}位说好要来的志愿者，另提醒{to_answer}位还没回答的。",
        en=f"{queued} {plural(queued, 'volunteer', 'volunteers')} reminded of what they agreed to, "
        f"and {to_answer} to answer an offer.",
    )


def _lead(placed: Placement, now: datetime, policy: ReminderPolicy) -> int | None:
    """Return which reminder is due for an accepted offer now, if one is."""
    starts_at, agreed_at = placed.occasion.activity.starts_at, placed.offer.answered_at
    lead = min(hours for hours in policy.leads if starts_at <= now + timedelta(hours=hours))
    due_at = starts_at - timedelta(hours=lead)
    return lead if agreed_at is None or agreed_at <= due_at else None
