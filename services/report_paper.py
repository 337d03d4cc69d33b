"""The report for managers as a paper, from which its PDF and its workbook are made.

Who may release it reads the whole; a manager below reads their own branch, without assessors and missing data.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlmodel import Session

from config.text import Refusal, Text
from documents.papers import Chart, Column, Paper, Section, Table, unprintable
from evaluation.scoring import Status
from models import Cycle, Report, ScoreRun
from models.states import InvitationState
from services import report_charts, report_tables, report_tables_data
from services.errors import NotYours
from services.evaluation_cycles import cycle_name
from services.objection_views import count_open
from services.queries import id_of, named, required
from services.report_readers import NOT_RELEASED, Manager, reader
from services.report_scores import ScoredHub, Scores, scores_of
from services.report_sentences import changes
from services.report_standing import Standing, stages_of, standing_of


@dataclass(frozen=True)
class ReportPaper:
    """Hold a report as a paper for one reader, and the name of its file without the ending."""

    paper: Paper
    language: str
    file_name: str


def report_paper(session: Session, report_id: int, *, person_id: int, now: datetime) -> ReportPaper:
    """Return a report as one manager may read it; raises `NotYours` as its page does."""
    report = required(session, Report, report_id)
    cycle = required(session, Cycle, report.cycle_id)
    manager = reader(session, cycle, person_id)
    if report.released_at is None and not manager.may_release:
        raise NotYours(NOT_RELEASED)
    scores = scores_of(session, report, paths=None if manager.may_release else manager.paths)
    paper = _paper(session, scores, manager, now)
    return ReportPaper(paper, manager.person.language, f"report-{cycle.code}-r{report.revision}")


def printable(session: Session, scores: Scores, *, now: datetime) -> tuple[Refusal, ...]:
    """Return what keeps a report from being printed: a character that our font lacks, with its field (R01)."""
    whole = Section(
        Text("", ""),
        (),
        (_words(scores), report_tables_data.overrides_table(session, scores)),
    )
    cycle = cycle_name(scores.cycle)
    return unprintable(Paper(cycle, cycle, (), (whole,), cycle, now))


def _words(scores: Scores) -> Table:
    """Return the names that every report about these hubs is made of."""
    framework = scores.framework
    columns = (Column(Text("单位", "Unit")), Column(Text("名称", "Name")))
    hubs = tuple((named(one.unit.name_zh, one.unit.name_en), one.name) for one in scores.hubs)
    own = [each.text for each in framework.indicators]
    own += [each.text for each in framework.dimensions] + [each.text for each in framework.bands]
    return Table(Text("名称", "Names"), columns, (*hubs, *(("", text) for text in own)))


def _paper(session: Session, scores: Scores, manager: Manager, now: datetime) -> Paper:
    standing, report = standing_of(session, scores), scores.report
    unit = named(manager.units[0].name_zh, manager.units[0].name_en)
    pilot = (
        Text("试评，不作正式结果。", "Pilot: no official result. ") if scores.cycle.is_pilot else Text("", "")
    )
    draft = Text("草稿，未签发。", "Draft, not released. ") if report.released_at is None else Text("", "")
    note = Text(
        f"{pilot.zh}{draft.zh}{cycle_name(scores.cycle).zh}",
        f"{pilot.en}{draft.en}{cycle_name(scores.cycle).en}",
    )
    sections = [
        _first(session, standing, manager),
        _hubs(standing),
        _comparisons(standing),
        Section(
            Text("承诺", "Commitments"), (), (report_tables_data.promises_table(session, scores, now=now),)
        ),
    ]
    if manager.may_release:
        sections.append(_assessors(session, standing))
    return Paper(
        title=cycle_name(scores.cycle),
        subtitle=Text(f"{unit.zh}，给负责人的报告", f"{unit.en}: report for managers"),
        facts=tuple(_facts(session, standing)),
        sections=tuple(sections),
        note=note,
        made_at=report.released_at or report.drafted_at,
    )


def _facts(session: Session, standing: Standing) -> Iterable[tuple[Text, Text]]:
    scores, run = standing.scores, required(session, ScoreRun, standing.scores.report.run_id)
    framework, hubs = scores.framework, scores.hubs
    partial = sum(one.score.status == Status.PROVISIONAL for one in hubs)
    none = sum(one.score.status == Status.NOT_ASSESSED for one in hubs)
    whole = len(hubs) - partial - none
    yield (
        Text("标准体系", "Framework"),
        _same(f"{framework.id} {framework.version} · {run.framework_hash[:12]}"),
    )
    yield Text("数据截至", "Data as of"), _same(f"{scores.cycle.period_end} · {run.inputs_hash[:12]}")
    yield (
        Text("参评", "Hubs"),
        Text(
            f"{len(hubs)}家：{whole}家有档次，{partial}家暂不评档，{none}家不予评估",
            f"{len(hubs)}: {whole} with a band, {partial} provisional, {none} not assessed",
        ),
    )
    answers = _answer_counts(standing)
    yield Text("居民问卷", "Residents"), answers
    waiting = count_open(session, id_of(scores.report))
    yield Text("异议", "Objections"), Text(f"{waiting}个等裁定", f"{waiting} wait for a decision")


def _same(words: str) -> Text:
    return Text(words, words)


def _answer_counts(standing: Standing) -> Text:
    """Count refused, out of reach and silent apart: they mean different things."""
    drawn = [standing.answers(one) for one in standing.scores.hubs]
    total = sum(sum(one.values()) for one in drawn)
    states = InvitationState.ANSWERED, InvitationState.REFUSED, InvitationState.UNREACHABLE
    answered, refused, unreachable = (sum(one[state] for one in drawn) for state in states)
    silent = total - answered - refused - unreachable
    return Text(
        f"抽中{total}人：回答{answered}，谢绝{refused}，没联系上{unreachable}，没有回音{silent}",
        f"{total} drawn: {answered} answered, {refused} declined, {unreachable} out of reach, {silent} silent",
    )


def _first(session: Session, standing: Standing, manager: Manager) -> Section:
    charts: list[Table | Chart] = [_bands(standing), report_charts.caterpillar(standing)]
    slopes = report_charts.stage_slopes(stages_of(session, standing.scores))
    if slopes is not None:
        charts.append(slopes)
    if manager.may_release and (strip := report_charts.rank_strip(standing)) is not None:
        charts.append(strip)
    return Section(Text("一眼看完", "At a glance"), tuple(changes(standing)), tuple(charts))


def _bands(standing: Standing) -> Table:
    """Return how many hubs are in each band, now and the last time."""
    before = dict(standing.before.figures.bands) if standing.before else {}
    rows = tuple(
        (name, count, before.get(name) if standing.before else None)
        for name, count in standing.scores.figures.bands
    )
    columns = (
        Column(Text("档次", "Band"), width=2),
        Column(Text("这次", "Now"), 0),
        Column(Text("上次", "Before"), 0),
    )
    return Table(Text("各档家数", "Hubs by band"), columns, rows, bars=(1, 2))


def _hubs(standing: Standing) -> Section:
    return Section(Text("各家", "The hubs"), (), (report_tables.hubs_table(standing),), new_page=True)


def _comparisons(standing: Standing) -> Section:
    scores = standing.scores
    parts: list[Table | Chart] = [
        report_tables.weights_table(standing),
        report_tables.dimensions_table(scores),
    ]
    groups = [(named(hubs[0].unit.name_zh, hubs[0].unit.name_en), hubs) for hubs in _by_unit(scores)]
    parts += [
        each
        for each in (
            report_charts.funnel(standing),
            *report_charts.part_profile(scores, groups),
            report_charts.sensitivity(standing),
        )
        if each is not None
    ]
    return Section(Text("什么决定了得分", "What decides the scores"), (), tuple(parts), new_page=True)


def _by_unit(scores: Scores) -> list[list[ScoredHub]]:
    return [list(hubs) for _, hubs in groupby(scores.hubs, key=lambda one: one.unit.id)]


def _assessors(session: Session, standing: Standing) -> Section:
    scores = standing.scores
    return Section(
        Text("评估员与数据", "Assessors and data"),
        (),
        (
            report_tables_data.raters_table(standing),
            report_tables_data.agreement_table(standing),
            report_tables_data.missing_table(scores),
            report_tables_data.overrides_table(session, scores),
        ),
        new_page=True,
    )
