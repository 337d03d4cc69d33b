"""What a volunteer is told who did not come, and when that turned out wrong."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from models import Message
from models.states import MessageState
from notifications import kinds, outbox
from services.describing import Describer
from services.queries import Placement


def queue_missed(
    session: Session, placed: Placement, record_id: int, paused_until: datetime | None, *, now: datetime
) -> int:
    """Say kindly that we missed somebody, and what follows; key `no_show:{record}`."""
    mail = kinds.NoShowMail(**Describer(session, [placed]).about_offer(placed), paused_until=paused_until)
    return outbox.queue_many(session, [(f"no_show:{record_id}", mail)], now=now)


def queue_mended(session: Session, placed: Placement, record_id: int, *, now: datetime) -> int:
    """Say that the record was wrong, to who had heard of it; key `no_show_mended:{record}`."""
    told = select(col(Message.id)).where(
        col(Message.key) == f"no_show:{record_id}",
        col(Message.state).in_((MessageState.SENT, MessageState.LEASED, MessageState.AMBIGUOUS)),
    )
    if session.execute(told).first() is None:
        return 0
    mail = kinds.NoShowMendedMail(**Describer(session, [placed]).about_offer(placed))
    return outbox.queue_many(session, [(f"no_show_mended:{record_id}", mail)], now=now)
