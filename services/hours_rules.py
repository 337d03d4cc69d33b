"""Which hours count, how they are rounded, how many a day, and how many make a star: data with days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import Annotated, ClassVar

from pydantic import Field, field_validator
from sqlmodel import Session

from config.text import Text
from models import HoursCategory, HoursSource
from services.policies import Rules
from services.policy_history import History, history

Step = Annotated[tuple[int, int], Field()]
LONGEST_DAY = 24
MOST_STARS = 10


class HoursRules(Rules):
    """Hold which hours count towards stars and certificates.

    Time is what was really served, without the way (order 67 of the Ministry of Civil Affairs, 2020).
    """

    kind: ClassVar[str] = "hours"
    title: ClassVar[Text] = Text("志愿时长", "Volunteer hours")
    labels: ClassVar[Mapping[str, Text]] = {
        "round_to_minutes": Text("时长按几分钟取整（不足的舍去）", "Round times down to so many minutes"),
        "daily_cap_hours": Text("一天最多算几小时", "Hours of one day that count at most"),
        "claim_within_days": Text("服务后几天内可以申报", "Days after serving within which one can claim"),
        "counts_claims": Text("自己申报、经确认的算不算", "Whether confirmed claims count"),
        "counts_preparation": Text("筹备算不算", "Whether preparation counts"),
        "counts_training": Text("参加培训算不算", "Whether being trained counts"),
        "counts_other": Text("其他服务算不算", "Whether other service counts"),
    }

    round_to_minutes: int = Field(default=1, ge=1, le=60)
    daily_cap_hours: int = Field(default=12, ge=1, le=LONGEST_DAY)
    claim_within_days: int = Field(default=90, ge=1, le=730)
    counts_claims: bool = True
    counts_preparation: bool = True
    counts_training: bool = False
    counts_other: bool = True

    def rounded(self, minutes: int) -> int:
        """Return minutes rounded down."""
        return minutes - minutes % self.round_to_minutes

    def counts(self, source: HoursSource, category: HoursCategory) -> bool:
        """Say whether a line of this source and category counts."""
        by_category = {
            HoursCategory.ACTIVITY: True,
            HoursCategory.PREPARATION: self.counts_preparation,
            HoursCategory.TRAINING: self.counts_training,
            HoursCategory.OTHER: self.counts_other,
        }
        return by_category[category] and (self.counts_claims or source != HoursSource.CLAIM)


class StarRules(Rules):
    """Hold how many hours make a star; the built-in ladder is that of the Ministry (2012)."""

    kind: ClassVar[str] = "stars"
    title: ClassVar[Text] = Text("星级", "Stars")
    labels: ClassVar[Mapping[str, Text]] = {
        "ladder": Text("星级:小时", "Stars:hours"),
    }

    ladder: tuple[Step, ...] = ((1, 100), (2, 300), (3, 600), (4, 1000), (5, 1500))

    @field_validator("ladder")
    @classmethod
    def _ladder_rises(cls, ladder: tuple[Step, ...]) -> tuple[Step, ...]:
        steps = sorted(ladder)
        hours = [step[1] for step in steps]
        if not steps or len(steps) > MOST_STARS or [step[0] for step in steps] != [*range(1, len(steps) + 1)]:
            raise ValueError("stars are 1, 2, 3 and so on")
        if hours[0] <= 0 or any(low >= high for low, high in pairwise(hours)):
            raise ValueError("each star takes more hours than the one before")
        return tuple(steps)

    def stars(self, minutes: int) -> int:
        """Return how many stars so many minutes make."""
        return sum(minutes >= hours * 60 for _, hours in self.ladder)

    def next_star(self, minutes: int) -> tuple[int, int] | None:
        """Return the next star and the minutes that it still takes, or None at the top."""
        return next(
            ((star, hours * 60 - minutes) for star, hours in self.ladder if hours * 60 > minutes), None
        )


def hours_rules(session: Session) -> History[HoursRules]:
    """Return which hours count, by the day on which they were served."""
    return history(session, HoursRules)


def star_rules(session: Session, day: date) -> StarRules:
    """Return the ladder that counts on `day`."""
    return history(session, StarRules).on(day)
