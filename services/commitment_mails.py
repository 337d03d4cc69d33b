"""Mails about commitments: managers learn what to confirm, hubs what is asked of them and what was decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from config.text import Text, plural
from models import Commitment, Hub
from models.states import CommitmentState
from notifications import kinds, outbox
from notifications.links import Purpose
from services import commitment_views, decisions
from services.commitment_views import CommitmentView
from services.describing import recipient
from services.queries import batches, coordinators, id_of, named, required

OPEN_PAGE = Text("打开承诺", "Open the commitments")


def queue_hub_notice(
    session: Session,
    hub_ids: Sequence[int],
    words: Mapping[int, tuple[Text, Text, tuple[kinds.Point, ...], str]],
    key: str,
    *,
    path: str = "/commitments",
    action: Text = OPEN_PAGE,
    now: datetime,
) -> int:
    """Tell each hub's coordinators something; `words` has title, sentence, points and reason by hub."""
    people = coordinators(session, hub_ids)
    hubs = {
        id_of(hub): hub
        for batch in batches(hub_ids)
        for hub in session.exec(select(Hub).where(col(Hub.id).in_(batch)))
    }
    mails = [
        (
            f"{key}:{hub_id}:{id_of(person)}",
            kinds.HubNoticeMail(
                to=recipient(person),
                hub=named(hubs[hub_id].name_zh, hubs[hub_id].name_en),
                title=words[hub_id][0],
                sentence=words[hub_id][1],
                points=words[hub_id][2],
                reason=words[hub_id][3],
                action=action,
                page=Purpose.HUB,
                ids=(hub_id, id_of(person)),
                path=path,
                made_at=now,
            ),
        )
        for hub_id in hub_ids
        for person in people.get(hub_id, [])
    ]
    return outbox.queue_many(session, mails, now=now)


def queue_opened(session: Session, opened: Mapping[int, int], cycle_id: int, *, now: datetime) -> int:
    """Tell hubs which drafts were opened for them; once a cycle."""
    words = {
        hub_id: (
            Text(f"有{n}项没达标，请认下承诺", f"{n} below the mark: please make a promise"),
            Text(
                "每项写明目标、日期、谁负责、拿什么证明。达不到的项是从评估结果里来的。",
                "For each say the target, the day, who answers for it and what will show it. "
                "They come from the result of the evaluation.",
            ),
            tuple(
                kinds.Point(view.title, _draft_words(view))
                for view in commitment_views.of_hub(session, hub_id, now=now)
                if view.state == CommitmentState.DRAFT
            ),
            "",
        )
        for hub_id, n in opened.items()
    }
    return queue_hub_notice(session, list(opened), words, f"commitments:{cycle_id}:opened", now=now)


def queue_reported(session: Session, found: Commitment, *, now: datetime) -> int:
    """Tell the managers above the hub that a result waits for their confirmation."""
    view = commitment_views.view_of(session, id_of(found), now=now)
    what = f"commitment:{id_of(found)}:{now:%Y%m%dT%H%M%SZ}"
    points = [decisions.point_of(view)]
    but = (found.owner_id, found.reported_by_id)
    unit_id = required(session, Hub, found.hub_id).unit_id
    return decisions.tell_managers(session, unit_id, what, points, now=now, but=but)


def queue_answered(session: Session, found: Commitment, *, now: datetime) -> int:
    """Tell the hub that its report was confirmed or sent back, or that a commitment was dropped."""
    view = commitment_views.view_of(session, id_of(found), now=now)
    title, sentence = _answer(view)
    key = f"commitment:{id_of(found)}:answer:{now:%Y%m%dT%H%M%SZ}"
    words = {found.hub_id: (title, sentence, (), found.reason)}
    return queue_hub_notice(session, [found.hub_id], words, key, now=now)


def _draft_words(view: CommitmentView) -> Text:
    again = (
        Text(f"第{view.repeats + 1}次没达标，", f"missed for the {ordinal(view.repeats + 1)} time; ")
        if view.repeats
        else Text("", "")
    )
    return Text(
        f"{again.zh}现在{view.baseline:.3g}{view.unit.zh}，建议目标{view.target:g}{view.unit.zh}。",
        f"{again.en}now {view.baseline:.3g} {view.unit.en}, suggested target {view.target:g} {view.unit.en}".rstrip()
        + ".",
    )


def _answer(view: CommitmentView) -> tuple[Text, Text]:
    name = view.title
    if view.state == CommitmentState.CONFIRMED:
        return (
            Text(f"承诺确认了：{name.zh}", f"Confirmed: {name.en}"),
            Text(
                f"{view.confirmed_by}确认完成{view.fulfilment:.0%}。",
                f"{view.confirmed_by} confirmed that {view.fulfilment:.0%} was fulfilled.",
            ),
        )
    if view.state == CommitmentState.DROPPED:
        return (
            Text(f"承诺撤下了：{name.zh}", f"Dropped: {name.en}"),
            Text("不用再做，也不计入完成率。", "Nothing more is asked, and it does not count."),
        )
    return (
        Text(f"承诺退回了：{name.zh}", f"Sent back: {name.en}"),
        Text("看一下理由，补好再上报一次。", "Read why, mend it and report once more."),
    )


def ordinal(number: int) -> str:
    """Return "2nd" of 2, for English sentences."""
    last = plural(number, "st", {2: "nd", 3: "rd"}.get(number, "th"))
    return f"{number}{last}"
