"""What must hold of an application as it was typed, and before it is handed in; every wrong field at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from config.text import Refusal, Text
from models import FundingLine
from services.funding_base import tidy
from services.funding_money import CATEGORIES, FEN, fen_of, money
from services.funding_rules import FundingRules

MOST_LINES = 30
LONGEST_REASON = 200
LONGEST_TITLE = 80


@dataclass(frozen=True)
class LineGiven:
    """Hold a budget line as somebody typed it."""

    category: str
    yuan: str
    reason: str = ""

    @property
    def is_blank(self) -> bool:
        """Say whether nothing was typed."""
        return not (self.category or self.yuan.strip() or self.reason.strip())


def read_lines(given: Sequence[LineGiven]) -> tuple[list[FundingLine], list[Refusal]]:
    """Return the lines that were typed, and what is wrong with each; blank ones are left out."""
    lines, wrong = [], []
    for number, one in enumerate(given[:MOST_LINES], 1):
        if one.is_blank:
            continue
        fen, refusals = fen_of(one.yuan), _wrong_line(number, one)
        wrong += refusals
        if fen is not None and not refusals:
            reason = tidy(one.reason)[:LONGEST_REASON]
            lines.append(
                FundingLine(application_id=0, place=0, category=one.category, amount_fen=fen, reason=reason)
            )
    return lines, wrong


def _wrong_line(number: int, one: LineGiven) -> list[Refusal]:
    wrong = []
    if one.category not in CATEGORIES:
        sentence = Text(f"第{number}行：选一个类别", f"Line {number}: choose a category")
        wrong.append(Refusal("category", sentence, f"category_{number}"))
    if fen_of(one.yuan) is None:
        sentence = Text(
            f"第{number}行：金额写成多少元，比如1200或1200.50，最多两位小数",
            f"Line {number}: write the amount in yuan, as 1200 or 1200.50, with two decimals at most",
        )
        wrong.append(Refusal("amount", sentence, f"amount_{number}"))
    if not one.reason.strip():
        sentence = Text(
            f"第{number}行：写明用在哪里、怎么算的",
            f"Line {number}: say what it is for and how it was counted",
        )
        wrong.append(Refusal("reason", sentence, f"reason_{number}"))
    return wrong


def wrong_title(title: str) -> list[Refusal]:
    """Return what is wrong with a title."""
    if 0 < len(title) <= LONGEST_TITLE:
        return []
    sentence = Text(
        f"写一个名称，最多{LONGEST_TITLE}字", f"Give a title of at most {LONGEST_TITLE} characters"
    )
    return [Refusal("title", sentence, "title")]


def wrong_before_handing_in(content: dict[str, Any], rules: FundingRules, *, today: date) -> list[Refusal]:
    """Return everything that is missing or out of bounds in a draft."""
    total = sum(line["amount_fen"] for line in content["lines"])
    most = money(rules.most_yuan * FEN)
    checks = (
        (not content["purpose"], "purpose", "写明要解决什么问题、怎么做", "Say what it is to mend, and how"),
        (not content["starts_on"], "starts_on", "选开始的日期", "Choose the day on which it begins"),
        (not content["ends_on"], "ends_on", "选结束的日期", "Choose the day on which it ends"),
        (
            bool(content["ends_on"]) and content["ends_on"] < today.isoformat(),
            "ends_on",
            "结束的日期已经过了，换一个",
            "The end is past; choose another day",
        ),
        (
            not content["serves"],
            "serves",
            "选它为哪个维度或指标服务",
            "Choose the dimension or criterion that it serves",
        ),
        (not content["lines"], "amount_1", "至少写一行预算", "Write at least one budget line"),
        (
            total > rules.most_yuan * FEN,
            "amount_1",
            f"一份申请最多{most.zh}，现在是{money(total).zh}",
            f"One application asks for {most.en} at most; it is now {money(total).en}",
        ),
    )
    return [
        Refusal(f"{field}_missing", Text(zh, en), field) for is_wrong, field, zh, en in checks if is_wrong
    ]
