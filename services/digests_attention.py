"""What needs a coordinator's attention, worst first: the list of the hub's page and of its digest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlmodel import Session, col

from config.text import Language, Text, plural
from models import Activity
from notifications.dates import LocalTime
from services.attendance_closing import unrecorded
from services.consents_view import ExpiringConsent, expiring
from services.digests_rows import (
    LapsingCheck,
    OpenPlaces,
    RunningOut,
    WeekLine,
    lapsing_checks,
    open_places,
    running_out,
    week_lines,
)
from services.digests_weeks import week_of
from services.funding_tasks import FundingTask, funding_tasks
from services.gate import Held, held
from services.hours_desk import WaitingClaims, waiting_claims
from services.queries import Occasion, id_of
from services.swap_views import WaitingSwap, waiting_swaps

BELOW_MINIMUM, BELOW_DESIRED = timedelta(hours=72), timedelta(hours=24)
"""How long before the start an empty place becomes pressing."""
PUBLISH_BEFORE = timedelta(days=3)
"""So long before the start people can still be found and sign up."""
RECORD_WITHIN = timedelta(days=3)
STILL_RECORDED = timedelta(days=30)
CONFIRM_WITHIN = timedelta(days=7)


class Matter(StrEnum):
    """What an item of the list is about."""

    PLACES = "places"
    OFFERS = "offers"
    ATTENDANCE = "attendance"
    CHECKS = "checks"
    CONSENTS = "consents"
    RISKS = "risks"
    CLAIMS = "claims"
    SWAPS = "swaps"
    FUNDING = "funding"


@dataclass(frozen=True)
class AttentionItem:
    """Hold one thing that needs somebody: what, why it matters, what to press."""

    matter: Matter
    gets_worse_at: datetime
    """When waiting begins to cost; the list is sorted by it."""
    tag: Text
    title: Text
    sentence: Text
    action: Text
    count: int
    activity_id: int | None = None
    activity_code: str = ""
    path: str = ""
    """Its page below the hub's own, where that is none of an activity."""


@dataclass(frozen=True)
class Attention:
    """Hold a hub's list, worst first, and its week."""

    hub_id: int
    items: tuple[AttentionItem, ...]
    week: tuple[WeekLine, ...]
    """The published activities of the week in which we are."""


def attention(session: Session, hub_id: int, *, now: datetime) -> Attention:
    """Return what needs a hub's coordinators, worst first."""
    return attentions(session, [hub_id], now=now)[hub_id]


def attentions(session: Session, hub_ids: Sequence[int], *, now: datetime) -> dict[int, Attention]:
    """Return the lists of many hubs with the same few questions as for one."""
    found: dict[int, list[AttentionItem]] = {hub_id: [] for hub_id in hub_ids}
    for hub_id, item in _all_items(session, hub_ids, now):
        found[hub_id].append(item)
    weeks = _weeks(session, hub_ids, now)
    return {
        hub_id: Attention(hub_id, tuple(sorted(items, key=_worst_first)), weeks[hub_id])
        for hub_id, items in found.items()
    }


def _all_items(
    session: Session, hub_ids: Sequence[int], now: datetime
) -> Iterable[tuple[int, AttentionItem]]:
    for places in open_places(session, hub_ids, now):
        yield places.line.hub_id, _places(places, now)
    for offers in running_out(session, hub_ids, now):
        yield offers.hub_id, _offers(offers, now)
    ended = col(Activity.hub_id).in_(hub_ids), col(Activity.ends_at) > now - STILL_RECORDED
    for occasion, people in unrecorded(session, *ended):
        yield occasion.activity.hub_id, _attendance(occasion, people, now)
    for checks in lapsing_checks(session, hub_ids, now.date()):
        yield checks.hub_id, _checks(checks, now)
    for waiting in held(session, hub_ids, now=now):
        yield waiting.hub_id, _risks(waiting, now)
    by_hub: dict[int, list[ExpiringConsent]] = {}
    for consent in expiring(session, hub_ids, now=now):
        by_hub.setdefault(consent.hub_id, []).append(consent)
    for hub_id, consents in by_hub.items():
        yield hub_id, _consents(consents, now)
    yield from _asked_of_the_hub(session, hub_ids, now)


def _asked_of_the_hub(
    session: Session, hub_ids: Sequence[int], now: datetime
) -> Iterable[tuple[int, AttentionItem]]:
    for claims in waiting_claims(session, hub_ids):
        yield claims.hub_id, _claims(claims)
    for swap in waiting_swaps(session, hub_ids, now=now):
        yield swap.hub_id, _swap(swap, now)
    for task in funding_tasks(session, hub_ids, now=now):
        yield task.hub_id, _funding(task)


def _weeks(session: Session, hub_ids: Sequence[int], now: datetime) -> dict[int, tuple[WeekLine, ...]]:
    # Asked a day wider on both sides, then cut to each hub's own week.
    week = week_of(now.date(), "UTC")
    day = timedelta(days=1)
    lines = week_lines(session, hub_ids, week.start - day, week.end + day)
    return {
        hub_id: tuple(line for line in found if _is_in_week(line, now)) for hub_id, found in lines.items()
    }


def _is_in_week(line: WeekLine, now: datetime) -> bool:
    own = week_of(now.astimezone(ZoneInfo(line.time_zone)).date(), line.time_zone)
    return own.start <= line.starts_at < own.end


def _worst_first(item: AttentionItem) -> tuple[datetime, str, int]:
    return item.gets_worse_at, item.matter, item.activity_id or 0


def _places(open_: OpenPlaces, now: datetime) -> AttentionItem:
    line, n = open_.line, open_.missing
    starts_at = _words(line.time_zone, now, line.starts_at)
    lead = BELOW_MINIMUM if open_.is_below_minimum else BELOW_DESIRED
    return AttentionItem(
        matter=Matter.PLACES,
        gets_worse_at=line.starts_at - lead,
        tag=Text(f"缺{n}人", f"{n} missing"),
        title=Text(
            f"{line.title.zh}还缺{n}位{open_.role.zh}",
            f"{line.title.en}: {n} {plural(n, 'place', 'places')} for {open_.role.en} open",
        ),
        sentence=Text("{when}开始。{left}", "It starts on {when}. {left}").format(
            when=starts_at, left=_who_is_left(open_)
        ),
        action=Text("看名单", "See the roster"),
        count=n,
        activity_id=line.activity_id,
        activity_code=line.code,
    )


def _who_is_left(open_: OpenPlaces) -> Text:
    waiting, why = open_.line.waiting, open_.why
    if not waiting:
        return Text(f"{why.zh}。", f"{why.en}.")
    return Text(
        f"{waiting}人还没答复。{why.zh}。",
        f"{waiting} {plural(waiting, 'has', 'have')} not answered. {why.en}.",
    )


def _offers(offers: RunningOut, now: datetime) -> AttentionItem:
    n, first = offers.count, _words(offers.time_zone, now, offers.first)
    return AttentionItem(
        matter=Matter.OFFERS,
        gets_worse_at=offers.first,
        tag=Text(f"{n}人没答", f"{n} unanswered"),
        title=Text(
            f"{offers.title.zh}有{n}个邀请没人答",
            f"{offers.title.en}: {n} {plural(n, 'offer', 'offers')} without an answer",
        ),
        sentence=Text(
            f"最早的{first.zh}过期，过期就问下一位。",
            f"The first runs out on {first.en}; then the next person is asked.",
        ),
        action=Text("看名单", "See the roster"),
        count=n,
        activity_id=offers.activity_id,
        activity_code=offers.code,
    )


def _attendance(occasion: Occasion, people: int, now: datetime) -> AttentionItem:
    activity = occasion.activity
    day = _words(occasion.hub.time_zone, now, activity.starts_at)
    return AttentionItem(
        matter=Matter.ATTENDANCE,
        gets_worse_at=activity.ends_at + RECORD_WITHIN,
        tag=Text("没记出勤", "attendance"),
        title=Text(f"{occasion.title.zh}还没记出勤", f"{occasion.title.en} has no attendance yet"),
        sentence=Text(
            f"{day.zh}的活动，{people}人在等；记完，时长就入账。",
            f"It was on {day.en}; {people} {plural(people, 'person waits', 'people wait')}, and hours are "
            "entered once you record.",
        ),
        action=Text("现在记，约2分钟", "Record now, about 2 minutes"),
        count=people,
        activity_id=id_of(activity),
        activity_code=activity.code,
    )


def _risks(waiting: Held, now: datetime) -> AttentionItem:
    first, n = waiting.first.activity, len(waiting.activity_ids)
    when = _words(waiting.first.hub.time_zone, now, first.starts_at)
    title = Text("{title}还没过风险检查", "{title} has not passed its risk check").format(
        title=waiting.first.title
    )
    return AttentionItem(
        matter=Matter.RISKS,
        gets_worse_at=first.starts_at - PUBLISH_BEFORE,
        tag=Text("等点头", "waits for a yes") if waiting.is_asked else Text("没发布", "not published"),
        title=title,
        sentence=_what_is_missing(waiting, n, when),
        action=Text("看检查", "See the check") if waiting.is_asked else Text("答检查表", "Answer the check"),
        count=n,
        path=waiting.path,
    )


def _what_is_missing(waiting: Held, n: int, when: Text) -> Text:
    if waiting.is_asked:
        return Text(
            f"交上去了，等负责人点头；{n}场没有发布，最早{when.zh}。",
            f"Handed in; a manager has not agreed yet. Dates not published: {n}, the first on {when.en}.",
        )
    return Text(
        f"{n}场不能发布，也不问人，最早{when.zh}。答几道题，再由负责人点头。",
        f"Dates not published, and nobody asked: {n}, the first on {when.en}. Answer a few questions; "
        "a manager agrees.",
    )


def _checks(checks: LapsingCheck, now: datetime) -> AttentionItem:
    n, first = checks.count, _days(checks.first, now)
    return AttentionItem(
        matter=Matter.CHECKS,
        gets_worse_at=_midnight(checks.first, checks.time_zone),
        tag=Text("快到期", "lapsing"),
        title=Text(
            f"{n}位志愿者的背景核查快到期",
            f"The {plural(n, 'check', 'checks')} of {n} {plural(n, 'volunteer', 'volunteers')} will lapse soon",
        ),
        sentence=Text(
            f"最早的{first.zh}到期；过期了，要核查的活动就排不了TA。",
            f"The first lapses on {first.en}; after that, no activity that needs a check.",
        ),
        action=Text("看是谁", "See who"),
        count=n,
    )


def _consents(consents: Sequence[ExpiringConsent], now: datetime) -> AttentionItem:
    n, soonest = len(consents), min(consent.expires_on for consent in consents)
    first = _days(soonest, now)
    return AttentionItem(
        matter=Matter.CONSENTS,
        gets_worse_at=_midnight(soonest, "UTC"),
        tag=Text("快到期", "lapsing"),
        title=Text(
            f"{n}份监护人同意书快到期",
            f"{n} {plural(n, 'guardian’s consent', 'guardians’ consents')} will lapse soon",
        ),
        sentence=Text(
            f"最早的{first.zh}到期；不续，就不能再来。",
            f"The first lapses on {first.en}; without a new one they cannot come.",
        ),
        action=Text("看是谁", "See whose"),
        count=n,
    )


def _claims(claims: WaitingClaims) -> AttentionItem:
    n = claims.count
    return AttentionItem(
        matter=Matter.CLAIMS,
        gets_worse_at=claims.first + CONFIRM_WITHIN,
        tag=Text("等确认", "to confirm"),
        title=Text(f"{n}条时长申报等你确认", f"{n} {plural(n, 'claim', 'claims')} of hours to confirm"),
        sentence=Text(
            "计划外的服务，志愿者自己报的；你确认了才算。",
            "Service that nobody had planned, as volunteers say; it counts once you confirm it.",
        ),
        action=Text("看一看", "See them"),
        count=n,
        path="/hours",
    )


def _swap(swap: WaitingSwap, now: datetime) -> AttentionItem:
    one, other = swap.names
    until = _words(swap.time_zone, now, swap.until)
    sentence = Text(
        "两个人都愿意，“{first}”换“{second}”；{until}前没定，就照原来的来。",
        "Both are willing, “{first}” for “{second}”; undecided by {until}, everything stays as it is.",
    )
    return AttentionItem(
        matter=Matter.SWAPS,
        gets_worse_at=swap.until,
        tag=Text("等点头", "waits for a yes"),
        title=Text(f"{one}和{other}想换班", f"{one} and {other} would like to swap"),
        sentence=sentence.format(first=swap.titles[0], second=swap.titles[1], until=until),
        action=Text("看这次换班", "See the swap"),
        count=1,
        path=f"/swaps/{swap.swap_id}",
    )


def _funding(task: FundingTask) -> AttentionItem:
    return AttentionItem(
        matter=Matter.FUNDING,
        gets_worse_at=task.gets_worse_at,
        tag=task.tag,
        title=task.title,
        sentence=task.sentence,
        action=task.action,
        count=1,
        path=f"/funding/{task.application_id}",
    )


def _words(zone: str, now: datetime, moment: datetime) -> Text:
    zh, en = (LocalTime.of(language, zone, now).moment(moment) for language in Language)
    return Text(zh=zh, en=en)


def _days(day: date, now: datetime) -> Text:
    zh, en = (LocalTime.of(language, "UTC", now).day(day) for language in Language)
    return Text(zh=zh, en=en)


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone))
