"""Residents whom no mail reached: told apart from those who keep silent, for the two mean different things."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select, update
from sqlmodel import Session, col

from models import Cycle, Invitation, Message
from models.states import InvitationState, MessageState
from services.queries import batches

LOST = (MessageState.FAILED, MessageState.SUPPRESSED)


def note_unreachable(session: Session, cycle: Cycle) -> int:
    """Tell drawn residents whom no mail reached from those who keep silent; return how many."""
    waiting = session.execute(
        select(col(Invitation.id)).where(
            col(Invitation.cycle_id) == cycle.id, col(Invitation.state) == InvitationState.DRAWN
        )
    ).scalars()
    lost = sorted(_lost(session, list(waiting)))
    for batch in batches(lost):
        session.execute(
            update(Invitation)
            .where(col(Invitation.id).in_(batch), col(Invitation.state) == InvitationState.DRAWN)
            .values(state=InvitationState.UNREACHABLE)
            .execution_options(synchronize_session="fetch")
        )
    return len(lost)


def _lost(session: Session, ids: Iterable[int | None]) -> set[int]:
    """Return the invitations whose first mail came back or was never let go."""
    own = {f"survey:{number}:1": number for number in ids if number is not None}
    found = set()
    for batch in batches(own):
        question = select(col(Message.key)).where(col(Message.key).in_(batch), col(Message.state).in_(LOST))
        found |= {own[key] for key in session.execute(question).scalars()}
    return found
