"""Mails about risk checks: a second person is asked, the hub hears the decision and what waits for a check."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from config.text import Text, plural
from models import Hub, RiskCheck
from notifications import kinds
from scheduling.risks import Risk
from services import decisions
from services.commitment_mails import queue_hub_notice
from services.gate import Held
from services.gate_rules import waiting_words
from services.queries import id_of, named, required
from services.wording import moment_text

TO_THE_CHECK = Text("打开检查表", "Open the check")


def queue_asked(
    session: Session, check: RiskCheck, title: Text, risks: Sequence[Risk], *, now: datetime
) -> int:
    """Ask the managers above the hub for their yes; return how many."""
    hub = required(session, Hub, check.hub_id)
    name = Text("{hub}，{title}", "{hub}, {title}").format(hub=named(hub.name_zh, hub.name_en), title=title)
    point = kinds.Point(name, waiting_words(risks))
    what = f"risk:{id_of(check)}"
    return decisions.tell_managers(session, hub.unit_id, what, [point], now=now, but=(check.asked_by_id,))


def queue_decided(
    session: Session, check: RiskCheck, title: Text, path: str, published: int, *, now: datetime
) -> int:
    """Tell the hub whether a check has passed."""
    is_cleared = check.valid_until is not None
    heading = (
        Text("风险检查通过了：{title}", "The risk check has passed: {title}")
        if is_cleared
        else Text("风险检查退回了：{title}", "The risk check was sent back: {title}")
    )
    sentence = (
        Text(f"发布了{published}场活动，可以报名、可以配人。", f"Activities published: {published}.")
        if is_cleared
        else Text("看一下理由，改好再答一次。", "Read why, mend it and answer once more.")
    )
    words = {check.hub_id: (heading.format(title=title), sentence, (), check.reason)}
    key = f"risk:{id_of(check)}:decided"
    return queue_hub_notice(session, [check.hub_id], words, key, path=path, action=TO_THE_CHECK, now=now)


def queue_held(session: Session, found: Sequence[Held], *, now: datetime) -> int:
    """Tell hubs which activities wait for a check; each wait is told once."""
    told = 0
    for one in found:
        if one.is_asked:
            continue
        words = {one.hub_id: (_title(one), _why(one), (), "")}
        told += queue_hub_notice(
            session, [one.hub_id], words, _key(one), path=one.path, action=TO_THE_CHECK, now=now
        )
    return told


def _key(one: Held) -> str:
    about = f"s{id_of(one.series)}" if one.series is not None else f"a{id_of(one.first.activity)}"
    return f"risk_due:{about}:{one.latest.id if one.latest else 0}"


def _title(one: Held) -> Text:
    sentence = Text("先过风险检查才能发布：{title}", "A risk check comes first: {title}")
    return sentence.format(title=one.first.title)


def _why(one: Held) -> Text:
    n, when = len(one.activity_ids), moment_text(one.first.activity.starts_at, one.first.hub.time_zone)
    return Text(
        f"排好的{n}场还没有发布，最早{when.zh}。几道题，答完由另一位负责人点头。",
        f"{n} planned {plural(n, 'date is', 'dates are')} not published yet, the first on {when.en}. "
        "Answer a few questions; another manager agrees.",
    )
