"""Commitments of a hub: drafted from what an evaluation found missed, promised, reported, confirmed by somebody else.

A draft opens by itself when a result is released. Only the hub turns it into a promise; only a manager who
reported nothing of it confirms what came of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlmodel import Session, col

from config.text import Refusal, Text
from evaluation.framework import Indicator
from evaluation.promises import fulfilment, no_better, suggested_target
from models import Commitment, Cycle, Hub, Person
from models.states import CommitmentState
from services import audit
from services.access import may_coordinate, may_release, require_coordinator
from services.commitment_mails import queue_answered, queue_reported
from services.errors import HubError, NotYours, TooLate
from services.evaluation_cycles import today_of
from services.frameworks import framework_of
from services.queries import coordinators, id_of, required
from services.report_readers import NOT_YOUR_REPORT
from services.report_scores import ScoredHub, Scores

MOST_OPENED = 3
"""Drafts a hub gets from one result: more at once are kept by nobody."""
LONGEST = 1000
MOVED_ON = Refusal(
    "moved_on",
    Text("这项承诺已经到了下一步，刷新页面看看。", "This commitment has moved on; look at the page again."),
)
SOMEBODY_ELSE = Refusal(
    "somebody_else",
    Text(
        "承诺的人和上报的人不能自己确认，请另一位负责人来确认。",
        "Who promised or reported it cannot confirm it; ask another manager.",
    ),
)


@dataclass(frozen=True)
class Done:
    """Hold which commitment a verb has moved."""

    commitment_id: int
    sentence: Text


@dataclass(frozen=True)
class Promise:
    """Hold what a hub promises."""

    target: float | None
    due_on: date | None
    owner_id: int | None
    plan: str
    evidence: str


def open_drafts(session: Session, scores: Scores, *, now: datetime) -> dict[int, int]:
    """Open drafts for the criteria that each hub missed; return how many, by hub.

    At most three a hub, those that cost the most points. A pilot has no consequences.
    """
    if scores.cycle.is_pilot:
        return {}
    owners = coordinators(session, [id_of(one.hub) for one in scores.hubs])
    seen = _earlier(session, scores.cycle)
    opened: dict[int, int] = {}
    for one in scores.hubs:
        hub_id = id_of(one.hub)
        owner = next((id_of(person) for person in owners.get(hub_id, [])), None)
        for row in _missed(scores, one)[:MOST_OPENED]:
            draft = _draft(scores, hub_id, row, owner, now)
            draft.repeats = seen.get((hub_id, draft.indicator), 0)
            if not _is_open(session, draft):
                session.add(draft)
                session.flush()
                audit.record(session, draft, "open", now=now)
                opened[hub_id] = opened.get(hub_id, 0) + 1
    return opened


def promise(session: Session, commitment_id: int, given: Promise, *, by: int, now: datetime) -> Done:
    """Make a draft the hub's promise.

    Raises `NotYours`, `TooLate` after it moved on, `HubError` with every wrong field (D12 for the target).
    """
    found = _own(session, commitment_id, by, CommitmentState.DRAFT)
    wrong = [*_wrong_promise(session, found, given, now)]
    if wrong:
        raise HubError(wrong)
    audit.change(
        session,
        found,
        "promise",
        now=now,
        by=by,
        target=given.target,
        due_on=given.due_on,
        owner_id=given.owner_id,
        plan=given.plan.strip(),
        evidence=given.evidence.strip(),
        state=CommitmentState.PROMISED,
    )
    return Done(commitment_id, Text("承诺记下了。", "The promise is on record."))


def note_progress(
    session: Session, commitment_id: int, value: float | None, note: str, *, by: int, now: datetime
) -> Done:
    """Note how far a promise has come; each note stays on the audit trail."""
    found = _own(session, commitment_id, by, CommitmentState.PROMISED)
    _require_value(value, note)
    audit.change(
        session,
        found,
        "progress",
        now=now,
        by=by,
        progress=value,
        progress_note=note.strip(),
        progress_at=now,
    )
    return Done(commitment_id, Text("进展记下了。", "The progress is on record."))


def report_result(
    session: Session, commitment_id: int, value: float | None, note: str, *, by: int, now: datetime
) -> Done:
    """Report what came of a promise; somebody else confirms it."""
    found = _own(session, commitment_id, by, CommitmentState.PROMISED)
    _require_value(value, note)
    found.reason = ""  # what it was sent back for is answered, and stays on the audit trail
    audit.change(
        session,
        found,
        "report",
        now=now,
        by=by,
        result=value,
        result_note=note.strip(),
        reported_at=now,
        reported_by_id=by,
        state=CommitmentState.REPORTED,
    )
    session.flush()
    queue_reported(session, found, now=now)
    return Done(commitment_id, Text("上报了，等负责人确认。", "Reported; a manager will confirm it."))


def confirm(session: Session, commitment_id: int, *, by: int, now: datetime) -> Done:
    """Confirm what was reported; raises `NotYours` for who promised or reported it."""
    found = _managed(session, commitment_id, by)
    _require_state(found, CommitmentState.REPORTED)
    if by in {found.owner_id, found.reported_by_id} or may_coordinate(session, by, found.hub_id):
        raise NotYours(SOMEBODY_ELSE)
    assert found.result is not None
    share = fulfilment(found.baseline, found.target, found.result)
    audit.change(
        session,
        found,
        "confirm",
        now=now,
        by=by,
        fulfilment=share,
        confirmed_at=now,
        confirmed_by_id=by,
        state=CommitmentState.CONFIRMED,
    )
    session.flush()
    queue_answered(session, found, now=now)
    return Done(commitment_id, Text(f"确认了，完成{share:.0%}。", f"Confirmed: {share:.0%} fulfilled."))


def send_back(session: Session, commitment_id: int, reason: str, *, by: int, now: datetime) -> Done:
    """Give a report back to the hub with a reason; the promise stands."""
    found = _managed(session, commitment_id, by)
    _require_state(found, CommitmentState.REPORTED)
    _set(session, found, "send_back", reason, CommitmentState.PROMISED, by=by, now=now)
    return Done(commitment_id, Text("退回了，原因已记下。", "Sent back, and the reason is kept."))


def drop(session: Session, commitment_id: int, reason: str, *, by: int, now: datetime) -> Done:
    """Let a manager drop a draft or a promise that makes no sense any more, with a reason."""
    found = _managed(session, commitment_id, by)
    _require_state(found, CommitmentState.DRAFT, CommitmentState.PROMISED)
    _set(session, found, "drop", reason, CommitmentState.DROPPED, by=by, now=now)
    return Done(commitment_id, Text("撤下了，原因已记下。", "Dropped, and the reason is kept."))


def indicator_of(session: Session, commitment: Commitment) -> Indicator:
    """Return the criterion that a commitment is about."""
    cycle = required(session, Cycle, commitment.cycle_id)
    return framework_of(session, cycle).indicator[commitment.indicator]


def _set(
    session: Session,
    found: Commitment,
    verb: str,
    reason: str,
    state: CommitmentState,
    *,
    by: int,
    now: datetime,
) -> None:
    if not reason.strip():
        raise HubError(Refusal("reason_missing", Text("写明原因。", "Say why."), "reason"))
    why = reason.strip()[:LONGEST]
    audit.change(session, found, verb, now=now, by=by, reason=why, state=state)
    found.reason = why
    session.flush()
    queue_answered(session, found, now=now)


def _own(session: Session, commitment_id: int, by: int, state: CommitmentState) -> Commitment:
    found = required(session, Commitment, commitment_id)
    require_coordinator(session, by, found.hub_id)
    _require_state(found, state)
    return found


def _managed(session: Session, commitment_id: int, by: int) -> Commitment:
    found = required(session, Commitment, commitment_id)
    if not may_release(session, by, required(session, Hub, found.hub_id).unit_id):
        raise NotYours(NOT_YOUR_REPORT)
    return found


def _require_state(found: Commitment, *states: CommitmentState) -> None:
    if found.state not in states:
        raise TooLate(MOVED_ON)


def _require_value(value: float | None, note: str) -> None:
    wrong = []
    if value is None:
        wrong.append(Refusal("value_missing", Text("填写现在的数值。", "Enter today's value."), "value"))
    if not note.strip() or len(note) > LONGEST:
        wrong.append(
            Refusal(
                "note_missing",
                Text(f"写一句做了什么，最多{LONGEST}字。", f"Say what was done, in {LONGEST} characters."),
                "note",
            )
        )
    if wrong:
        raise HubError(wrong)


def _wrong_promise(session: Session, found: Commitment, given: Promise, now: datetime) -> list[Refusal]:
    wrong = []
    if given.target is None:
        wrong.append(Refusal("target_missing", Text("填写目标数值。", "Enter the target."), "target"))
    elif refusal := no_better(indicator_of(session, found), found.baseline, given.target):
        wrong.append(refusal)
    if given.due_on is None or given.due_on <= today_of(now):
        wrong.append(Refusal("due_on", Text("选一个今天以后的日期。", "Choose a day after today."), "due_on"))
    owners = {id_of(one) for one in coordinators(session, [found.hub_id]).get(found.hub_id, [])}
    if given.owner_id not in owners:
        wrong.append(Refusal("owner", Text("选一位负责的社工。", "Choose who answers for it."), "owner"))
    for name, words, zh, en in (
        ("plan", given.plan, "写明要做什么", "Say what you will do"),
        ("evidence", given.evidence, "写明拿什么来证明", "Say what will show that it is done"),
    ):
        if not words.strip() or len(words) > LONGEST:
            sentence = Text(f"{zh}，最多{LONGEST}字。", f"{en}, in at most {LONGEST} characters.")
            wrong.append(Refusal(f"{name}_missing", sentence, name))
    return wrong


def _missed(scores: Scores, one: ScoredHub) -> list[dict[str, float | str]]:
    """Return the criteria below the cycle's threshold, those that cost the most points first."""
    rows = [
        row
        for row in one.score.detail["explanation"]["earned"]
        if row["gained"] is not None and row["gained"] < scores.cycle.commit_below * row["possible"]
    ]
    return sorted(rows, key=lambda row: (row["gained"] - row["possible"], row["indicator"]))


def _draft(
    scores: Scores, hub_id: int, row: dict[str, float | str], owner: int | None, now: datetime
) -> Commitment:
    name, raw = str(row["indicator"]), float(row["raw"])
    cycle = scores.cycle
    end_of_year = date(cycle.year + (cycle.stage == "year_end"), 12, 31)
    return Commitment(
        hub_id=hub_id,
        cycle_id=id_of(cycle),
        indicator=name,
        points=float(row["possible"]),
        baseline=raw,
        target=suggested_target(scores.framework.indicator[name], raw, cycle.commit_below),
        due_on=end_of_year,
        owner_id=owner,
        opened_at=now,
    )


def _is_open(session: Session, draft: Commitment) -> bool:
    """Say whether this criterion has a commitment of this cycle, or one that still runs."""
    running = (CommitmentState.DRAFT, CommitmentState.PROMISED, CommitmentState.REPORTED)
    question = select(func.count()).where(
        col(Commitment.hub_id) == draft.hub_id,
        col(Commitment.indicator) == draft.indicator,
        (col(Commitment.cycle_id) == draft.cycle_id) | col(Commitment.state).in_(running),
    )
    return bool(session.execute(question).scalar_one())


def _earlier(session: Session, cycle: Cycle) -> dict[tuple[int, str], int]:
    """Return how often each hub missed each criterion in earlier cycles."""
    question = (
        select(col(Commitment.hub_id), col(Commitment.indicator), func.count())
        .where(col(Commitment.cycle_id) != cycle.id)
        .group_by(col(Commitment.hub_id), col(Commitment.indicator))
    )
    return {(hub, indicator): count for hub, indicator, count in session.execute(question)}


def owners_of(session: Session, hub_id: int) -> list[Person]:
    """Return who can answer for a commitment of a hub."""
    return coordinators(session, [hub_id]).get(hub_id, [])
