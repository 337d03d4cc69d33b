"""Made-up values for the messages about project applications."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from config.text import Text
from notifications import kinds
from notifications.kinds import Contact, Mail, Recipient


def of_funding(coordinator: Recipient, manager: Recipient, now: datetime) -> list[Mail]:
    """Return a question for a decision and a decision."""
    application: dict[str, Any] = {
        "application_id": 12,
        "version": 2,
        "hub_id": 8,
        "unit_id": 1,
        "hub": Text("晨光里青年汇", "晨光里青年汇"),
        "title": Text("夜校：六门手艺课", "Night school: six crafts"),
        "amount": Text("26,400元", "¥26,400"),
        "made_at": now,
        "in_charge": Contact("沈之槐", "010-5555 0123", "shen.zhihuai@hubs.example"),
    }
    return [
        _asked(application, manager, now),
        kinds.FundingDecidedMail(
            **application,
            to=coordinator,
            person_id=3,
            verdict="returned",
            decided_by=Text("顾临川", "顾临川"),
            reason=Text(
                "物料按120人算，报名人数写的是90人", "Materials are for 120, and 90 people are named"
            ),
        ),
    ]


def _asked(application: dict[str, Any], to: Recipient, now: datetime) -> Mail:
    return kinds.FundingAskedMail(
        **application,
        to=to,
        person_id=1,
        purpose=Text(
            "下班后有事可做：去年问过的214人里，137人想学一门手艺。",
            "Something to do after work: of the 214 asked last year, 137 want to learn a craft.",
        ),
        serves=Text("活动效果", "Effect of activities"),
        starts_on=date(2027, 3, 1),
        ends_on=date(2027, 6, 30),
        lines=(
            kinds.BudgetLine(
                Text("讲课和劳务", "fees for speakers and helpers"),
                Text("18,000元", "¥18,000"),
                Text("6门课，每门6节，每节500元", "6 courses of 6 lessons, ¥500 each"),
            ),
            kinds.BudgetLine(
                Text("物料", "materials"),
                Text("8,400元", "¥8,400"),
                Text("每人70元，120人", "¥70 a person, 120 people"),
            ),
        ),
        needed=2,
        agreed=(Text("乔守正", "乔守正"),),
        due_at=now + timedelta(days=30),
    )


def manager_digest(to: Recipient, now: datetime) -> Mail:
    """Return a month of a district, with money that waits for a decision."""
    unit, district = kinds.UnitLine, Text("西城区", "Xicheng District")
    return kinds.ManagerDigestMail(
        to=to,
        person_id=1,
        unit=district,
        month=date(2026, 10, 1),
        made_at=now,
        comes=Text("每月1日8:00", "on the first of each month at 8:00"),
        funding=Text(
            "2份项目申请等审批，共38,400元，最早的12月3日前答复。",
            "2 project applications wait for a decision, ¥38,400 in all; the first is due on 3 Dec.",
        ),
        total=unit(district, 177, 812, 0.83, 16420, 118_300, 3),
        units=(
            unit(Text("德胜街道", "德胜街道"), 13, 61, 0.91, 1204, 8_900, 0),
            unit(Text("椿树街道", "椿树街道"), 6, 18, 0.62, 301, 2_160, 2),
            unit(Text("牛街街道", "牛街街道"), 8, 30, None, 577, 0, 1),
        ),
        silent_hubs=(
            Text("红线胡同青年汇", "红线胡同青年汇"),
            Text("永光青年汇", "永光青年汇"),
            Text("春风里青年汇", "春风里青年汇"),
        ),
    )
