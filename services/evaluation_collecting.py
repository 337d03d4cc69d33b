"""Collect what the network knows of its hubs by itself, close a cycle, and turn rows into plain inputs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlmodel import Session, col

from config.text import Refusal, Text
from evaluation.framework import Framework, Kind
from evaluation.observations import HubFacts, Inputs
from evaluation.observations import Observation as Row
from models import Assessment, Cycle, CycleHub, Hub, Invitation, Observation, SurveyAnswer
from models.states import AssessmentState, CycleState, InvitationState
from services import audit
from services.commitment_views import fulfilment_facts
from services.errors import HubError
from services.evaluation_cycles import cycle_called, hubs_in, period_of, takes_answers
from services.evaluation_reach import note_unreachable
from services.frameworks import framework_of
from services.metrics import facts, values
from services.queries import id_of

AUTO = "auto"
OVERRIDE = "override"
COLLECTS = (CycleState.COLLECTING, CycleState.CLOSED)


@dataclass(frozen=True)
class Collected:
    """Hold what collecting did; `changed` are values that were recounted since the last time."""

    cycle: str
    hubs: int
    added: int
    changed: int
    missing: int
    sentences: tuple[Text, ...] = ()


@dataclass(frozen=True)
class CycleClosed:
    """Hold who answered when a cycle closed; all zero when it was closed already."""

    cycle: str
    assessments: int = 0
    assessments_missed: int = 0
    answers: int = 0
    unanswered: int = 0
    sentences: tuple[Text, ...] = ()


def collect(session: Session, code: str, *, now: datetime) -> Collected:
    """Count every automatic indicator of every hub; a second time adds only what has changed.

    A cycle whose time is over is closed on the way.
    """
    cycle = cycle_called(session, code)
    if cycle.state in COLLECTS and not takes_answers(cycle, now):
        close_cycle(session, code, now=now)
    framework = framework_of(session, cycle)
    hubs = [id_of(hub) for hub, _ in hubs_in(session, cycle)]
    if cycle.state not in COLLECTS:
        done = Text(f"评估{code}已经算过分，不再收集。", f"Evaluation {code} is scored and collects no more.")
        return Collected(code, len(hubs), 0, 0, 0, (done,))
    counted = _counted(session, cycle, framework, hubs, now)
    known = _known(session, cycle)
    settled = _overridden(session, cycle)
    rows = [
        _row(cycle, key, value, known.get(key), now)
        for key, value in counted
        if key not in settled and _is_news(known.get(key), value)
    ]
    if rows:
        session.execute(insert(Observation), rows)
    changed = sum(row["corrects_id"] is not None for row in rows)
    missing = len(hubs) * len(framework.of_kind(Kind.AUTO)) - len(counted)
    return Collected(
        code, len(hubs), len(rows) - changed, changed, missing, (_told(len(hubs), len(counted), missing),)
    )


def close_cycle(session: Session, code: str, *, now: datetime, by: int | None = None) -> CycleClosed:
    """Take no more answers; whoever did not answer is named as such, and nothing is guessed for them."""
    cycle = cycle_called(session, code)
    if cycle.state != CycleState.COLLECTING:
        return CycleClosed(
            code, sentences=(Text(f"评估{code}早已截止。", f"Evaluation {code} is closed already."),)
        )
    note_unreachable(session, cycle)
    _let_lapse(session, cycle)
    audit.change(session, cycle, "close", now=now, by=by, state=CycleState.CLOSED)
    session.flush()
    submitted, missed = _states(session, Assessment, cycle, AssessmentState.SUBMITTED, AssessmentState.MISSED)
    answered, silent = _states(
        session, Invitation, cycle, InvitationState.ANSWERED, InvitationState.UNANSWERED
    )
    sentence = Text(
        f"评估{code}截止：评估员交来{submitted}份，缺{missed}份；居民回答{answered}份，{silent}人没有回答。",
        f"Evaluation {code} is closed: {submitted} assessments came in and {missed} did not; "
        f"{answered} residents answered and {silent} did not.",
    )
    return CycleClosed(code, submitted, missed, answered, silent, (sentence,))


def inputs_of(session: Session, cycle: Cycle, framework: Framework, now: datetime) -> Inputs:
    """Return everything that a cycle's scores are made of, as plain values."""
    hubs = hubs_in(session, cycle)
    codes = {id_of(hub): hub.code for hub, _ in hubs}
    known = facts(session, period_of(cycle, now), list(codes))
    for hub_id, kept in fulfilment_facts(session, list(codes), cycle.period_start, cycle.period_end).items():
        if kept is None:
            known[hub_id].pop("fulfilment", None)  # an office's figure must not hide what is still open
        else:
            known[hub_id]["fulfilment"] = kept
    return Inputs(
        hubs=tuple(HubFacts(codes[hub_id], known[hub_id]) for hub_id in codes),
        observations=(*observed(session, cycle, codes), *_answered(session, cycle, framework, codes)),
        frame=dict(_frame(hubs)),
    )


def _frame(hubs: Sequence[tuple[Hub, CycleHub]]) -> Iterable[tuple[tuple[str, str], int]]:
    for hub, own in hubs:
        for stratum, size in sorted(own.frame.items()):
            yield (hub.code, stratum), size


def observed(session: Session, cycle: Cycle, codes: dict[int, str]) -> Iterable[Row]:
    """Return the counts, ratings and documents of the hubs in `codes`, corrected rows too, as plain values."""
    question = select(Observation).where(col(Observation.cycle_id) == cycle.id).order_by(col(Observation.id))
    for one in session.execute(question).scalars():
        if one.hub_id not in codes:
            continue  # a reader of one branch sees its rows alone
        yield Row(
            id=f"{one.id:012}",
            hub=codes[one.hub_id],
            indicator=one.indicator,
            value=one.value,
            rater="" if one.rater_id is None else str(one.rater_id),
            corrects="" if one.corrects_id is None else f"{one.corrects_id:012}",
            reason=one.reason,
        )


def _answered(session: Session, cycle: Cycle, framework: Framework, codes: dict[int, str]) -> Iterable[Row]:
    by_item = {indicator.item: indicator.id for indicator in framework.of_kind(Kind.SURVEY)}
    question = (
        select(SurveyAnswer).where(col(SurveyAnswer.cycle_id) == cycle.id).order_by(col(SurveyAnswer.id))
    )
    for one in session.execute(question).scalars():
        for item, value in sorted(one.answers.items()):
            if item in by_item:
                yield Row(f"{one.id}:{item}", codes[one.hub_id], by_item[item], value, one.id, one.stratum)


def _counted(
    session: Session, cycle: Cycle, framework: Framework, hubs: Sequence[int], now: datetime
) -> list[tuple[tuple[int, str], float]]:
    period, own = period_of(cycle, now), set(hubs)
    return [
        ((hub_id, indicator.id), value)
        for indicator in framework.of_kind(Kind.AUTO)
        for hub_id, value in sorted(values(session, indicator.metric or "", period).items())
        if hub_id in own
    ]


def _known(session: Session, cycle: Cycle) -> dict[tuple[int, str], tuple[int, float]]:
    """Return the last count of each hub and indicator, with its id."""
    question = (
        select(
            col(Observation.hub_id), col(Observation.indicator), col(Observation.id), col(Observation.value)
        )
        .where(col(Observation.cycle_id) == cycle.id, col(Observation.source) == AUTO)
        .order_by(col(Observation.id))
    )
    return {(hub, indicator): (number, value) for hub, indicator, number, value in session.execute(question)}


def _overridden(session: Session, cycle: Cycle) -> set[tuple[int, str]]:
    """Return what two people have set right: no recount goes over it."""
    question = select(col(Observation.hub_id), col(Observation.indicator)).where(
        col(Observation.cycle_id) == cycle.id, col(Observation.source) == OVERRIDE
    )
    return {(hub, indicator) for hub, indicator in session.execute(question)}


def _is_news(known: tuple[int, float] | None, value: float) -> bool:
    return known is None or known[1] != value


def _row(
    cycle: Cycle, key: tuple[int, str], value: float, known: tuple[int, float] | None, now: datetime
) -> dict[str, object]:
    return {
        "cycle_id": cycle.id,
        "hub_id": key[0],
        "indicator": key[1],
        "value": value,
        "source": AUTO,
        "rater_id": None,
        "observed_at": now,
        "corrects_id": known[0] if known else None,
        "reason": "recounted" if known else "",
    }


def _let_lapse(session: Session, cycle: Cycle) -> None:
    lapsing = (
        (Assessment, AssessmentState.ASKED, AssessmentState.MISSED),
        (Invitation, InvitationState.DRAWN, InvitationState.UNANSWERED),
    )
    for table, old, new in lapsing:
        session.execute(
            update(table)
            .where(col(table.cycle_id) == cycle.id, col(table.state) == old)
            .values(state=new)
            .execution_options(synchronize_session=False)
        )


def _states(session: Session, table: type[Assessment | Invitation], cycle: Cycle, *states: str) -> list[int]:
    found = list(session.execute(select(col(table.state)).where(col(table.cycle_id) == cycle.id)).scalars())
    return [found.count(state) for state in states]


def _told(hubs: int, counted: int, missing: int) -> Text:
    return Text(
        f"{hubs}家青年汇，自动指标有{counted}个数，缺{missing}个。",
        f"{hubs} hubs: {counted} automatic values are there, {missing} are missing.",
    )


def require_closed(cycle: Cycle) -> None:
    """Raise `HubError` while a cycle still collects."""
    if cycle.state == CycleState.COLLECTING:
        raise HubError(
            Refusal(
                "still_collecting",
                Text(
                    f"评估{cycle.code}还没有截止，截止以后再算分。",
                    f"Evaluation {cycle.code} still takes answers; score it when it is closed.",
                ),
            )
        )
