"""Hours that nobody had planned: said by one person, confirmed or refused by another, then in the ledger."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import isfinite

from sqlalchemy import select
from sqlmodel import Session, col

from config.text import Refusal, Text
from models import HoursCategory, HoursClaim, HoursEntry, HoursSource, Hub, Person, Volunteer
from models.states import ClaimState, PersonState
from services import audit, mails_hours
from services.access import may_coordinate, may_release
from services.errors import HubError, NotFound, NotYours, TooLate
from services.hours_rules import LONGEST_DAY, HoursRules, hours_rules
from services.hours_words import (
    ASKED,
    CATEGORY,
    DAY,
    DECIDED,
    FUTURE,
    HOURS,
    NO_VOLUNTEER,
    NOT_YOURS,
    OLD,
    OWN,
    REASON,
    SENTENCES,
    SHORT,
    STATES,
    WHAT,
)
from services.queries import NO_SUCH_THING, id_of, required
from services.queries import claim as claim_row
from services.wording import day_text, local_day

LONGEST_WHAT = 200
HOUR = 60
CATEGORIES: Mapping[HoursCategory, Text] = {
    HoursCategory.ACTIVITY: Text("活动里帮忙", "helping at an activity"),
    HoursCategory.PREPARATION: Text("筹备", "preparation"),
    HoursCategory.TRAINING: Text("参加培训", "being trained"),
    HoursCategory.OTHER: Text("其他服务", "other service"),
}


@dataclass(frozen=True)
class ClaimForm:
    """Hold what somebody typed: a day, hours, what was done, of which kind."""

    served_on: str = ""
    hours: str = ""
    what: str = ""
    category: str = ""


@dataclass(frozen=True)
class Claimed:
    """Say that a claim waits for somebody else's yes; `again` when it already did."""

    claim_id: int
    minutes: int
    sentence: Text
    again: bool = False


@dataclass(frozen=True)
class Decided:
    """Say what became of a claim; `minutes` is what came into the ledger."""

    claim_id: int
    state: ClaimState
    minutes: int
    sentence: Text
    again: bool = False


def claim_hours(
    session: Session, person_id: int, form: ClaimForm, *, now: datetime, by: int | None = None
) -> Claimed:
    """Claim hours for a volunteer's home hub; by staff in their name where `by` says so.

    The same claim twice is one. Raises `HubError` with every wrong field.
    """
    hub = _home_hub(session, person_id)
    if by is not None and by != person_id:
        _require_staff(session, by, hub)
    rules = hours_rules(session)
    day, minutes = _day(form, now, hub), _minutes(form)
    what, category = form.what.strip()[:LONGEST_WHAT], _category(form)
    refusals = [one for one in (day, minutes, category) if isinstance(one, Refusal)]
    if not what:
        refusals.append(Refusal("claim_what", WHAT, field="what"))
    if isinstance(day, date) and (too_old := _too_old(day, rules.on(day), now, hub)):
        refusals.append(too_old)
    if refusals or isinstance(day, Refusal) or isinstance(minutes, Refusal) or isinstance(category, Refusal):
        raise HubError(refusals)
    worth = rules.on(day).rounded(minutes)
    if not worth:
        raise HubError(
            Refusal("claim_too_short", SHORT.format(n=rules.on(day).round_to_minutes), field="hours")
        )
    same = _same(session, person_id, day, worth, what)
    if same is not None:
        return Claimed(id_of(same), worth, ASKED, again=True)
    row = HoursClaim(
        person_id=person_id,
        hub_id=id_of(hub),
        served_on=day,
        minutes=worth,
        category=category,
        what=what,
        asked_by_id=by or person_id,
        asked_at=now,
    )
    session.add(row)
    session.flush()
    return Claimed(id_of(row), worth, ASKED)


def withdraw(session: Session, claim_id: int, *, person_id: int, now: datetime) -> Decided:
    """Take one's own claim back; raises `NotFound` for anybody else's, `TooLate` once it is decided."""
    row = required(session, HoursClaim, claim_id)
    if row.person_id != person_id:
        raise NotFound(NO_SUCH_THING)
    return _decide(session, row, ClaimState.WITHDRAWN, by=person_id, reason="", now=now)


def decide(
    session: Session, claim_id: int, *, is_right: bool, by: int, now: datetime, reason: str = ""
) -> Decided:
    """Confirm a claim, which enters its hours, or refuse it with a reason.

    Raises `NotYours` for who runs neither the hub nor its branch, `HubError` for who made the claim or serves
    in it, and `TooLate` where somebody else decided otherwise.
    """
    row = required(session, HoursClaim, claim_id)
    hub = required(session, Hub, row.hub_id)
    _require_staff(session, by, hub)
    if by in (row.person_id, row.asked_by_id):
        raise HubError(Refusal("claim_own", OWN))
    if not is_right and not reason.strip():
        raise HubError(Refusal("claim_reason", REASON, field="reason"))
    state = ClaimState.CONFIRMED if is_right else ClaimState.REFUSED
    done = _decide(session, row, state, by=by, reason=reason.strip()[:LONGEST_WHAT], now=now)
    if not done.again:
        mails_hours.queue_decided(session, row, now=now)
    return done


def _decide(
    session: Session, row: HoursClaim, state: ClaimState, *, by: int, reason: str, now: datetime
) -> Decided:
    values = {"state": state, "decided_at": now, "decided_by_id": by, "reason": reason}
    if not claim_row(session, row, col(HoursClaim.state) == ClaimState.ASKED, **values):
        if row.state == state:
            return Decided(id_of(row), state, 0, SENTENCES[state], again=True)
        raise TooLate(Refusal("claim_decided", DECIDED.format(state=STATES[ClaimState(row.state)])))
    changes = {"state": (str(ClaimState.ASKED), str(state))}
    audit.record(session, row, f"hours.{state}", now=now, by=by, changes=changes, reason=reason)
    minutes = _enter(session, row, by=by, now=now) if state == ClaimState.CONFIRMED else 0
    session.flush()
    return Decided(id_of(row), state, minutes, SENTENCES[state])


def _enter(session: Session, row: HoursClaim, *, by: int, now: datetime) -> int:
    source = HoursSource.CLAIM if row.asked_by_id == row.person_id else HoursSource.STAFF
    rules = hours_rules(session).on(row.served_on)
    session.add(
        HoursEntry(
            claim_id=id_of(row),
            person_id=row.person_id,
            hub_id=row.hub_id,
            minutes=row.minutes,
            source=source,
            category=row.category,
            counts=rules.counts(source, HoursCategory(row.category)),
            served_on=row.served_on,
            entered_at=now,
            entered_by_id=by,
        )
    )
    return row.minutes


def _home_hub(session: Session, person_id: int) -> Hub:
    question = (
        select(Person, Hub)
        .join(Volunteer, col(Volunteer.person_id) == Person.id)
        .join(Hub, col(Hub.id) == Volunteer.home_hub_id)
        .where(col(Person.id) == person_id, col(Person.state) == PersonState.ACTIVE)
    )
    rows: list[tuple[Person, Hub]] = list(session.execute(question).tuples())
    if not rows:
        raise NotFound(Refusal("claim_no_volunteer", NO_VOLUNTEER))
    # Two forms sent at once wait for each other, or the same claim could stand twice.
    person, hub = rows[0]
    session.refresh(person, with_for_update=True)
    return hub


def _require_staff(session: Session, by: int, hub: Hub) -> None:
    if not (may_coordinate(session, by, id_of(hub)) or may_release(session, by, hub.unit_id)):
        raise NotYours(Refusal("claim_not_yours", NOT_YOURS))


def _same(session: Session, person_id: int, day: date, minutes: int, what: str) -> HoursClaim | None:
    question = select(HoursClaim).where(
        col(HoursClaim.person_id) == person_id,
        col(HoursClaim.served_on) == day,
        col(HoursClaim.minutes) == minutes,
        col(HoursClaim.what) == what,
        col(HoursClaim.state).in_((ClaimState.ASKED, ClaimState.CONFIRMED)),
    )
    return session.execute(question).scalars().first()


def _day(form: ClaimForm, now: datetime, hub: Hub) -> date | Refusal:
    try:
        day = date.fromisoformat(form.served_on.strip())
    except ValueError:
        return Refusal("claim_day", DAY, field="served_on")
    return Refusal("claim_future", FUTURE, field="served_on") if day > local_day(now, hub.time_zone) else day


def _too_old(day: date, rules: HoursRules, now: datetime, hub: Hub) -> Refusal | None:
    first = local_day(now, hub.time_zone) - timedelta(days=rules.claim_within_days)
    return Refusal("claim_old", OLD.format(day=day_text(first)), field="served_on") if day < first else None


def _minutes(form: ClaimForm) -> int | Refusal:
    typed = unicodedata.normalize("NFKC", form.hours).strip().removesuffix("小时").strip()
    try:
        # Python reads "1_0" as ten; nobody who types it means that.
        hours = 0.0 if "_" in typed else float(typed)
    except ValueError:
        hours = 0.0
    if not isfinite(hours) or not 0 < hours <= LONGEST_DAY:
        return Refusal("claim_hours", HOURS, field="hours")
    return round(hours * HOUR)


def _category(form: ClaimForm) -> HoursCategory | Refusal:
    known = {str(category): category for category in CATEGORIES}
    return known.get(form.category) or Refusal("claim_category", CATEGORY, field="category")
