"""Rules as they counted on any day, for what is judged by the rules of its own day."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date
from typing import Generic

from sqlalchemy import select
from sqlmodel import Session, col

from models import Policy
from services.policies import R


@dataclass(frozen=True)
class History(Generic[R]):
    """Hold the network's rules of one kind with the days from which they counted, in their order."""

    first: R
    """What counted before anybody decided."""
    days: tuple[date, ...] = ()
    rules: tuple[R, ...] = ()

    def on(self, day: date) -> R:
        """Return the rules that count on `day`."""
        place = bisect_right(self.days, day)
        return self.rules[place - 1] if place else self.first


def history(session: Session, rules: type[R]) -> History[R]:
    """Return the network's rules of a kind over time; of two decisions for one day the later one counts."""
    question = (
        select(Policy)
        .where(col(Policy.kind) == rules.kind, col(Policy.hub_id).is_(None))
        .order_by(col(Policy.valid_from), col(Policy.id))
    )
    by_day = {row.valid_from: row.rules for row in session.execute(question).scalars()}
    return History(
        rules(), tuple(by_day), tuple(rules.model_validate(decided) for decided in by_day.values())
    )
