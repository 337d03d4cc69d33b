"""Hours as their owner and the hub see them: what counts, how many stars, every line and every claim."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, select
from sqlmodel import Session, col

from config.text import Text
from models import (
    Activity,
    Certificate,
    HoursCategory,
    HoursClaim,
    HoursEntry,
    HoursSource,
    Hub,
    Person,
    Volunteer,
)
from models.states import ClaimState
from services.hours_rules import HoursRules, hours_rules, star_rules
from services.no_shows import PauseView, pause_of
from services.policy_history import History
from services.queries import id_of, named, required
from services.wording import local_day

SHOWN = 100
HOUR = 60


@dataclass(frozen=True)
class HoursLine:
    """Hold one line of the ledger in words; a correction names the line that it sets right."""

    entry_id: int
    corrects_id: int | None
    served_on: date
    what: Text
    hub: Text
    minutes: int
    source: HoursSource
    category: HoursCategory
    counts: bool
    reason: str


@dataclass(frozen=True)
class ClaimLine:
    """Hold one claim in words; `minutes_that_day` is what the ledger already holds of its day."""

    claim_id: int
    person_code: str
    name: str
    served_on: date
    minutes: int
    category: HoursCategory
    what: str
    state: ClaimState
    asked_at: datetime
    by_staff: bool
    reason: str
    minutes_that_day: int = 0


@dataclass(frozen=True)
class CertificateLine:
    """Hold one certificate that was issued."""

    number: str
    first_day: date
    last_day: date
    minutes: int
    issued_at: datetime
    is_revoked: bool


@dataclass(frozen=True)
class Balance:
    """Hold what somebody's hours come to, in minutes.

    `counted` is what makes stars: lines that count, no day above its cap. `timed`, `staff` and `claimed` are all
    lines by how they are known, corrections with their line; they add up to `total`.
    """

    total: int
    this_year: int
    counted: int
    timed: int
    staff: int
    claimed: int
    stars: int
    next_star: tuple[int, int] | None
    """The next star and the minutes that it still takes."""


@dataclass(frozen=True)
class HoursPage:
    """Hold somebody's own page: what it comes to, the newest lines, the newest claims."""

    person_id: int
    name: str
    called: str
    language: str
    time_zone: str
    home_hub: Text
    today: date
    balance: Balance
    lines: tuple[HoursLine, ...]
    claims: tuple[ClaimLine, ...]
    certificates: tuple[CertificateLine, ...]
    pause: PauseView | None
    """Until when the person is not asked, if so."""


def hours_page(session: Session, person_id: int, *, now: datetime) -> HoursPage:
    """Return a volunteer's own page; raises `NotFound` for who is no volunteer."""
    person = required(session, Person, person_id)
    hub = required(session, Hub, required(session, Volunteer, person_id).home_hub_id)
    today = local_day(now, hub.time_zone)
    mine = col(HoursClaim.person_id) == person_id
    pause = pause_of(session, person_id, now=now)
    held_from = local_day(pause.starts_at, hub.time_zone) if pause and pause.holds_stars else None
    return HoursPage(
        person_id=person_id,
        name=person.name,
        called=person.form_of_address or person.name,
        language=person.language,
        time_zone=hub.time_zone,
        home_hub=named(hub.name_zh, hub.name_en),
        today=today,
        balance=balance(session, person_id, today=today, held_from=held_from),
        lines=tuple(hours_lines(session, col(HoursEntry.person_id) == person_id, limit=SHOWN)),
        claims=tuple(claim_lines(session, mine, limit=SHOWN)),
        certificates=_certificates(session, person_id),
        pause=pause,
    )


def balance(session: Session, person_id: int, *, today: date, held_from: date | None = None) -> Balance:
    """Return what somebody's hours come to today; from `held_from` on they make no further star."""
    mine = col(HoursEntry.person_id) == person_id
    entries = list(session.execute(select(HoursEntry).where(mine)).scalars())
    by_source = _by_source(entries)
    counted = counted_minutes(entries, hours_rules(session))
    ladder = star_rules(session, today)
    for_stars = [one for one in entries if held_from is None or one.served_on < held_from]
    return Balance(
        total=sum(one.minutes for one in entries),
        this_year=sum(one.minutes for one in entries if one.served_on.year == today.year),
        counted=counted,
        timed=by_source[HoursSource.CHECK_IN],
        staff=by_source[HoursSource.STAFF],
        claimed=by_source[HoursSource.CLAIM],
        stars=ladder.stars(counted_minutes(for_stars, hours_rules(session))),
        next_star=ladder.next_star(counted),
    )


def _by_source(entries: Sequence[HoursEntry]) -> Mapping[str, int]:
    """Return the minutes by how they are known, each correction with the line that it sets right."""
    known = {one.id: one.source for one in entries}
    found: defaultdict[str, int] = defaultdict(int)
    for one in entries:
        found[known.get(one.corrects_id, one.source)] += one.minutes
    return found


def counted_minutes(entries: Iterable[HoursEntry], rules: History[HoursRules]) -> int:
    """Return the minutes that make stars: lines that count, and of no day more than its cap."""
    days: defaultdict[date, int] = defaultdict(int)
    for one in entries:
        if one.counts:
            days[one.served_on] += one.minutes
    return sum(max(0, min(minutes, rules.on(day).daily_cap_hours * HOUR)) for day, minutes in days.items())


def hours_lines(
    session: Session, *conditions: ColumnElement[bool], limit: int | None = None
) -> list[HoursLine]:
    """Return lines of the ledger in words, the newest day first, each correction after its line."""
    question = (
        select(HoursEntry, Hub, Activity, col(HoursClaim.what))
        .join(Hub, col(Hub.id) == HoursEntry.hub_id)
        .outerjoin(Activity, col(Activity.id) == HoursEntry.activity_id)
        .outerjoin(HoursClaim, col(HoursClaim.id) == HoursEntry.claim_id)
        .where(*conditions)
        .order_by(col(HoursEntry.served_on).desc(), col(HoursEntry.id))
        .limit(limit)
    )
    rows = session.execute(question).tuples().all()
    claimed = {id_of(entry): what for entry, _, _, what in rows if what}
    return [_line(entry, hub, activity, claimed) for entry, hub, activity, _ in rows]


def claim_lines(
    session: Session, *conditions: ColumnElement[bool], limit: int | None = None
) -> list[ClaimLine]:
    """Return claims in words, the newest first, each with what the ledger holds of its day."""
    question = (
        select(HoursClaim, Person)
        .join(Person, col(Person.id) == HoursClaim.person_id)
        .where(*conditions)
        .order_by(col(HoursClaim.id).desc())
        .limit(limit)
    )
    rows = session.execute(question).tuples().all()
    that_day = _that_day(session, [claim for claim, _ in rows])
    return [
        ClaimLine(
            claim_id=id_of(claim),
            person_code=person.code,
            name=person.name,
            served_on=claim.served_on,
            minutes=claim.minutes,
            category=HoursCategory(claim.category),
            what=claim.what,
            state=ClaimState(claim.state),
            asked_at=claim.asked_at,
            by_staff=claim.asked_by_id != claim.person_id,
            reason=claim.reason,
            minutes_that_day=that_day.get((claim.person_id, claim.served_on), 0),
        )
        for claim, person in rows
    ]


def _certificates(session: Session, person_id: int) -> tuple[CertificateLine, ...]:
    question = select(Certificate).where(col(Certificate.person_id) == person_id)
    rows = session.execute(question.order_by(col(Certificate.id).desc())).scalars()
    return tuple(
        CertificateLine(
            row.number, row.first_day, row.last_day, row.minutes, row.issued_at, row.revoked_at is not None
        )
        for row in rows
    )


def _that_day(session: Session, claims: Sequence[HoursClaim]) -> dict[tuple[int, date], int]:
    """Return what the ledger holds of each claim's day, but for the claim's own line."""
    found: defaultdict[tuple[int, date], int] = defaultdict(int)
    people, days = {claim.person_id for claim in claims}, {claim.served_on for claim in claims}
    own = {claim.id for claim in claims}
    question = select(HoursEntry).where(
        col(HoursEntry.person_id).in_(people), col(HoursEntry.served_on).in_(days)
    )
    for entry in session.execute(question).scalars():
        if entry.claim_id not in own:
            found[entry.person_id, entry.served_on] += entry.minutes
    return found


def _line(entry: HoursEntry, hub: Hub, activity: Activity | None, claimed: dict[int, str]) -> HoursLine:
    what = claimed.get(id_of(entry)) or claimed.get(entry.corrects_id or 0, "")
    return HoursLine(
        entry_id=id_of(entry),
        corrects_id=entry.corrects_id,
        served_on=entry.served_on,
        what=named(activity.title_zh, activity.title_en) if activity else Text(what, what),
        hub=named(hub.name_zh, hub.name_en),
        minutes=entry.minutes,
        source=HoursSource(entry.source),
        category=HoursCategory(entry.category),
        counts=entry.counts,
        reason=entry.reason,
    )
