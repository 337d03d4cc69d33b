"""A number set right: one person proposes with a reason, a second one confirms; the old row stays and is named.

The score is made anew at once: in a draft it replaces the run, in a released report it raises the revision and the
hub is told its total before and after.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import isfinite

from sqlmodel import Session, col, select

from config.text import Refusal, Text
from evaluation.framework import Indicator, Kind
from models import Cycle, HubScore, Observation, Override, Report
from models.states import CycleState, OverrideState
from notifications import kinds
from services import audit, decisions
from services.access import may_coordinate, may_release
from services.errors import HubError, NotYours, TooLate
from services.evaluation_collecting import OVERRIDE
from services.evaluation_scoring import score_again
from services.frameworks import framework_of
from services.objection_mails import queue_set_right
from services.queries import claim, id_of, required
from services.report_readers import NOT_YOUR_REPORT

LONGEST = 1000
SETTLED = Refusal("settled", Text("这项更正已经有结论了。", "This correction is settled already."))
SECOND_PERSON = Refusal(
    "A02",
    Text(
        "提出更正的人和这家青年汇的社工不能自己确认，要第二个人。",
        "Who proposed the correction, and who runs the hub, cannot confirm it: it takes a second person.",
    ),
)


@dataclass(frozen=True)
class Corrected:
    """Hold a correction that was proposed or settled."""

    override_id: int
    sentence: Text


@dataclass(frozen=True)
class Correction:
    """Hold what is to be set right; `observation_id` is None where there was no value."""

    hub_id: int
    indicator: str
    value: float | None
    reason: str
    observation_id: int | None = None
    objection_id: int | None = None


def propose(session: Session, report_id: int, given: Correction, *, by: int, now: datetime) -> Corrected:
    """Propose a correction; nothing changes before a second person confirms.

    Raises `NotYours`, or `HubError` with every wrong field (A02 for a missing reason).
    """
    cycle = _require_manager(session, report_id, by)
    old = _require_sense(session, cycle, given)
    assert given.value is not None
    override = Override(
        report_id=report_id,
        hub_id=given.hub_id,
        indicator=given.indicator,
        observation_id=given.observation_id,
        old_value=None if old is None else old.value,
        new_value=given.value,
        reason=given.reason.strip(),
        objection_id=given.objection_id,
        proposed_by_id=by,
        proposed_at=now,
    )
    session.add(override)
    session.flush()
    audit.record(session, override, "propose", now=now, by=by, reason=override.reason)
    name = framework_of(session, cycle).indicator[given.indicator].text
    point = kinds.Point(name, Text(override.reason, override.reason))
    decisions.tell_managers(
        session, cycle.unit_id, f"override:{id_of(override)}", [point], now=now, but=(by,)
    )
    sentence = Text("提出来了，等第二个人确认。", "Proposed; it waits for a second person.")
    return Corrected(id_of(override), sentence)


def confirm(session: Session, override_id: int, *, by: int, now: datetime) -> Corrected:
    """Confirm a correction as the second person: a new row names the old one, and the score is made anew."""
    override = required(session, Override, override_id)
    cycle = _second_person(session, override, by)
    _settle(session, override, OverrideState.CONFIRMED, by=by, now=now, reason=override.reason)
    session.add(_observation(session, cycle, override, by, now))
    session.flush()
    report = required(session, Report, override.report_id)
    if cycle.state in {CycleState.UNDER_REVIEW, CycleState.RELEASED}:
        before = session.get(HubScore, (report.run_id, override.hub_id))
        run = score_again(session, cycle, now=now)
        revision = report.revision + (report.released_at is not None)
        audit.change(session, report, "set_right", now=now, by=by, run_id=id_of(run), revision=revision)
        session.flush()
        if report.released_at is not None or report.accuracy_until is not None:
            after = session.get(HubScore, (id_of(run), override.hub_id))
            queue_set_right(session, override, before, after, now=now)
    return Corrected(override_id, Text("改正了，分数重新算过。", "Set right, and scored anew."))


def refuse_override(session: Session, override_id: int, reason: str, *, by: int, now: datetime) -> Corrected:
    """Refuse a correction as the second person, with a reason."""
    override = required(session, Override, override_id)
    _second_person(session, override, by)
    if not reason.strip():
        raise HubError(_reason_missing("answer"))
    _settle(session, override, OverrideState.REFUSED, by=by, now=now, reason=reason.strip())
    return Corrected(override_id, Text("没有同意，原数不变。", "Refused; the number stays."))


def standing(session: Session, cycle: Cycle, hub_id: int, indicator: str) -> list[Observation]:
    """Return the observations of a criterion that nothing has corrected, in the order in which they came."""
    corrected = select(Observation.corrects_id).where(
        Observation.cycle_id == cycle.id, col(Observation.corrects_id).is_not(None)
    )
    question = (
        select(Observation)
        .where(
            Observation.cycle_id == cycle.id,
            Observation.hub_id == hub_id,
            Observation.indicator == indicator,
            col(Observation.id).not_in(corrected),
        )
        .order_by(col(Observation.id))
    )
    return list(session.exec(question))


def _observation(session: Session, cycle: Cycle, override: Override, by: int, now: datetime) -> Observation:
    old = session.get(Observation, override.observation_id) if override.observation_id else None
    return Observation(
        cycle_id=id_of(cycle),
        hub_id=override.hub_id,
        indicator=override.indicator,
        value=override.new_value,
        source=OVERRIDE,
        # A corrected rating stays that rater's: two ratings must not become one.
        rater_id=old.rater_id if old else None,
        observed_at=now,
        corrects_id=override.observation_id,
        reason=f"{override.reason} (override {override.id}, by {override.proposed_by_id} and {by})",
    )


def _settle(
    session: Session, override: Override, state: OverrideState, *, by: int, now: datetime, reason: str
) -> None:
    own = {"state": state, "settled_by_id": by, "settled_at": now, "answer": reason}
    if not claim(session, override, col(Override.state) == OverrideState.PROPOSED, **own):
        raise TooLate(SETTLED)
    audit.record(session, override, str(state), now=now, by=by, reason=reason)


def _require_manager(session: Session, report_id: int, by: int) -> Cycle:
    report = required(session, Report, report_id)
    cycle = required(session, Cycle, report.cycle_id)
    if not may_release(session, by, cycle.unit_id):
        raise NotYours(NOT_YOUR_REPORT)
    return cycle


def _second_person(session: Session, override: Override, by: int) -> Cycle:
    cycle = _require_manager(session, override.report_id, by)
    if by == override.proposed_by_id or may_coordinate(session, by, override.hub_id):
        raise NotYours(SECOND_PERSON)
    return cycle


def _require_sense(session: Session, cycle: Cycle, given: Correction) -> Observation | None:
    """Return the row that is corrected, or raise `HubError` with every wrong field."""
    indicator = framework_of(session, cycle).indicator.get(given.indicator)
    wrong = []
    if indicator is None or indicator.kind == Kind.SURVEY:
        sentence = Text(
            "居民的回答不能改，选一项别的指标。",
            "Residents' answers cannot be changed; choose another criterion.",
        )
        raise HubError(Refusal("indicator", sentence, "indicator"))
    if given.value is None or not _fits(indicator, given.value):
        wrong.append(
            Refusal("value", Text("填这项指标允许的数值。", "Enter a value that it can have."), "value")
        )
    if not given.reason.strip() or len(given.reason) > LONGEST:
        wrong.append(_reason_missing("reason"))
    rows = {id_of(one): one for one in standing(session, cycle, given.hub_id, given.indicator)}
    old = rows.get(given.observation_id or 0)
    if (rows or given.observation_id is not None) and old is None:
        wrong.append(
            Refusal(
                "observation", Text("选要改的那一个数。", "Choose the value to set right."), "observation"
            )
        )
    if wrong:
        raise HubError(wrong)
    return old


def _fits(indicator: Indicator, value: float) -> bool:
    if indicator.kind == Kind.AUTO:
        return isfinite(value) and value >= 0
    return value in range((indicator.top_level if indicator.kind == Kind.RUBRIC else 1) + 1)


def _reason_missing(field: str) -> Refusal:
    return Refusal(
        "A02",
        Text(f"写明理由，最多{LONGEST}字。", f"Give the reason, in at most {LONGEST} characters."),
        field,
    )
