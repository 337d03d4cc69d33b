"""Digests: one mail a person and period, keyed by it, and none where there is nothing to say.

`attention` is the list that the hub's page and the coordinator's digest share, so the two never
tell different numbers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from config.text import Text, plural
from notifications import outbox
from notifications.kinds import Mail
from services.digest_slots import Slot
from services.digests_attention import Attention, AttentionItem, Matter, attention
from services.digests_coordinators import coordinator_digests
from services.digests_managers import manager_digests
from services.digests_volunteers import volunteer_digests
from services.work import Audience

__all__ = [
    "Attention",
    "AttentionItem",
    "DigestsQueued",
    "Matter",
    "attention",
    "queue_coordinator_digests",
    "queue_manager_digests",
    "queue_slot",
    "queue_volunteer_digests",
]


@dataclass(frozen=True)
class DigestsQueued:
    """Say how many digests are new in the outbox, were there before, and had nothing to say."""

    queued: int
    already_there: int
    nothing_to_say: int

    @property
    def sentence(self) -> Text:
        """Return the result in words."""
        return Text(
            zh=f"写好{self.queued}封简报；{self.already_there}封这一期已经写过，{self.nothing_to_say}人没有新消息，不发。",
            en=f"{self.queued} {plural(self.queued, 'digest', 'digests')} written; {self.already_there} had been "
            f"written before, {self.nothing_to_say} had nothing to say.",
        )


def queue_slot(session: Session, slot: Slot, *, now: datetime) -> DigestsQueued:
    """Write to the readers of a slot about its newest period; a second time there is nothing new to write."""
    day = slot.last(now).astimezone(ZoneInfo(slot.zone)).date()
    digests: dict[Audience, Iterable[tuple[str, Mail | None]]] = {
        Audience.COORDINATORS: coordinator_digests(session, now=now, week=day, slot=slot),
        Audience.VOLUNTEERS: volunteer_digests(session, now=now, week=day, slot=slot),
        Audience.MANAGERS: manager_digests(session, now=now, month=day, slot=slot),
    }
    return _queue(session, digests[slot.audience], now)


def queue_coordinator_digests(session: Session, *, now: datetime, week: date) -> DigestsQueued:
    """Write to the coordinators of every hub; `week` is any day of the week that begins."""
    return _queue(session, coordinator_digests(session, now=now, week=week), now)


def queue_volunteer_digests(session: Session, *, now: datetime, week: date) -> DigestsQueued:
    """Write to every volunteer who has news; `week` is any day of the week that begins."""
    return _queue(session, volunteer_digests(session, now=now, week=week), now)


def queue_manager_digests(session: Session, *, now: datetime, month: date) -> DigestsQueued:
    """Write to the managers of every unit; `month` is any day of the month that is told."""
    return _queue(session, manager_digests(session, now=now, month=month), now)


def _queue(session: Session, digests: Iterable[tuple[str, Mail | None]], now: datetime) -> DigestsQueued:
    everybody = list(digests)
    mails = [(key, mail) for key, mail in everybody if mail is not None]
    queued = outbox.queue_many(session, mails, now=now)
    return DigestsQueued(queued, len(mails) - queued, len(everybody) - len(mails))
