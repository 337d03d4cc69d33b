"""How far hubs moved since the evaluation before: over the same version, or over the bridge from an older one."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session, col, select

from evaluation.bridging import Known, bridge_problems, trend
from models import Cycle, FrameworkVersion, HubScore, Report
from services.queries import id_of
from services.report_scores import ScoredHub, Scores, scores_of


@dataclass(frozen=True)
class Change:
    """Hold how far a total moved since the last evaluation, and whether that is more than noise."""

    points: float
    is_clear: bool


def bridged_changes(session: Session, scores: Scores) -> dict[int, Change]:
    """Return by hub how far it moved since the last released report of the version that the bridge leads to.

    Empty without a bridge, without such a report, or where the bridge does not hold.
    """
    report = _report_before(session, scores)
    if report is None:
        return {}
    before = scores_of(session, report)
    if bridge_problems(before.framework, scores.framework):
        return {}
    old = {id_of(one.hub): known for one in before.hubs if (known := _known(one)) is not None}
    found = {}
    for one in scores.hubs:
        then, now = old.get(id_of(one.hub)), _known(one)
        moved = None if then is None or now is None else trend(scores.framework, then, now)
        if moved is not None:
            found[id_of(one.hub)] = Change(moved.change, is_clear=moved.is_clear)
    return found


def _report_before(session: Session, scores: Scores) -> Report | None:
    bridge, cycle = scores.framework.bridge, scores.cycle
    if bridge is None:
        return None
    question = (
        select(Report)
        .join(Cycle, col(Cycle.id) == Report.cycle_id)
        .join(FrameworkVersion, col(FrameworkVersion.id) == Cycle.framework_id)
        .where(
            col(Report.released_at).is_not(None),
            Cycle.unit_id == cycle.unit_id,
            FrameworkVersion.code == scores.framework.id,
            FrameworkVersion.version == bridge.since,
            col(Cycle.opened_at) < cycle.opened_at,
        )
        .order_by(col(Cycle.opened_at).desc(), col(Cycle.id).desc())
    )
    return session.exec(question).first()


def _known(one: ScoredHub) -> Known | None:
    """Return a hub's shares and their errors; None for a hub without a total, or a run of before they were kept."""
    score: HubScore = one.score
    if score.total is None or "share_errors" not in score.detail:
        return None
    shares = {
        row["indicator"]: None if row["gained"] is None else row["gained"] / row["possible"]
        for row in score.detail["explanation"]["earned"]
        if row["possible"]
    }
    return Known(shares, score.detail["share_errors"])
