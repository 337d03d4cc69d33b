"""When people are reminded: of what they agreed to, of what they have not answered, of what lapses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from pydantic import Field
from sqlmodel import Session

from config.text import Text
from services.policies import Book, Rules, book


class ReminderRules(Rules):
    """Hold how long before something people are reminded of it; a lead of 0 is none."""

    kind: ClassVar[str] = "reminders"
    title: ClassVar[Text] = Text("什么时候提醒", "When we remind")
    labels: ClassVar[Mapping[str, Text]] = {
        "first_hours": Text(
            "活动前几小时提醒说好要来的人（0是不提醒）", "Hours before an activity: first reminder (0: none)"
        ),
        "last_hours": Text(
            "活动前几小时再提醒一次（0是不提醒）", "Hours before an activity: last reminder (0: none)"
        ),
        "answer_hours": Text(
            "邀请过期前几小时提醒没回答的人（0是不提醒）",
            "Hours before an offer runs out: reminder to answer (0: none)",
        ),
        "evaluation_hours": Text(
            "评估截止前几小时提醒没交的人（0是不提醒）",
            "Hours before an evaluation closes: reminder to answer (0: none)",
        ),
        "lapse_days": Text(
            "背景核查、同意书到期前几天提醒（0是不提醒）",
            "Days before a check or consent lapses: reminder (0: none)",
        ),
        "last_lapse_days": Text(
            "背景核查到期前几天再提醒一次（0是不提醒）",
            "Days before a check lapses: last reminder (0: none)",
        ),
    }

    first_hours: int = Field(default=48, ge=0, le=336)
    last_hours: int = Field(default=3, ge=0, le=48)
    answer_hours: int = Field(default=12, ge=0, le=96)
    evaluation_hours: int = Field(default=48, ge=0, le=336)
    lapse_days: int = Field(default=30, ge=0, le=180)
    last_lapse_days: int = Field(default=7, ge=0, le=60)

    @property
    def leads(self) -> tuple[int, ...]:
        """Return the hours before a start at which people are reminded, the longest first."""
        return tuple(sorted({self.first_hours, self.last_hours} - {0}, reverse=True))

    @property
    def lapse_leads(self) -> tuple[int, ...]:
        """Return the days before a check lapses at which its person is told, the longest first."""
        return tuple(sorted({self.lapse_days, self.last_lapse_days} - {0}, reverse=True))


def reminder_rules(session: Session, *, now: datetime) -> Book[ReminderRules]:
    """Return when people are reminded today; a hub may decide its own."""
    return book(session, ReminderRules, now=now)


def all_leads(rules: Book[ReminderRules]) -> tuple[int, ...]:
    """Return every lead that some hub reminds at, the longest first."""
    every = (rules.network, *rules.hubs.values())
    return tuple(sorted({lead for one in every for lead in one.leads}, reverse=True))
