"""What a hub has to do about its project applications: mend, begin, close."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from config.text import Text, plural
from models import FundingApplication, Hub
from models.states import FundingState
from services.evaluation_cycles import today_of
from services.funding_money import money
from services.funding_people import OPEN
from services.funding_rules import FundingRules, funding_rules
from services.queries import id_of
from services.wording import day_text, local_day

MEND_WITHIN = timedelta(days=14)
WAITS = (FundingState.RETURNED, FundingState.APPROVED, FundingState.EXECUTING)


@dataclass(frozen=True)
class FundingTask:
    """Hold one thing to do for a hub, and from when waiting costs."""

    hub_id: int
    application_id: int
    gets_worse_at: datetime
    tag: Text
    title: Text
    sentence: Text
    action: Text


def funding_tasks(session: Session, hub_ids: Sequence[int], *, now: datetime) -> Iterable[FundingTask]:
    """Yield what the coordinators of some hubs have to do."""
    rules = funding_rules(session, now=now)
    question = (
        select(FundingApplication, Hub)
        .join(Hub, col(Hub.id) == FundingApplication.hub_id)
        .where(col(FundingApplication.hub_id).in_(hub_ids), col(FundingApplication.state).in_(WAITS))
        .order_by(col(FundingApplication.id))
    )
    for found, hub in session.exec(question):
        task = _task(found, hub, rules, now)
        if task is not None:
            gets_worse_at, *words = task
            yield FundingTask(found.hub_id, id_of(found), gets_worse_at, *words)


def _task(
    found: FundingApplication, hub: Hub, rules: FundingRules, now: datetime
) -> tuple[datetime, Text, Text, Text, Text] | None:
    title = Text(found.title, found.title)
    if found.state == FundingState.RETURNED:
        return (
            now + MEND_WITHIN,
            Text("退回修改", "returned"),
            Text("“{title}”退回来改", "{title}: returned for change").format(title=title),
            Text(found.reason, found.reason),
            Text("改好再交", "Change it"),
        )
    if found.state == FundingState.APPROVED and found.valid_until is not None:
        last = day_text(local_day(found.valid_until, hub.time_zone))
        return (
            found.valid_until,
            Text("批准了", "approved"),
            Text("“{title}”批准了，可以开始", "{title}: approved, ready to begin").format(title=title),
            Text("{money}，{day}前要开始。", "{money}; begin by {day}.").format(
                money=money(found.amount_fen), day=last
            ),
            Text("开始执行", "Begin"),
        )
    return _closing(found, hub, rules, now, title)


def _closing(
    found: FundingApplication, hub: Hub, rules: FundingRules, now: datetime, title: Text
) -> tuple[datetime, Text, Text, Text, Text] | None:
    if found.ends_on is None or found.ends_on >= today_of(now):
        return None
    until = found.ends_on + timedelta(days=rules.closing_days)
    return (
        datetime.combine(until, time(), ZoneInfo(hub.time_zone)),
        Text("该结项", "to close"),
        Text("“{title}”办完了，还没结项", "{title}: over, and not closed yet").format(title=title),
        Text(
            f"补齐票据，写结项说明，{day_text(until).zh}前。",
            f"Add what receipts are missing and close it by {day_text(until).en}.",
        ),
        Text("写结项说明", "Close it"),
    )


def waiting_by_hub(session: Session) -> dict[int, list[FundingApplication]]:
    """Return the applications that wait for a decision, by hub."""
    question = select(FundingApplication).where(col(FundingApplication.state).in_(OPEN))
    found: dict[int, list[FundingApplication]] = {}
    for one in session.exec(question.order_by(col(FundingApplication.id))):
        found.setdefault(one.hub_id, []).append(one)
    return found


def waiting_text(waiting: Sequence[FundingApplication]) -> Text | None:
    """Return one line about what waits; None where nothing does."""
    if not waiting:
        return None
    n, amount = len(waiting), money(sum(one.amount_fen for one in waiting))
    first = day_text(min(today_of(one.due_at) for one in waiting if one.due_at is not None))
    return Text(
        f"{n}份项目申请等审批，共{amount.zh}，最早的{first.zh}前答复。",
        f"{n} project {plural(n, 'application waits', 'applications wait')} for a decision, {amount.en} in all; "
        f"the first is due on {first.en}.",
    )
