"""Between which hours a hub's activities may be proposed, and how long before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import ClassVar

from pydantic import Field

from config.text import Text
from scheduling.proposals import Hours
from services.policies import Rules


class ProposalRules(Rules):
    """Hold a hub's opening hours for new activities, how fine times are tried, and the days ahead."""

    kind: ClassVar[str] = "hours"
    title: ClassVar[Text] = Text("什么时候可以办", "When things may happen")
    labels: ClassVar[Mapping[str, Text]] = {
        "opens_hour": Text("最早几点开始", "Earliest hour to begin"),
        "closes_hour": Text("最晚几点结束", "Latest hour to end"),
        "step_minutes": Text("每隔几分钟试一个时间", "Minutes from one time tried to the next"),
        "lead_days": Text("至少提前几天", "Days ahead at least"),
    }

    opens_hour: int = Field(default=9, ge=0, le=23)
    closes_hour: int = Field(default=21, ge=1, le=24)
    step_minutes: int = Field(default=30, ge=5, le=240)
    lead_days: int = Field(default=3, ge=1, le=60)

    @property
    def hours(self) -> Hours:
        """Return the opening hours."""
        return Hours(time(self.opens_hour), time(self.closes_hour % 24), self.step_minutes)
