"""How money is decided: up to which amount one person does, by when, and how long an approval holds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from pydantic import Field
from sqlmodel import Session

from config.text import Text
from services.funding_money import FEN, MOST_FEN
from services.policies import Rules, book


class FundingRules(Rules):
    """Hold the limits of amount and time by which project applications are decided."""

    kind: ClassVar[str] = "funding"
    title: ClassVar[Text] = Text("项目申请和经费", "Project applications and money")
    labels: ClassVar[Mapping[str, Text]] = {
        "one_up_to_yuan": Text(
            "多少元以内一个人批（超过的要两个人）", "Yuan up to which one person decides (above, two agree)"
        ),
        "most_yuan": Text("一份申请最多多少元", "Yuan that one application may ask for at most"),
        "answer_days": Text("交上来几天内要答复", "Days within which an application is answered"),
        "remind_days": Text("到期前几天提醒（0是不提醒）", "Days before that day: reminder (0: none)"),
        "next_level_days": Text("过期后几天报给再上一级", "Days that each level has before the next is told"),
        "valid_days": Text("批准后多少天内要开始", "Days within which an approved project begins"),
        "closing_days": Text("项目结束后几天内结项", "Days after its end within which a project is closed"),
    }

    one_up_to_yuan: int = Field(default=20_000, ge=0, le=MOST_FEN // FEN)
    most_yuan: int = Field(default=500_000, ge=1, le=MOST_FEN // FEN)
    answer_days: int = Field(default=30, ge=1, le=365)
    remind_days: int = Field(default=7, ge=0, le=90)
    next_level_days: int = Field(default=7, ge=1, le=90)
    valid_days: int = Field(default=180, ge=1, le=730)
    closing_days: int = Field(default=30, ge=1, le=365)

    def needed(self, fen: int) -> int:
        """Return how many different people have to agree to an amount."""
        return 1 if fen <= self.one_up_to_yuan * FEN else 2


def funding_rules(session: Session, *, now: datetime) -> FundingRules:
    """Return the network's rules of today."""
    return book(session, FundingRules, now=now).network
