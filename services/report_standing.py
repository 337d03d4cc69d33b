"""What a report says beside each hub's score: how far scores can be trusted, who answered, what went before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import hypot

import numpy as np
from sqlalchemy import select
from sqlmodel import Session, col

from evaluation.comparison import Comparison, compare
from evaluation.influence import PartWeight, Sensitivity, sensitivity, weights
from evaluation.measures import ratings_of
from evaluation.observations import Observation, uncorrected
from evaluation.ranks import Rank, ranks
from evaluation.reliability import Reliability, reliability
from evaluation.severity import Severity, severities
from evaluation.uncertainty import Z95
from models import Cycle, CycleHub, Invitation, Report
from models.states import InvitationState
from services.commitment_views import fulfilment_facts
from services.evaluation_collecting import observed
from services.queries import id_of
from services.report_scores import ScoredHub, Scores, scores_of
from services.report_trends import Change, bridged_changes

NOBODY: Counter[str] = Counter()


@dataclass(frozen=True)
class Standing:
    """Hold the scores that one reader sees with everything that stands beside them; mappings go by hub id."""

    scores: Scores
    before: Scores | None
    """The last released report over the same branch and the same version of the framework."""
    invited: Mapping[int, Counter[str]]
    served: Mapping[int, int]
    kept: Mapping[int, float | None]
    """How far promises were kept; None while something is not confirmed."""
    rows: tuple[Observation, ...]
    """The assessors' rows that stand."""
    ranks: Mapping[str, Rank]
    comparison: Comparison | None
    weights: tuple[PartWeight, ...]
    sensitivity: tuple[Sensitivity, ...]
    reliability: tuple[Reliability, ...]
    severities: tuple[Severity, ...]
    bridged: Mapping[int, Change]
    """How far hubs moved over a bridge, where the report before was made by an older version."""

    def answers(self, one: ScoredHub) -> Counter[str]:
        """Return how many of a hub's drawn residents answered, refused, were out of reach, or kept silent."""
        return self.invited.get(id_of(one.hub), NOBODY)

    def change(self, one: ScoredHub) -> Change | None:
        """Return how a hub's total changed; None where it has none now or had none then."""
        old = self._old.get(id_of(one.hub))
        new = one.score
        if self.before is None:
            return self.bridged.get(id_of(one.hub))
        if old is None or old.score.total is None or new.total is None:
            return None
        errors = old.score.detail["standard_error"], new.detail["standard_error"]
        points = new.total - old.score.total
        known = None not in errors
        return Change(points, is_clear=known and abs(points) > Z95 * hypot(*errors))

    @property
    def _old(self) -> dict[int, ScoredHub]:
        return {id_of(one.hub): one for one in self.before.hubs} if self.before else {}


def standing_of(session: Session, scores: Scores) -> Standing:
    """Return what stands beside the scores, made of the rows of their run alone."""
    cycle, framework = scores.cycle, scores.framework
    ids = [id_of(one.hub) for one in scores.hubs]
    codes = {id_of(one.hub): one.hub.code for one in scores.hubs}
    rows = tuple(uncorrected(observed(session, cycle, codes)))
    placed = [
        (one.hub.code, one.score.total, error)
        for one in scores.hubs
        if one.score.total is not None and (error := one.score.detail["standard_error"]) is not None
    ]
    before = _before(session, scores)
    return Standing(
        scores=scores,
        before=before,
        invited=_invited(session, cycle),
        served=_served(session, cycle),
        kept=fulfilment_facts(session, ids, cycle.period_start, cycle.period_end),
        rows=tuple(row for row in rows if row.rater),
        ranks={one.hub: one for one in ranks(placed, seed=cycle.seed)},
        comparison=compare(placed),
        weights=weights(framework, _parts(scores)),
        sensitivity=sensitivity(framework, _shares(scores), seed=cycle.seed),
        reliability=reliability(framework, rows),
        severities=severities(ratings_of(framework, rows)),
        bridged=bridged_changes(session, scores) if before is None else {},
    )


def stages_of(session: Session, scores: Scores) -> list[Scores]:
    """Return the released scores of the year's stages over the same branch and framework, in their order."""
    cycle = scores.cycle
    found = [each for each in _released(session, cycle) if each.year == cycle.year and not each.is_pilot]
    seen = {id_of(one.hub) for one in scores.hubs}
    earlier = [_only(scores_of(session, _report(session, each)), seen) for each in found]
    return [*earlier, scores]


def _before(session: Session, scores: Scores) -> Scores | None:
    earlier = _released(session, scores.cycle)
    if not earlier:
        return None
    seen = {id_of(one.hub) for one in scores.hubs}
    return _only(scores_of(session, _report(session, earlier[-1])), seen)


def _released(session: Session, cycle: Cycle) -> list[Cycle]:
    """Return the cycles of the same kind whose report was released and that opened before this one."""
    question = (
        select(Cycle)
        .join(Report, col(Report.cycle_id) == Cycle.id)
        .where(
            col(Report.released_at).is_not(None),
            col(Cycle.unit_id) == cycle.unit_id,
            col(Cycle.framework_id) == cycle.framework_id,
            col(Cycle.opened_at) < cycle.opened_at,
        )
        .order_by(col(Cycle.opened_at), col(Cycle.id))
    )
    return list(session.execute(question).scalars())


def _report(session: Session, cycle: Cycle) -> Report:
    report: Report = session.execute(select(Report).where(col(Report.cycle_id) == cycle.id)).scalar_one()
    return report


def _only(scores: Scores, seen: Iterable[int]) -> Scores:
    kept = tuple(one for one in scores.hubs if id_of(one.hub) in set(seen))
    return Scores(scores.report, scores.cycle, scores.framework, kept)


def _invited(session: Session, cycle: Cycle) -> dict[int, Counter[str]]:
    question = select(col(Invitation.hub_id), col(Invitation.state)).where(
        col(Invitation.cycle_id) == cycle.id
    )
    found: dict[int, Counter[str]] = {}
    for hub_id, state in session.execute(question):
        found.setdefault(hub_id, Counter())[InvitationState(state)] += 1
    return found


def _served(session: Session, cycle: Cycle) -> dict[int, int]:
    question = select(CycleHub).where(col(CycleHub.cycle_id) == cycle.id)
    return {one.hub_id: sum(one.frame.values()) for one in session.execute(question).scalars()}


def _parts(scores: Scores) -> dict[str, Sequence[float | None]]:
    whole = [one.score.detail["nodes"] for one in scores.hubs if one.score.total is not None]
    return {part.id: [nodes[part.id] for nodes in whole] for part in scores.framework.parts}


def _shares(scores: Scores) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Return hubs by indicators as shares, NaN where one is missing."""
    names = list(scores.framework.indicator)
    table = [
        [_share(earned[name]) for name in names]
        for one in scores.hubs
        if one.score.total is not None
        for earned in ({row["indicator"]: row for row in one.score.detail["explanation"]["earned"]},)
    ]
    return np.array(table, dtype=float).reshape(len(table), len(names))


def _share(earned: Mapping[str, float | None]) -> float | None:
    gained, possible = earned["gained"], earned["possible"]
    return None if gained is None or not possible else gained / possible
