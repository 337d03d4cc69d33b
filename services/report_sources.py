"""Where a number of a hub's score comes from: its definition, and the rows behind it, for who may read the score.

Assessors stand there by number, participants and residents not at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from config.text import Refusal, Text
from evaluation.framework import Framework, Indicator, Kind
from evaluation.rounding import settle
from evaluation.wording import AGREEMENT
from models import Cycle, Observation, Report, SurveyAnswer
from services.errors import NotFound
from services.evaluation_cycles import period_of
from services.frameworks import framework_of
from services.metric_rows import A_REPORT, ROW_IS
from services.metrics import METRICS, rows_behind
from services.overrides import standing
from services.queries import required
from services.report_hub_view import HubView, hub_view

NO_SUCH_INDICATOR = Refusal(
    "no_such_indicator", Text("这份标准体系里没有这一项。", "This framework has no such criterion.")
)
MOST_ROWS = 500


@dataclass(frozen=True)
class SourceRow:
    """Hold one row behind a number in words."""

    title: Text
    at: datetime | None
    day: date | None
    words: Text


@dataclass(frozen=True)
class SourceView:
    """Hold what the page of one number shows."""

    hub: Text
    cycle: Text
    language: str
    name: Text
    definition: Text
    row_is: Text
    value: Text | None
    counted_at: datetime | None
    rows: tuple[SourceRow, ...]
    left_out: int
    note: Text | None


def source_view(
    session: Session, report_id: int, hub_id: int, indicator: str, *, person_id: int, now: datetime
) -> SourceView:
    """Return the rows behind one criterion of a hub's score; raises as the score's own page does, or `NotFound`."""
    view = hub_view(session, report_id, hub_id, person_id=person_id, now=now)
    cycle = required(session, Cycle, required(session, Report, report_id).cycle_id)
    framework = framework_of(session, cycle)
    own = framework.indicator.get(indicator)
    if own is None:
        raise NotFound(NO_SUCH_INDICATOR)
    if own.kind == Kind.SURVEY:
        return _survey(session, view, cycle, framework, own)
    given = standing(session, cycle, hub_id, indicator)
    return _auto(session, view, cycle, own, given) if own.kind == Kind.AUTO else _rated(view, own, given)


def _view(view: HubView, own: Indicator, **fields: Any) -> SourceView:
    plain = {"value": None, "counted_at": None, "rows": (), "left_out": 0, "note": None}
    return SourceView(view.hub, view.cycle, view.language, own.text, **{**plain, **fields})


def _auto(
    session: Session, view: HubView, cycle: Cycle, own: Indicator, given: list[Observation]
) -> SourceView:
    metric = METRICS[own.metric or ""]
    newest = given[-1] if given else None
    counted_at = newest.observed_at if newest else cycle.closes_at
    rows = rows_behind(session, metric.id, period_of(cycle, counted_at), view.hub_id)
    note = None
    if newest is not None and newest.source == "override":
        note = Text(
            f"这个数由两个人更正过：{newest.reason}", f"Two people set this value right: {newest.reason}"
        )
    elif newest is not None and rows and settle(metric.reduce(rows) - newest.value) != 0:
        note = Text("这些行后来变过，和计数时不同。", "These rows have changed since they were counted.")
    return _view(
        view,
        own,
        definition=metric.definition,
        row_is=ROW_IS.get(metric.id, A_REPORT),
        value=None if newest is None else _number(newest.value, metric.unit),
        counted_at=newest.observed_at if newest else None,
        rows=tuple(
            SourceRow(
                row.title,
                row.at if isinstance(row.at, datetime) else None,
                row.at if isinstance(row.at, date) and not isinstance(row.at, datetime) else None,
                _amount(row.amount, row.of),
            )
            for row in rows[:MOST_ROWS]
        ),
        left_out=max(len(rows) - MOST_ROWS, 0),
        note=note,
    )


def _amount(amount: float, of: float | None) -> Text:
    if of is None:
        return Text(f"{amount:g}", f"{amount:g}")
    return Text(f"{amount:g}／{of:g}", f"{amount:g} of {of:g}")


def _number(value: float, unit: Text) -> Text:
    return Text(f"{value:.4g}{unit.zh}", f"{value:.4g} {unit.en}".replace(" %", "%"))


def _rated(view: HubView, own: Indicator, given: list[Observation]) -> SourceView:
    """Return each assessor's level with its words; who gave it is a number."""
    numbers = {rater: place for place, rater in enumerate(sorted({one.rater_id or 0 for one in given}), 1)}
    rows = []
    for one in given:
        level = int(one.value)
        words = (own.levels[level] if 0 <= level < len(own.levels) else None) or Text("", "")
        place = numbers[one.rater_id or 0]
        who = Text(f"评估员{place}", f"Assessor {place}")
        title = who if one.rater_id is not None else Text("两个人更正", "Set right by two people")
        rows.append(
            SourceRow(title, one.observed_at, None, Text(f"{level}：{words.zh}", f"{level}: {words.en}"))
        )
    mean = sum(one.value for one in given) / len(given) if given else None
    return _view(
        view,
        own,
        definition=Text("评估员各自给一档，取平均。", "Each assessor gives a level; the mean counts."),
        row_is=Text("一位评估员给的档", "the level that one assessor gave"),
        value=None if mean is None else Text(f"平均{mean:.2f}档", f"mean level {mean:.2f}"),
        rows=tuple(rows),
    )


def _survey(
    session: Session, view: HubView, cycle: Cycle, framework: Framework, own: Indicator
) -> SourceView:
    """Return how many residents gave each answer, or nothing below the smallest number."""
    question = select(SurveyAnswer.answers).where(
        col(SurveyAnswer.cycle_id) == cycle.id, col(SurveyAnswer.hub_id) == view.hub_id
    )
    given = [answers[own.item] for answers in session.exec(question) if own.item in answers]
    least = framework.survey.min_n
    fields: dict[str, Any] = {
        "definition": Text(
            "抽签抽中的居民不记名回答，按分层加权平均。",
            "Answered anonymously by residents drawn by lot; the mean is weighted by strata.",
        ),
        "row_is": Text("一种回答有几人选", "an answer, and how many gave it"),
    }
    if len(given) < least:
        few = Text(
            f"只有{len(given)}份回答，不到{least}份，不给任何人看。",
            f"There are {len(given)} answers; fewer than {least} are shown to nobody.",
        )
        return _view(view, own, note=few, **fields)
    mean = sum(given) / len(given)
    return _view(
        view,
        own,
        value=Text(f"{len(given)}份，平均{mean:.2f}", f"{len(given)} answers, mean {mean:.2f}"),
        rows=tuple(_levels(own, Counter(given))),
        **fields,
    )


def _levels(own: Indicator, counts: Counter[int]) -> Iterable[SourceRow]:
    low, high = own.answers
    words = AGREEMENT if (low, high) == (1, 5) else {}
    for level in range(low, high + 1):
        title = words.get(level, Text("", ""))
        named = Text(f"{level} {title.zh}".strip(), f"{level} {title.en}".strip())
        yield SourceRow(named, None, None, Text(f"{counts[level]}人", f"{counts[level]}"))
