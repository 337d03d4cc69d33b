"""What follows when somebody did not come: nothing, or a time without being asked; data with days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar

from pydantic import Field

from config.text import Text
from services.policies import Rules


class NoShowRules(Rules):
    """Hold what follows from absences that nobody excused; being excused never has a consequence."""

    kind: ClassVar[str] = "no_show"
    title: ClassVar[Text] = Text("没来怎么办", "When somebody does not come")
    labels: ClassVar[Mapping[str, Text]] = {
        "within_days": Text("数多少天以内的“没来”", "Days over which absences are counted"),
        "pause_from": Text(
            "第几次没来起暂停邀请（0是从不）", "From which absence on invitations pause (0: never)"
        ),
        "pause_days": Text("暂停几天", "Days of the pause"),
        "holds_stars": Text("暂停期间星级先不往上升", "Whether stars do not rise during the pause"),
    }

    within_days: int = Field(default=90, ge=1, le=730)
    pause_from: int = Field(default=2, ge=0, le=20)
    pause_days: int = Field(default=14, ge=1, le=365)
    holds_stars: bool = False

    @property
    def window(self) -> timedelta:
        """Return how far back absences are counted."""
        return timedelta(days=self.within_days)

    def pauses(self, absences: int) -> bool:
        """Say whether the absence that makes so many pauses invitations."""
        return 0 < self.pause_from <= absences

    def in_words(self, absences: int, until: Text) -> Text:
        """Return what a further absence would do, said to who is about to record it."""
        n = absences + 1
        if not self.pauses(n):
            return NO_EFFECT.format(n=n, days=self.within_days)
        tail = STARS_WAIT if self.holds_stars else Text("", "")
        return PAUSES.format(n=n, days=self.within_days, until=until, stars=tail)


NO_EFFECT = Text(
    "记“没来”：{days}天里第{n}次，只写信问一声，没有别的影响。",
    "“No-show” would be number {n} in {days} days: we write to ask, and nothing else follows.",
)
PAUSES = Text(
    "记“没来”：{days}天里第{n}次，{until}前不再邀请{stars}；已经答应的照常来。",
    "“No-show” would be number {n} in {days} days: no invitations until {until}{stars}; what they have "
    "agreed to stands.",
)
STARS_WAIT = Text("，星级先不升", ", and stars do not rise")
