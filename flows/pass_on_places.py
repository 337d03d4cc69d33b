"""Pass places that young people did not take on to the next in line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from prefect import flow
from sqlmodel import Session

from config.text import Text, plural
from flows.base import perform
from services import seating


@dataclass(frozen=True)
class PassedOn:
    """Say to how many people a place was offered."""

    offered: int

    @property
    def sentence(self) -> Text:
        """Return the result in words."""
        return Text(
            f"空出来的名额，问了候补的{self.offered}个人。",
            f"Free places were offered to {self.offered} {plural(self.offered, 'person', 'people')} in line.",
        )


@flow(name="pass-on-places", log_prints=False)
async def pass_on_places() -> PassedOn:
    """名额往下传 · Pass on places: what nobody took in time goes to the next in line."""

    def pass_on(session: Session, now: datetime) -> PassedOn:
        return PassedOn(seating.pass_on(session, now=now))

    return await perform(pass_on)
