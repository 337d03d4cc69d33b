"""Mails about objections: hubs are asked to check a draft, and told what was decided or set right."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlmodel import Session

from config.text import Text
from models import Cycle, HubScore, Objection, Override, Report
from models.states import ObjectionState
from notifications import kinds, outbox
from notifications.links import Purpose
from services import decisions
from services.describing import recipient
from services.evaluation_cycles import cycle_name, today_of
from services.frameworks import framework_of
from services.queries import coordinators, id_of, required
from services.report_scores import scores_of

Words = tuple[Text, Text, str]
CHECK = Text("核对我们的数据", "Check our data")
READ = Text("看我们的结果", "See our result")


def queue_shared(session: Session, report: Report, cycle: Cycle, until: datetime, *, now: datetime) -> int:
    """Ask every hub of a draft to check its own facts."""
    day = decisions.day_words(today_of(until - timedelta(seconds=1)))
    name = cycle_name(cycle)
    words = (
        Text("评估草稿出来了，请核对事实", "The draft is out: please check the facts"),
        Text(
            f"{name.zh}还没有签发。{day.zh}前可以指出哪项事实不对，由别人裁定。",
            f"The {name.en} is not released. Through {day.en} you can say which fact is wrong; "
            "somebody else decides.",
        ),
        "",
    )
    hubs = {id_of(one.hub): words for one in scores_of(session, report).hubs}
    key = f"accuracy:{id_of(report)}:{report.drafted_at:%Y%m%dT%H%M%SZ}"
    return _queue(session, report, hubs, key, action=CHECK, now=now)


def queue_decided(session: Session, objection: Objection, *, now: datetime) -> int:
    """Tell a hub what became of its objection, with the reason."""
    report = required(session, Report, objection.report_id)
    cycle = required(session, Cycle, report.cycle_id)
    name = framework_of(session, cycle).indicator[objection.indicator].text
    is_upheld = objection.state == ObjectionState.UPHELD
    words = (
        Text(f"异议成立：{name.zh}", f"Upheld: {name.en}")
        if is_upheld
        else Text(f"异议不成立：{name.zh}", f"Not upheld: {name.en}"),
        Text(
            "数字会由两个人改正，改好再告诉你们。",
            "Two people will set the number right, and we will tell you.",
        )
        if is_upheld
        else Text("分数不变。", "The score stays as it is."),
        objection.answer,
    )
    key = f"objection:{id_of(objection)}:decided"
    return _queue(session, report, {objection.hub_id: words}, key, action=READ, now=now)


def queue_set_right(
    session: Session, override: Override, before: HubScore | None, after: HubScore | None, *, now: datetime
) -> int:
    """Tell a hub that a number was set right, and its score before and after."""
    report = required(session, Report, override.report_id)
    old, new = (_shown(one) for one in (before, after))
    cycle = required(session, Cycle, report.cycle_id)
    name = framework_of(session, cycle).indicator[override.indicator].text
    words = (
        Text(f"改正了：{name.zh}", f"Set right: {name.en}"),
        Text(f"总分从{old.zh}变成{new.zh}。", f"The total was {old.en} and is {new.en} now."),
        override.reason,
    )
    return _queue(
        session, report, {override.hub_id: words}, f"override:{id_of(override)}", action=READ, now=now
    )


def _shown(score: HubScore | None) -> Text:
    if score is None or score.total is None:
        return Text("没有", "none")
    return Text(f"{score.total:.1f}", f"{score.total:.1f}")


def _queue(
    session: Session, report: Report, words: Mapping[int, Words], key: str, *, action: Text, now: datetime
) -> int:
    known = {id_of(one.hub): one.name for one in scores_of(session, report).hubs}
    mails = [
        (
            f"{key}:{hub_id}:{id_of(person)}",
            kinds.HubNoticeMail(
                to=recipient(person),
                hub=known[hub_id],
                title=title,
                sentence=sentence,
                reason=reason,
                action=action,
                page=Purpose.HUB_SCORE,
                ids=(id_of(report), hub_id, id_of(person)),
                made_at=now,
            ),
        )
        for hub_id, people in coordinators(session, list(words)).items()
        for person in people
        for title, sentence, reason in [words[hub_id]]
    ]
    return outbox.queue_many(session, mails, now=now)
