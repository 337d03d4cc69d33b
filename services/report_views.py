"""A report as its page shows it, in plain values, each reader with their own branch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlmodel import Session, col, select

from config.text import Text, plural
from models import Assessment, Cycle, Evidence, Hub, Invitation, Person, Report
from models.states import AssessmentState, InvitationState
from notifications import links
from notifications.links import Purpose
from services.errors import NotYours
from services.evaluation_cycles import cycle_name
from services.objection_views import count_open
from services.queries import id_of, named, required
from services.report_hub_trust import chance_of
from services.report_readers import NOT_RELEASED, Manager, reader
from services.report_scores import ScoredHub, Scores, scores_of
from services.report_trust import Trust, trust_of

LINK_OPENS = timedelta(days=120)


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
    may_audit: bool
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
    is_pilot: bool
    revision: int
    accuracy_until: datetime | None
    branch_url: str
    """Where the reader decides objections; empty for who may not."""
    evidence: tuple[tuple[int, Text], ...]
    """Files of assessors, for who may audit."""
    missing: tuple[Text, ...]
    """Assessments that did not come in, each by hub and assessor, for who may release."""
    trust: Trust | None
    """How far the numbers can be trusted; None for a run that kept nothing of it."""


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
        may_audit=manager.may_audit,
        **vars(figures),
        edges=scores.edges,
        band_names=scores.band_names,
        groups=tuple(_groups(scores, manager)),
        checks=tuple(_checks(session, scores)),
        is_pilot=scores.cycle.is_pilot,
        revision=report.revision,
        accuracy_until=report.accuracy_until,
        branch_url=_branch_url(scores, manager) if manager.may_release else "",
        evidence=tuple(_files(session, scores)) if manager.may_audit else (),
        missing=tuple(_not_sent_in(session, scores.cycle)) if manager.may_release else (),
        trust=trust_of(session, scores, names_people=manager.may_release),
    )


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
        f"{unit.en}: " + ", ".join(f"{text.en} {count}" for text, count in bands),
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
        chance=chance_of(scores, one),
        note=scores.note(one),
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
    lost = drawn.count(InvitationState.UNREACHABLE)
    silent = len(drawn) - answered - refused - lost
    yield Check(
        Text(
            f"抽中{len(drawn)}人，回答{answered}人，谢绝{refused}人，没联系上{lost}人，没有回音{silent}人",
            f"{answered} of {len(drawn)} residents answered, {refused} declined, {lost} could not be reached, "
            f"{silent} kept silent",
        ),
        is_done=answered * 2 >= len(drawn),
    )
    objections = count_open(session, id_of(scores.report))
    if scores.report.accuracy_until is not None or objections:
        yield Check(
            Text(f"{objections}个异议等裁定", f"{objections} objections wait for a decision"),
            is_done=objections == 0,
        )
    gated = sum(bool(one.score.detail["gates"]) for one in scores.hubs)
    yield Check(
        Text(f"{gated}家受门槛限制", f"{gated} {plural(gated, 'hub is', 'hubs are')} held by a gate"),
        is_done=gated == 0,
    )


def _branch_url(scores: Scores, manager: Manager) -> str:
    ids = scores.cycle.unit_id, id_of(manager.person)
    return links.link(Purpose.BRANCH, *ids, expires_at=scores.report.drafted_at + LINK_OPENS)


def _files(session: Session, scores: Scores) -> Iterable[tuple[int, Text]]:
    names = {one.hub.id: one.name for one in scores.hubs}
    question = (
        select(Evidence, Assessment.hub_id)
        .join(Assessment, col(Assessment.id) == Evidence.assessment_id)
        .where(Assessment.cycle_id == scores.cycle.id)
        .order_by(col(Assessment.hub_id), col(Evidence.id))
    )
    for file, hub_id in session.exec(question):
        if hub_id in names:
            name, of = names[hub_id], scores.framework.indicator[file.indicator].text
            yield id_of(file), Text(f"{name.zh}：{of.zh}（{file.kind}）", f"{name.en}: {of.en} ({file.kind})")


def _not_sent_in(session: Session, cycle: Cycle) -> Iterable[Text]:
    """Name what is late or missing; nothing is guessed in its place."""
    question = (
        select(Hub, Person)
        .join(Assessment, col(Assessment.hub_id) == Hub.id)
        .join(Person, col(Person.id) == Assessment.assessor_id)
        .where(
            Assessment.cycle_id == cycle.id,
            col(Assessment.state).in_((AssessmentState.ASKED, AssessmentState.MISSED)),
        )
        .order_by(col(Hub.code), col(Person.name))
    )
    for hub, person in session.exec(question):
        name = named(hub.name_zh, hub.name_en)
        yield Text(f"{name.zh}：{person.name}", f"{name.en}: {person.name}")


def _states(session: Session, question: Any) -> list[str]:
    return list(session.exec(question).all())
