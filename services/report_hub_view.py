"""One hub's own score as its page shows it: its own data, and no other hub's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any

from sqlmodel import Session

from config.text import Text
from models import Cycle, Person, Report
from services.access import may_coordinate
from services.errors import NotFound, NotYours
from services.evaluation_cycles import cycle_name
from services.objection_views import ObjectionLine, Window, of_hub, window_view
from services.objections import window_of
from services.queries import NO_SUCH_THING, required
from services.report_hub_trust import HubTrust, hub_trust_of
from services.report_readers import NOT_RELEASED, NOT_YOUR_REPORT, reader
from services.report_scores import ScoredHub, Scores, scores_of, text_of


@dataclass(frozen=True)
class NextStep:
    """Hold one change that would raise a hub's score."""

    title: Text
    sentence: Text
    gain: float
    is_noise: bool


@dataclass(frozen=True)
class DimensionLine:
    """Hold a hub's points in a dimension beside the median of the demonstration hubs."""

    name: Text
    points: float | None
    possible: float
    median: float | None


@dataclass(frozen=True)
class EarnedLine:
    """Hold what one criterion gave a hub of what it could give; its rows stand on a page of their own."""

    indicator: str
    name: Text
    gained: float | None
    possible: float


@dataclass(frozen=True)
class HubView:
    """Hold what the page of one hub's score shows: its own data, and no other hub's."""

    report_id: int
    hub_id: int
    language: str
    hub: Text
    cycle: Text
    total: float | None
    low: float | None
    high: float | None
    mean: float | None
    band: Text | None
    edges: tuple[float, ...]
    band_names: tuple[Text, ...]
    sentences: tuple[Text, ...]
    steps: tuple[NextStep, ...]
    next_band: Text | None
    dimensions: tuple[DimensionLine, ...]
    earned: tuple[EarnedLine, ...]
    missing: tuple[Text, ...]
    is_draft: bool
    is_pilot: bool
    revision: int
    window: Window | None
    """Whether the hub may object now; None where that is not for the reader."""
    objections: tuple[ObjectionLine, ...]
    trust: HubTrust


def hub_view(session: Session, report_id: int, hub_id: int, *, person_id: int, now: datetime) -> HubView:
    """Return a hub's own score: for its coordinators once they may check or read it, for managers with the report."""
    report = required(session, Report, report_id)
    language = _language_of_reader(session, report, hub_id, person_id)
    scores = scores_of(session, report)
    one = next((one for one in scores.hubs if one.hub.id == hub_id), None)
    if one is None:
        raise NotFound(NO_SUCH_THING)
    score, explained = one.score, one.score.detail["explanation"]
    return HubView(
        report_id=report_id,
        hub_id=hub_id,
        language=language,
        hub=one.name,
        cycle=cycle_name(scores.cycle),
        total=score.total,
        low=score.low,
        high=score.high,
        mean=scores.figures.mean,
        band=scores.band(one),
        edges=scores.edges,
        band_names=scores.band_names,
        sentences=tuple(_sentences(scores, one)),
        steps=tuple(_step(scores, step) for step in explained["steps"]),
        next_band=text_of(explained["next_band"]),
        dimensions=tuple(_dimensions(scores, one)),
        earned=tuple(_earned(scores, one)),
        missing=tuple(scores.missing(one)),
        is_draft=report.released_at is None,
        is_pilot=scores.cycle.is_pilot,
        revision=report.revision,
        window=window_view(session, report, now=now) if may_coordinate(session, person_id, hub_id) else None,
        objections=tuple(of_hub(session, report, hub_id)),
        trust=hub_trust_of(scores, one),
    )


def _language_of_reader(session: Session, report: Report, hub_id: int, person_id: int) -> str:
    """Return the reader's language, or raise `NotYours`."""
    person = required(session, Person, person_id)
    if may_coordinate(session, person_id, hub_id):
        cycle = required(session, Cycle, report.cycle_id)
        if window_of(report, cycle) is None:
            raise NotYours(NOT_RELEASED)
        return person.language
    manager = reader(session, required(session, Cycle, report.cycle_id), person_id)
    seen = scores_of(session, report, paths=manager.paths)
    if hub_id not in {one.hub.id for one in seen.hubs}:
        raise NotYours(NOT_YOUR_REPORT)
    if report.released_at is None and not manager.may_release:
        raise NotYours(NOT_RELEASED)
    return person.language


def _sentences(scores: Scores, one: ScoredHub) -> Iterable[Text]:
    gate = text_of(one.score.detail["explanation"]["gate"])
    if gate is not None:
        yield gate
    note = scores.note(one)
    if note is not None and note != gate:
        yield note
    if one.score.total is not None:
        best, worst = _ends(scores, one)
        yield Text(
            f"得分率最高的是{best.zh}，最低的是{worst.zh}。",
            f"The largest share of points is in {best.en}, the smallest in {worst.en}.",
        )


def _ends(scores: Scores, one: ScoredHub) -> tuple[Text, Text]:
    rows = [row for row in one.score.detail["explanation"]["earned"] if row["gained"] is not None]
    ranked = sorted(rows, key=lambda row: (-row["gained"] / row["possible"], row["indicator"]))
    names = scores.framework.indicator
    return names[ranked[0]["indicator"]].text, names[ranked[-1]["indicator"]].text


def _step(scores: Scores, step: dict[str, Any]) -> NextStep:
    change = text_of(step["change"])
    assert change is not None
    title = scores.framework.indicator[step["indicator"]].text
    return NextStep(title, change, step["gain"], step["is_noise"])


def _dimensions(scores: Scores, one: ScoredHub) -> Iterable[DimensionLine]:
    """Return points by dimension; the median of two demonstration hubs or fewer would name a hub."""
    examples = [other for other in scores.hubs if other.hub.is_demonstration and other.hub.id != one.hub.id]
    for dimension in scores.framework.dimensions:
        inside = [each.id for each in scores.framework.indicators if each.dimension == dimension.id]
        possible = sum(scores.framework.shares[name] for name in inside) * scores.framework.scale.width
        theirs = [
            value
            for other in examples
            if (value := _points(scores, other, dimension.id, possible)) is not None
        ]
        yield DimensionLine(
            name=dimension.text,
            points=_points(scores, one, dimension.id, possible),
            possible=possible,
            median=median(theirs) if len(theirs) > 2 else None,  # noqa: PLR2004 -- two would name a hub
        )


def _earned(scores: Scores, one: ScoredHub) -> Iterable[EarnedLine]:
    for row in one.score.detail["explanation"]["earned"]:
        name = scores.framework.indicator[row["indicator"]].text
        yield EarnedLine(row["indicator"], name, row["gained"], row["possible"])


def _points(scores: Scores, one: ScoredHub, dimension: str, possible: float) -> float | None:
    value, scale = one.score.detail["dimensions"].get(dimension), scores.framework.scale
    return None if value is None else (value - scale.minimum) / scale.width * possible
