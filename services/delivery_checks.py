"""Is it still true? What delivery asks about claimed mails before they leave, one query a table.

A mail about an offer that was withdrawn, an activity that moved, or a stream that somebody left
since it was queued is not sent, and its row says why.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from sqlmodel import Session, col, func, select

from models import (
    Activity,
    Assessment,
    Attendance,
    BackgroundCheck,
    Consent,
    Cycle,
    FundingApplication,
    Invitation,
    Offer,
    Participation,
    Report,
    Suppression,
    Swap,
)
from models.states import (
    ActivityState,
    AssessmentState,
    ConsentState,
    CycleState,
    FundingState,
    InvitationState,
    MessageState,
    OfferState,
    ParticipationState,
    Presence,
    SwapState,
)
from notifications.kinds import Lane
from notifications.outbox import Claimed
from services.attendance_closing import unrecorded
from services.holding import who_holds
from services.mail_rules import mail_rules
from services.preferences import EVERYTHING
from services.queries import id_of

About: TypeAlias = Mapping[str, int]
Rule: TypeAlias = "Callable[[Facts, About, datetime], bool]"


@dataclass
class Facts:
    """Hold how things stand now, by id, for all mails of a batch."""

    offers: dict[int, tuple[str, datetime | None]] = field(default_factory=dict)
    activities: dict[int, tuple[str, int, datetime]] = field(default_factory=dict)
    participations: dict[int, str] = field(default_factory=dict)
    consents: dict[int, str] = field(default_factory=dict)
    assessments: dict[int, tuple[str, str]] = field(default_factory=dict)
    invitations: dict[int, tuple[str, str]] = field(default_factory=dict)
    reports: dict[int, datetime | None] = field(default_factory=dict)
    fundings: dict[int, tuple[str, int]] = field(default_factory=dict)
    checked_until: dict[int, int] = field(default_factory=dict)
    """By person, the last day of the newest background check, as a number."""
    swaps: dict[int, str] = field(default_factory=dict)
    absent: set[int] = field(default_factory=set)
    """Offers whose holder did not come, by the record that counts."""
    unrecorded: set[int] = field(default_factory=set)
    """Activities of which somebody's attendance is not known."""


def not_to_send(
    session: Session, rows: Sequence[Claimed], *, now: datetime
) -> dict[int, tuple[MessageState, str]]:
    """Return, for each row that must not leave, the state it gets and why."""
    suppressed = _suppressed(session, rows)
    facts = _facts(session, rows)
    held = who_holds(session)
    oldest = now - timedelta(days=mail_rules(session, now=now).bulk_days)
    verdicts = {}
    for row in rows:
        if _is_late(row, now, oldest):
            verdicts[row.id] = (MessageState.EXPIRED, "too_late")
        elif (reason := suppressed.get((row.to_address, row.stream))) is not None:
            verdicts[row.id] = (MessageState.SUPPRESSED, reason)
        elif not RULES.get(row.kind, _always)(facts, row.subject, now):
            verdicts[row.id] = (MessageState.OBSOLETE, "no_longer_true")
        elif (why := held(row)) is not None:
            verdicts[row.id] = (MessageState.HELD, why)
    return verdicts


def _is_late(row: Claimed, now: datetime, oldest: datetime) -> bool:
    if row.lane == Lane.BULK and row.created_at <= oldest:
        return True
    return row.expires_at is not None and row.expires_at <= now


def _suppressed(session: Session, rows: Sequence[Claimed]) -> dict[tuple[str, str], str]:
    wanted = {(row.to_address, row.stream) for row in rows}
    query = select(Suppression.address, Suppression.stream, Suppression.reason).where(
        col(Suppression.address).in_({address for address, _ in wanted})
    )
    found = {(address, stream): reason for address, stream, reason in session.exec(query)}
    reasons = {
        (address, stream): found.get((address, stream)) or found.get((address, EVERYTHING))
        for address, stream in wanted
    }
    return {pair: reason for pair, reason in reasons.items() if reason is not None}


def _facts(session: Session, rows: Sequence[Claimed]) -> Facts:
    ids: dict[str, set[int]] = {}
    for row in rows:
        for thing, number in row.subject.items():
            ids.setdefault(thing, set()).add(number)
    return Facts(
        offers=_by_id(session, ids.get("offer"), Offer.id, Offer.state, Offer.expires_at),
        activities=_by_id(
            session, ids.get("activity"), Activity.id, Activity.state, Activity.revision, Activity.starts_at
        ),
        participations=_states(session, ids.get("participation"), Participation.id, Participation.state),
        consents=_states(session, ids.get("consent"), Consent.id, Consent.state),
        assessments=_in_cycle(session, ids.get("assessment"), Assessment),
        invitations=_in_cycle(session, ids.get("invitation"), Invitation),
        reports=_states(session, ids.get("report"), Report.id, Report.released_at),
        fundings=_by_id(
            session,
            ids.get("funding"),
            FundingApplication.id,
            FundingApplication.state,
            FundingApplication.version,
        ),
        checked_until=_checked_until(session, ids.get("checked")),
        swaps=_states(session, ids.get("swap"), Swap.id, Swap.state),
        absent=_absent(session, ids.get("absence")),
        unrecorded=_unrecorded(session, ids.get("attendance")),
    )


def _by_id(session: Session, ids: set[int] | None, *columns: Any) -> dict[int, Any]:
    if not ids:
        return {}
    rows = session.execute(select(*columns).where(columns[0].in_(ids)))
    return {row[0]: tuple(row[1:]) for row in rows}


def _states(session: Session, ids: set[int] | None, *columns: Any) -> dict[int, Any]:
    return {number: value for number, (value,) in _by_id(session, ids, *columns).items()}


def _in_cycle(
    session: Session, ids: set[int] | None, table: type[Assessment | Invitation]
) -> dict[int, tuple[str, str]]:
    if not ids:
        return {}
    rows = session.execute(
        select(col(table.id), col(table.state), col(Cycle.state))
        .join(Cycle, col(Cycle.id) == col(table.cycle_id))
        .where(col(table.id).in_(ids))
    )
    return {number: (state, cycle) for number, state, cycle in rows}


def _absent(session: Session, ids: set[int] | None) -> set[int]:
    if not ids:
        return set()
    records = select(Attendance).where(col(Attendance.offer_id).in_(ids)).order_by(col(Attendance.id))
    newest = {record.offer_id: record.presence for record in session.exec(records)}
    return {offer_id for offer_id, presence in newest.items() if presence == Presence.NO_SHOW}


def _unrecorded(session: Session, ids: set[int] | None) -> set[int]:
    if not ids:
        return set()
    return {id_of(occasion.activity) for occasion, _ in unrecorded(session, col(Activity.id).in_(ids))}


def _checked_until(session: Session, ids: set[int] | None) -> dict[int, int]:
    if not ids:
        return {}
    question = (
        select(BackgroundCheck.person_id, func.max(BackgroundCheck.expires_on))
        .where(col(BackgroundCheck.person_id).in_(ids))
        .group_by(col(BackgroundCheck.person_id))
    )
    return {person: until.toordinal() for person, until in session.exec(question)}


def _always(_facts: Facts, _about: About, _now: datetime) -> bool:
    return True


def _happens(facts: Facts, about: About, now: datetime) -> bool:
    state, revision, starts_at = facts.activities.get(about["activity"], ("", 0, now))
    return state == ActivityState.PUBLISHED and revision == about["revision"] and starts_at > now


def _offer_is(*states: OfferState) -> Rule:
    def rule(facts: Facts, about: About, now: datetime) -> bool:
        state, _ = facts.offers.get(about["offer"], ("", None))
        return _happens(facts, about, now) and state in states

    return rule


def _offer_is_open(facts: Facts, about: About, now: datetime) -> bool:
    state, expires_at = facts.offers.get(about["offer"], ("", None))
    in_time = expires_at is None or expires_at > now
    return _happens(facts, about, now) and state == OfferState.SENT and in_time


def _seat_is(*states: ParticipationState) -> Rule:
    def rule(facts: Facts, about: About, now: datetime) -> bool:
        return _happens(facts, about, now) and facts.participations.get(about["participation"]) in states

    return rule


def _still_coming(facts: Facts, about: About, now: datetime) -> bool:
    if "offer" in about:
        return _offer_is(OfferState.SENT, OfferState.ACCEPTED)(facts, about, now)
    return "participation" not in about or _seat_is(*_HOLDS_SEAT)(facts, about, now)


def _is_cancelled(facts: Facts, about: About, _now: datetime) -> bool:
    return facts.activities.get(about["activity"], ("",))[0] == ActivityState.CANCELLED


def _released(facts: Facts, about: About, _now: datetime) -> bool:
    return facts.reports.get(about["report"]) is not None


def _drafted(facts: Facts, about: About, now: datetime) -> bool:
    return about["report"] in facts.reports and not _released(facts, about, now)


def _funding_is(*states: FundingState) -> Rule:
    def rule(facts: Facts, about: About, _now: datetime) -> bool:
        state, version = facts.fundings.get(about["funding"], ("", 0))
        return state in states and version == about["version"]

    return rule


_HOLDS_SEAT = (ParticipationState.SIGNED_UP, ParticipationState.WAITING, ParticipationState.OFFERED)
_ASKED = (AssessmentState.ASKED, CycleState.COLLECTING)
_DRAWN = (InvitationState.DRAWN, CycleState.COLLECTING)

RULES: dict[str, Rule] = {
    "offer": _offer_is_open,
    "offer_reminder": _offer_is_open,
    "call_out": _offer_is_open,
    "stand_down": _offer_is(OfferState.WITHDRAWN),
    "place_taken": _offer_is(OfferState.SENT, OfferState.EXPIRED, OfferState.STANDBY, OfferState.WITHDRAWN),
    "confirmation": _offer_is(OfferState.ACCEPTED),
    "reminder": _offer_is(OfferState.ACCEPTED),
    "substitute": _offer_is(OfferState.ACCEPTED, OfferState.DECLINED),
    "reserve_needed": _offer_is(OfferState.ACCEPTED),
    "swap_asked": lambda facts, about, _: facts.swaps.get(about["swap"]) == SwapState.ASKED,
    "changed": _still_coming,
    "cancelled": _is_cancelled,
    "on_again": _still_coming,
    "sign_up_confirmed": _seat_is(ParticipationState.SIGNED_UP),
    "sign_up_waiting": _seat_is(ParticipationState.WAITING),
    "place_freed": _seat_is(ParticipationState.OFFERED),
    "consent": lambda facts, about, _: facts.consents.get(about["consent"]) == ConsentState.ASKED,
    "no_show": lambda facts, about, _: about["absence"] in facts.absent,
    "attendance": lambda facts, about, _: about["attendance"] in facts.unrecorded,
    "assessment": lambda facts, about, _: facts.assessments.get(about["assessment"]) == _ASKED,
    "assessment_reminder": lambda facts, about, _: facts.assessments.get(about["assessment"]) == _ASKED,
    "survey_reminder": lambda facts, about, _: facts.invitations.get(about["invitation"]) == _DRAWN,
    "check_lapsing": lambda facts, about, _: facts.checked_until.get(about["checked"]) == about["until"],
    "survey": lambda facts, about, _: facts.invitations.get(about["invitation"]) == _DRAWN,
    "report_drafted": _drafted,
    "report_released": _released,
    "hub_score": _released,
    "funding_asked": _funding_is(FundingState.SUBMITTED, FundingState.UNDER_REVIEW),
    "funding_decided": _funding_is(
        FundingState.RETURNED, FundingState.APPROVED, FundingState.REJECTED, FundingState.EXECUTING
    ),
}
"""Per kind, what must hold for the mail to be still true; kinds that are not here always are."""
