"""The network's own words as they stand in the database, and as one mail needs them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from sqlalchemy import func, select
from sqlmodel import Session, col

from models import LetterWording
from notifications.passages import passages_of
from notifications.rewording import Chosen

Passages: TypeAlias = Mapping[str, Mapping[str, str]]
"""Own words by the key of a passage and the language."""
KEPT_IN_SESSION = "letter wordings"
_NEWEST = select(func.max(LetterWording.id)).group_by(col(LetterWording.kind))
# Every deed that writes a mail asks this: built once, it costs SQLAlchemy no second thought.
_COUNTING = select(col(LetterWording.kind), col(LetterWording.passages)).where(
    col(LetterWording.id).in_(_NEWEST)
)


def own_wordings(session: Session) -> dict[str, Passages]:
    """Return the words that count now, by kind of mail; asked once a session."""
    if KEPT_IN_SESSION not in session.info:
        rows = session.execute(_COUNTING)
        session.info[KEPT_IN_SESSION] = {kind: passages for kind, passages in rows if passages}
    found: dict[str, Passages] = session.info[KEPT_IN_SESSION]
    return found


def chosen(kind: str, language: str, passages: Passages | None, *, is_trial: bool = False) -> Chosen | None:
    """Return own words as rendering looks them up; a passage that a template no longer has is left out."""
    if not passages:
        return None
    sources = {
        one.default: (passages[one.key][language], one.is_one_line)
        for one in passages_of(kind)
        if passages.get(one.key, {}).get(language)
    }
    return Chosen(sources, is_trial)
