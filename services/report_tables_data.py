"""The tables of a report on promises, assessors, and what is missing or was set right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from statistics import fmean

from sqlmodel import Session, col, select

from config.text import Text
from documents.papers import Column, Table
from models import Override
from models.states import CommitmentState, OverrideState
from services.commitment_views import CommitmentView, of_hubs
from services.evaluation_cycles import today_of
from services.queries import id_of
from services.report_scores import ScoredHub, Scores
from services.report_standing import Standing
from services.report_tables import HUB

MOST_NAMED = 6


def promises_table(session: Session, scores: Scores, *, now: datetime) -> Table:
    """Return table D: commitments that are behind the even way from their baseline to their day."""
    views = of_hubs(
        session,
        [id_of(one.hub) for one in scores.hubs],
        CommitmentState.PROMISED,
        CommitmentState.REPORTED,
        now=now,
    )
    rows = tuple(
        (one.hub, one.title, one.baseline, one.target, one.so_far, expected, one.due_on.isoformat())
        for one in views
        if (expected := _expected(one, now)) > (one.so_far or 0.0)
    )
    columns = (
        HUB,
        Column(Text("承诺的指标", "Criterion"), width=2),
        Column(Text("原来", "From"), 1),
        Column(Text("目标", "To"), 1),
        Column(Text("走了", "Done"), 0, percent=True),
        Column(Text("按时应到", "Expected"), 0, percent=True),
        Column(Text("到期", "Due"), width=1.2),
    )
    return Table(Text("表D 落后的承诺", "Table D: commitments behind plan"), columns, rows)


def _expected(view: CommitmentView, now: datetime) -> float:
    """Return which share of the time from promise to day is over, by whole days."""
    whole = (view.due_on - view.opened_on).days
    gone = (today_of(now) - view.opened_on).days
    return min(max(gone / whole, 0.0), 1.0) if whole > 0 else 1.0


def raters_table(standing: Standing) -> Table:
    """Return table E: each assessor by number, their severity with its interval, and exact agreement."""
    numbers = {name: place for place, name in enumerate(sorted({row.rater for row in standing.rows}), 1)}
    given: dict[str, int] = defaultdict(int)
    for row in standing.rows:
        given[row.rater] += 1
    severity = {one.rater: one for one in standing.severities}
    rows = []
    for name, place in numbers.items():
        one = severity.get(name)
        ends = (one.shrunken, *one.interval) if one else (None, None, None)
        rows.append((Text(f"评估员{place}", f"Assessor {place}"), given[name], *ends, _exact(standing, name)))
    columns = (
        Column(Text("评估员", "Assessor"), width=1.5),
        Column(Text("打分数", "Ratings"), 0),
        Column(Text("宽严（正数偏宽）", "Severity (+ is mild)"), 0, percent=True),
        Column(Text("低", "Low"), 0, percent=True),
        Column(Text("高", "High"), 0, percent=True),
        Column(Text("和别人完全一致", "Exact agreement"), 0, percent=True),
    )
    return Table(
        Text("表E 评估员", "Table E: assessors"),
        columns,
        tuple(rows),
        Text(
            "宽严以一项满分的百分比计，只报告，不改分。",
            "Severity is in per cent of a criterion's full score; it is reported and changes no score.",
        ),
        whiskers=(2, 3, 4),
    )


def _exact(standing: Standing, rater: str) -> float | None:
    """Return how often another assessor of the same hub and criterion gave the same level."""
    own = {(row.hub, row.indicator): row.value for row in standing.rows if row.rater == rater}
    same = [
        float(own[row.hub, row.indicator] == row.value)
        for row in standing.rows
        if row.rater != rater and (row.hub, row.indicator) in own
    ]
    return fmean(same) if same else None


def agreement_table(standing: Standing) -> Table:
    """Return how far the assessors agreed on each rubric, and how many would be enough."""
    columns = (
        Column(Text("指标", "Criterion"), width=2.2),
        Column(Text("α（定序）", "Alpha (ordinal)"), 2),
        Column(Text("ICC", "ICC"), 2),
        Column(Text("AC2", "AC2"), 2),
        Column(Text("完全一致", "Exact"), 0, percent=True),
        Column(Text("够用的人数", "Raters for .8"), 0),
        Column(Text("怎么看", "Advice"), width=2.2),
    )
    rows = tuple(
        (one.name, one.alpha, one.icc, one.ac2, one.exact, one.raters_needed, one.advice)
        for one in standing.reliability
    )
    return Table(Text("评估员之间的一致性", "Agreement of assessors"), columns, rows)


def missing_table(scores: Scores) -> Table:
    """Return table F, first half: what is missing, by criterion and reason."""
    found: dict[tuple[str, Text], list[ScoredHub]] = defaultdict(list)
    for one in scores.hubs:
        for row in one.score.detail["explanation"]["earned"]:
            if row["why_missing"] is not None:
                why = Text(row["why_missing"]["zh"], row["why_missing"]["en"])
                found[row["indicator"], why].append(one)
    framework = scores.framework
    rows = tuple(
        (framework.indicator[name].text, why, len(hubs), Text(*_names(hubs)))
        for (name, why), hubs in sorted(found.items(), key=lambda pair: (-len(pair[1]), pair[0][0]))
    )
    columns = (
        Column(Text("指标", "Criterion"), width=1.6),
        Column(Text("为什么没有", "Why it is missing"), width=1.8),
        Column(Text("家数", "Hubs"), 0, width=0.6),
        Column(Text("哪几家", "Which"), width=3),
    )
    return Table(Text("表F 缺的数据", "Table F: missing data"), columns, rows)


def _names(hubs: Sequence[ScoredHub]) -> tuple[str, str]:
    few = hubs[:MOST_NAMED]
    rest = len(hubs) - len(few)
    zh, en = "、".join(one.name.zh for one in few), ", ".join(one.name.en for one in few)
    return (f"{zh}等{len(hubs)}家", f"{en} and {rest} more") if rest else (zh, en)


def overrides_table(session: Session, scores: Scores) -> Table:
    """Return table F, second half: every value that two people set right, with its reason."""
    names = {id_of(one.hub): one.name for one in scores.hubs}
    question = (
        select(Override)
        .where(Override.report_id == scores.report.id, Override.state == OverrideState.CONFIRMED)
        .order_by(col(Override.id))
    )
    rows = tuple(
        (
            names[one.hub_id],
            scores.framework.indicator[one.indicator].text,
            one.old_value,
            one.new_value,
            one.reason,
        )
        for one in session.exec(question)
        if one.hub_id in names
    )
    columns = (
        HUB,
        Column(Text("指标", "Criterion"), width=1.6),
        Column(Text("原来", "From"), 1, width=0.8),
        Column(Text("改为", "To"), 1, width=0.8),
        Column(Text("理由", "Reason"), width=3),
    )
    return Table(Text("表F 更正过的数", "Table F: values set right"), columns, rows)
