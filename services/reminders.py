"""Remind volunteers: of what they agreed to, before it begins; of a question, before it closes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col

from config.text import Text, plural
from models import Activity, Need, Offer
from models.states import ActivityState, OfferState
from services import mails
from services.policies import Book
from services.queries import Placement, placements
from services.reminder_rules import ReminderRules, all_leads, reminder_rules

NOT_AFTER_ASKING = timedelta(hours=12)
"""Who was asked so lately is not reminded to answer yet."""


@dataclass(frozen=True)
class Reminded:
    """Say how many were reminded of what they agreed to, and how many of an open question."""

    queued: int
    to_answer: int
    sentence: Text


def queue_due(session: Session, *, now: datetime) -> Reminded:
    """Queue the reminders that are due by the rules of each hub.

    Of two leads that are both past only the shorter is sent, and nobody is reminded of what they
    agreed to after the reminder was due.
    """
    rules = reminder_rules(session, now=now)
    soon = placements(
        session,
        col(Offer.state) == OfferState.ACCEPTED,
        col(Activity.state) == ActivityState.PUBLISHED,
        col(Activity.starts_at) > now,
        col(Activity.starts_at) <= now + timedelta(hours=max(all_leads(rules), default=0)),
    )
    due = [
        (placed, lead)
        for placed in soon
        if (lead := _lead(placed, now, rules.of(placed.occasion.activity.hub_id)))
    ]
    queued = mails.queue_reminders(session, due, now=now)
    to_answer = _remind_to_answer(session, rules, now=now)
    return Reminded(queued, to_answer, _sentence(queued, to_answer))


def _remind_to_answer(session: Session, rules: Book[ReminderRules], *, now: datetime) -> int:
    longest = max(one.answer_hours for one in (rules.network, *rules.hubs.values()))
    silent = placements(
        session,
        col(Offer.state) == OfferState.SENT,
        col(Offer.sent_at) <= now - NOT_AFTER_ASKING,
        col(Offer.expires_at) > now,
        col(Offer.expires_at) <= now + timedelta(hours=longest),
        col(Activity.state) == ActivityState.PUBLISHED,
        col(Need.taken) < Need.maximum,
    )
    return mails.queue_offer_reminders(session, [one for one in silent if _closes(one, now, rules)], now=now)


def _closes(placed: Placement, now: datetime, rules: Book[ReminderRules]) -> bool:
    within = timedelta(hours=rules.of(placed.occasion.activity.hub_id).answer_hours)
    return placed.offer.expires_at is not None and placed.offer.expires_at <= now + within


def _sentence(queued: int, to_answer: int) -> Text:
    return Text(
        zh=f"提醒了{queued}位说好要来的志愿者，另提醒{to_answer}位还没回答的。",
        en=f"{queued} {plural(queued, 'volunteer', 'volunteers')} reminded of what they agreed to, "
        f"and {to_answer} to answer an offer.",
    )


def _lead(placed: Placement, now: datetime, rules: ReminderRules) -> int | None:
    """Return which reminder is due for an accepted offer now, if one is."""
    starts_at, agreed_at = placed.occasion.activity.starts_at, placed.offer.answered_at
    past = [hours for hours in rules.leads if starts_at <= now + timedelta(hours=hours)]
    if not past:
        return None
    lead = min(past)
    due_at = starts_at - timedelta(hours=lead)
    return lead if agreed_at is None or agreed_at <= due_at else None
