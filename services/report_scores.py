"""The scores of a report as plain values: hubs with unit and score, figures, and what a reader may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, fsum, sqrt
from typing import Any

from sqlmodel import Session, col, select

from config.text import Text
from evaluation.framework import Framework
from evaluation.scoring import Status
from evaluation.uncertainty import Z95
from models import Cycle, Hub, HubScore, Report, Unit
from notifications.kinds import HubLine, ReportFigures
from services.frameworks import framework_of
from services.queries import named, required

ROOM_BELOW = 20
"""How much of the lowest band a chart shows at least."""
TEN = 10
NO_BAND = {
    Status.PROVISIONAL: Text("暂不评档：数据不够", "No band yet: too little data"),
    Status.NOT_ASSESSED: Text("不予评估", "Not assessed"),
}


@dataclass(frozen=True)
class ScoredHub:
    """Hold a hub with its unit and its score."""

    hub: Hub
    unit: Unit
    score: HubScore

    @property
    def name(self) -> Text:
        """Return the hub's name."""
        return named(self.hub.name_zh, self.hub.name_en)


@dataclass(frozen=True)
class Scores:
    """Hold the scores of a report, or of the branch of one reader."""

    report: Report
    cycle: Cycle
    framework: Framework
    hubs: tuple[ScoredHub, ...]

    def band(self, one: ScoredHub) -> Text | None:
        """Return the name of a hub's band."""
        return next((band.text for band in self.framework.bands if band.id == one.score.band), None)

    def note(self, one: ScoredHub) -> Text | None:
        """Return what limits a score: what is missing, or the gates that bind."""
        detail, status = one.score.detail, Status(one.score.status)
        gate = text_of(detail["explanation"]["gate"])
        if status == Status.NOT_ASSESSED or (gate is not None and one.score.total is not None):
            return gate
        missing = self.missing(one)
        if not missing:
            return None
        words = NO_BAND.get(
            status, Text("缺一部分，已按其余折算", "Part is missing and scaled from the rest")
        )
        return Text(
            f"{words.zh}（{'、'.join(text.zh for text in missing)}）。",
            f"{words.en} ({'; '.join(text.en for text in missing)}).",
        )

    def missing(self, one: ScoredHub) -> list[Text]:
        """Return each missing indicator with the reason."""
        return [
            Text(f"{self._name(row).zh}：{why.zh}", f"{self._name(row).en}: {why.en}")
            for row in one.score.detail["explanation"]["earned"]
            if (why := text_of(row["why_missing"])) is not None
        ]

    def line(self, one: ScoredHub) -> HubLine:
        """Return a hub's score as mails tell it."""
        score = one.score
        return HubLine(one.name, score.total, score.low, score.high, self.band(one), self.note(one))

    @property
    def figures(self) -> ReportFigures:
        """Return the figures that open a report; the mean's interval is made of the hubs' own errors."""
        scored = [one.score for one in self.hubs if one.score.total is not None]
        mean = fsum(score.total or 0.0 for score in scored) / len(scored) if scored else None
        low, high = None, None
        errors = [score.detail["standard_error"] for score in scored]
        if mean is not None and None not in errors:
            half = Z95 * sqrt(fsum(error**2 for error in errors)) / len(errors)
            low, high = mean - half, mean + half
        bands = tuple(
            (band.text, sum(score.band == band.id for score in scored))
            for band in reversed(self.framework.bands)
        )
        return ReportFigures(len(self.hubs), len(scored), mean, low, high, bands)

    @property
    def edges(self) -> tuple[float, ...]:
        """Return the ends of the bands as charts draw them; nothing that is drawn lies below the first."""
        starts = [band.start for band in self.framework.bands] or [self.framework.scale.minimum]
        upper = (*starts[1:], self.framework.scale.maximum)
        lows = [one.score.low for one in self.hubs if one.score.low is not None]
        first = min([upper[0] - ROOM_BELOW, *(floor(low / TEN) * TEN for low in lows)])
        return (max(first, starts[0]), *upper)

    @property
    def band_names(self) -> tuple[Text, ...]:
        """Return the names between the edges."""
        return tuple(band.text for band in self.framework.bands) or (Text("", ""),)

    def _name(self, row: dict[str, Any]) -> Text:
        return self.framework.indicator[row["indicator"]].text


def scores_of(session: Session, report: Report, *, paths: Sequence[str] | None = None) -> Scores:
    """Return the scores of a report in the order of units and hubs; `paths` limit them to branches."""
    cycle = required(session, Cycle, report.cycle_id)
    question = (
        select(Hub, Unit, HubScore)
        .join(Unit, col(Unit.id) == Hub.unit_id)
        .join(HubScore, col(HubScore.hub_id) == Hub.id)
        .where(HubScore.run_id == report.run_id)
        .order_by(col(Unit.code), col(Hub.code))
    )
    rows = [ScoredHub(*row) for row in session.exec(question)]
    seen = [one for one in rows if paths is None or one.unit.path.startswith(tuple(paths))]
    return Scores(report, cycle, framework_of(session, cycle), tuple(seen))


def text_of(both: dict[str, str] | None) -> Text | None:
    """Return a stored sentence as a text."""
    return None if both is None else Text(both["zh"], both["en"])
