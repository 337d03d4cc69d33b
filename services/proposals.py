"""Propose days and hours at which one more date of a series can be staffed, and plan one with a tap.

Every free room and half hour of the coming weeks is tried: what stands in its way is left out, and the
rest is ordered by how many of its places would be filled, given who fits and what else wants them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from config.text import Refusal, Text
from matching.supply import Supply
from models import Hub
from scheduling.conflicts import Calendar
from scheduling.proposals import Option, best, free_times
from services import proposal_cache
from services.bookings import bookings
from services.errors import HubError
from services.proposal_times import Wish, tried, wish_of
from services.queries import id_of, named
from services.series_effects import find_series
from services.supplies import estimate_near, supplies_of
from services.wording import local_day, moment_text

LONGEST_WEEKS = 8


@dataclass(frozen=True)
class Proposal:
    """Hold one time and room, with how many of its places would be filled and by how many people."""

    number: int
    starts_at: datetime
    ends_at: datetime
    venue_id: int | None
    venue: str
    expected: float
    places: int
    eligible: int
    free: float
    scarcest: str
    sentence: Text


@dataclass(frozen=True)
class Proposals:
    """Hold the best times for one more date of a series, and how many free ones were compared."""

    series_code: str
    title: Text
    time_zone: str
    compared: int
    proposals: tuple[Proposal, ...]
    sentence: Text


def propose(
    session: Session,
    series_code: str,
    *,
    hub_id: int,
    now: datetime,
    weeks: int = 3,
    count: int = 5,
) -> Proposals:
    """Return the best free times for one more date of a series of the hub.

    Raises `NotFound`, and `HubError` for weeks out of range. Answers are kept until something changes.
    """
    if not 1 <= weeks <= LONGEST_WEEKS:
        raise HubError(Refusal("bad_weeks", _bad_weeks(), field="weeks"))
    series, hub = find_series(session, series_code, hub_id)
    key = hub_id, series_code, weeks, count, local_day(now, hub.time_zone)
    return proposal_cache.kept(
        session, key, lambda: _propose(session, wish_of(session, series, hub, now), now, weeks, count)
    )


def _propose(session: Session, wish: Wish, now: datetime, weeks: int, count: int) -> Proposals:
    until = now + timedelta(weeks=weeks)
    free = free_times(Calendar(bookings(session, now, until)), tried(session, wish, now, weeks))
    estimate = estimate_near(session, id_of(wish.hub), now=now, until=until)
    supplies = supplies_of(session, estimate, wish, free, now=now)
    options = [
        Option(one, supply.expected, supply.places, supply.free)
        for one, supply in zip(free, supplies, strict=True)
    ]
    by_code = {one.code: supply for one, supply in zip(free, supplies, strict=True)}
    chosen = best(options, count, wish.hub.time_zone)
    shown = tuple(
        _proposal(number, option, by_code[option.booking.code], wish.hub)
        for number, option in enumerate(chosen, 1)
    )
    title = named(wish.series.title_zh, wish.series.title_en)
    return Proposals(
        wish.series.code, title, wish.hub.time_zone, len(free), shown, _sentence(title, len(free), shown)
    )


def _proposal(number: int, option: Option, supply: Supply, hub: Hub) -> Proposal:
    one = option.booking
    return Proposal(
        number,
        one.starts_at,
        one.ends_at,
        one.venue_id,
        one.venue,
        supply.expected,
        supply.places,
        supply.eligible,
        supply.free,
        supply.scarcest,
        _line(number, option, supply, hub),
    )


def _line(number: int, option: Option, supply: Supply, hub: Hub) -> Text:
    one, when = option.booking, moment_text(option.booking.starts_at, hub.time_zone)
    where = Text(f"，{one.venue}", f", {one.venue}") if one.venue else Text("", "")
    if not supply.places:
        return Text(
            f"{number}. {when.zh}{where.zh}：空着，不需要志愿者。",
            f"{number}. {when.en}{where.en}: free; no volunteers needed.",
        )
    filled = f"{supply.expected:.1f}"
    return Text(
        f"{number}. {when.zh}{where.zh}：{supply.places}个空位大约能补上{filled}个，合适的有{supply.eligible}人。",
        f"{number}. {when.en}{where.en}: about {filled} of {supply.places} places filled; "
        f"people who fit: {supply.eligible}.",
    )


def _sentence(title: Text, compared: int, shown: Sequence[Proposal]) -> Text:
    if not shown:
        sentence = Text(
            "“{title}”没有找到空的时间：场地、社工或用具都占着。往后多看几周，或放宽时间。",
            "There is no free time for “{title}”: rooms, staff or things are taken. Look further ahead or widen the hours.",
        )
        return sentence.format(title=title)
    sentence = Text(
        "“{title}”比较了{n}个空着的时间，这些最容易配齐人：",
        "“{title}”: of {n} free times these can be staffed best:",
    )
    return sentence.format(title=title, n=compared)


def _bad_weeks() -> Text:
    return Text(
        f"往后看的周数要在1到{LONGEST_WEEKS}之间。", f"The weeks ahead must be between 1 and {LONGEST_WEEKS}."
    )
