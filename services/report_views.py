"""A report and a hub's own score as their pages show them, in plain values, each reader with their own branch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from statistics import median
from typing import Any

from sqlmodel import Session, select

from config.text import Refusal, Text, plural
from models import Assessment, Cycle, Invitation, Person, Report
from models.states import AssessmentState, InvitationState
from notifications import links
from notifications.links import Purpose
from services.access import may_coordinate
from services.errors import NotFound, NotYours
from services.evaluation_cycles import cycle_name
from services.queries import NO_SUCH_THING, id_of, named, required
from services.report_readers import NOT_YOUR_REPORT, Manager, reader
from services.report_scores import ScoredHub, Scores, scores_of, text_of

LINK_OPENS = timedelta(days=120)
SURE = 0.95
NOT_RELEASED = Refusal(
    "not_released",
    Text("报告还没有签发，签发以后再来看。", "The report is not released yet; come back when it is."),
)


@dataclass(frozen=True)
class HubRow:
    """Hold one hub of a report; `chance` says the band and how likely the next one is."""

    hub_id: int
    hub: Text
    url: str
    total: float | None
    low: float | None
    high: float | None
    band: Text | None
    chance: Text | None
    note: Text | None


@dataclass(frozen=True)
class HubGroup:
    """Hold the hubs of one unit under a sentence that says how they did."""

    headline: Text
    hubs: tuple[HubRow, ...]


@dataclass(frozen=True)
class Check:
    """Hold one thing to look at before a release."""

    sentence: Text
    is_done: bool


@dataclass(frozen=True)
class ReportView:
    """Hold what a report's page shows to one reader."""

    report_id: int
    language: str
    cycle: Text
    unit: Text
    drafted_at: datetime
    released_at: datetime | None
    released_by: str
    returned_reason: Text | None
    may_release: bool
    hubs: int
    scored: int
    mean: float | None
    low: float | None
    high: float | None
    bands: tuple[tuple[Text, int], ...]
    edges: tuple[float, ...]
    band_names: tuple[Text, ...]
    groups: tuple[HubGroup, ...]
    checks: tuple[Check, ...]


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
    missing: tuple[Text, ...]


def report_view(session: Session, report_id: int, *, person_id: int) -> ReportView:
    """Return a report as one manager may read it: a draft is for those who may release it."""
    report = required(session, Report, report_id)
    manager = reader(session, required(session, Cycle, report.cycle_id), person_id)
    if report.released_at is None and not manager.may_release:
        raise NotYours(NOT_RELEASED)
    scores = scores_of(session, report, paths=None if manager.may_release else manager.paths)
    figures, unit = scores.figures, manager.units[0]
    reason = report.returned_reason
    by = session.get(Person, report.released_by_id) if report.released_by_id else None
    return ReportView(
        report_id=report_id,
        language=manager.person.language,
        cycle=cycle_name(scores.cycle),
        unit=named(unit.name_zh, unit.name_en),
        drafted_at=report.drafted_at,
        released_at=report.released_at,
        released_by=by.name if by else "",
        returned_reason=Text(reason, reason) if reason else None,
        may_release=manager.may_release and report.released_at is None and not reason,
        **vars(figures),
        edges=scores.edges,
        band_names=scores.band_names,
        groups=tuple(_groups(scores, manager)),
        checks=tuple(_checks(session, scores)),
    )


def hub_view(session: Session, report_id: int, hub_id: int, *, person_id: int) -> HubView:
    """Return a hub's own score: for its coordinators after the release, for managers with the report."""
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
        missing=tuple(scores.missing(one)),
    )


def _language_of_reader(session: Session, report: Report, hub_id: int, person_id: int) -> str:
    """Return the reader's language, or raise `NotYours`."""
    person = required(session, Person, person_id)
    if may_coordinate(session, person_id, hub_id):
        if report.released_at is None:
            raise NotYours(NOT_RELEASED)
        return person.language
    manager = reader(session, required(session, Cycle, report.cycle_id), person_id)
    seen = scores_of(session, report, paths=manager.paths)
    if hub_id not in {one.hub.id for one in seen.hubs}:
        raise NotYours(NOT_YOUR_REPORT)
    if report.released_at is None and not manager.may_release:
        raise NotYours(NOT_RELEASED)
    return person.language


def _groups(scores: Scores, manager: Manager) -> Iterable[HubGroup]:
    for _, members in groupby(scores.hubs, key=lambda one: one.unit.id):
        hubs = list(members)
        yield HubGroup(_headline(scores, hubs), tuple(_row(scores, one, manager) for one in hubs))


def _headline(scores: Scores, hubs: Sequence[ScoredHub]) -> Text:
    unit = named(hubs[0].unit.name_zh, hubs[0].unit.name_en)
    scored = [one for one in hubs if one.score.total is not None]
    bands = [
        (band.text, count)
        for band in reversed(scores.framework.bands)
        if (count := sum(one.score.band == band.id for one in scored))
    ]
    if not bands:
        return Text(
            f"{unit.zh}：{len(hubs)}家，都还没有总分", f"{unit.en}: {len(hubs)} without a total so far"
        )
    return Text(
        f"{unit.zh}：" + "，".join(f"{text.zh}{count}家" for text, count in bands),
        f"{unit.en}: " + ", ".join(f"{count} {text.en}" for text, count in bands),
    )


def _row(scores: Scores, one: ScoredHub, manager: Manager) -> HubRow:
    score, report = one.score, scores.report
    return HubRow(
        hub_id=id_of(one.hub),
        hub=one.name,
        url=links.link(
            Purpose.HUB_SCORE,
            id_of(report),
            id_of(one.hub),
            id_of(manager.person),
            expires_at=report.drafted_at + LINK_OPENS,
        ),
        total=score.total,
        low=score.low,
        high=score.high,
        band=scores.band(one),
        chance=_chance(scores, one),
        note=scores.note(one),
    )


def _chance(scores: Scores, one: ScoredHub) -> Text | None:
    """Return the band with its probability, and that of the likeliest other where the band is not sure."""
    band, chances = scores.band(one), one.score.detail["band_probability"]
    if band is None or not chances:
        return band
    own = chances[one.score.band]
    if own >= SURE:
        return Text(f"{band.zh}，几乎可以肯定", f"{band.en}, almost surely")
    others = [other for other in scores.framework.bands if other.id != one.score.band]
    other = max(others, key=lambda candidate: float(chances[candidate.id]))
    return Text(
        f"{band.zh}{own:.0%}，{other.text.zh}{chances[other.id]:.0%}",
        f"{band.en} {own:.0%}, {other.text.en} {chances[other.id]:.0%}",
    )


def _checks(session: Session, scores: Scores) -> Iterable[Check]:
    figures, cycle = scores.figures, scores.cycle
    waiting = figures.hubs - figures.scored
    yield Check(
        Text(
            f"{figures.hubs}家里{figures.scored}家有总分",
            f"{figures.scored} of {figures.hubs} hubs have a total",
        ),
        is_done=waiting == 0,
    )
    sent = _states(session, select(Assessment.state).where(Assessment.cycle_id == cycle.id))
    done, asked = sent.count(AssessmentState.SUBMITTED), len(sent) - sent.count(AssessmentState.CONFLICT)
    yield Check(
        Text(f"评估员交来{done}份，应交{asked}份", f"{done} of {asked} assessments came in"),
        is_done=done == asked,
    )
    drawn = _states(session, select(Invitation.state).where(Invitation.cycle_id == cycle.id))
    answered, refused = drawn.count(InvitationState.ANSWERED), drawn.count(InvitationState.REFUSED)
    yield Check(
        Text(
            f"抽中{len(drawn)}人，回答{answered}人，谢绝{refused}人",
            f"{answered} of {len(drawn)} residents answered, {refused} declined",
        ),
        is_done=answered * 2 >= len(drawn),
    )
    gated = sum(bool(one.score.detail["gates"]) for one in scores.hubs)
    yield Check(
        Text(f"{gated}家受门槛限制", f"{gated} {plural(gated, 'hub is', 'hubs are')} held by a gate"),
        is_done=gated == 0,
    )


def _states(session: Session, question: Any) -> list[str]:
    return list(session.exec(question).all())


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
            value for other in examples if (value := _points(other, dimension.id, possible)) is not None
        ]
        yield DimensionLine(
            name=dimension.text,
            points=_points(one, dimension.id, possible),
            possible=possible,
            median=median(theirs) if len(theirs) > 2 else None,  # noqa: PLR2004 -- two would name a hub
        )


def _points(one: ScoredHub, dimension: str, possible: float) -> float | None:
    value = one.score.detail["dimensions"].get(dimension)
    return None if value is None else value / 100 * possible
