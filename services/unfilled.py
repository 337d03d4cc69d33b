"""Why a place is open, in the words of the last matching run that looked at it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from config.text import Text
from matching.eligibility import Lack, Reason
from matching.occupancy import Hold
from matching.rules import AttributeRule
from matching.shortage import Cause, Crowd, unfilled_sentence
from models import Activity, MatchingRun
from services.matching_rules import own_rules
from services.matchmaking_result import OWN_RULE
from services.queries import skill_names

REMEMBERED = timedelta(days=30)
NOT_MATCHED = Text("还没有给它配过人", "Nobody has been matched to it yet")
ALL_ASKED = Text("合适的人都问过了", "Everybody who fits has been asked")
NEXT_IN_LINE = Text("后面还有{n}位合适的，系统会接着问", "{n} more who fit are in line and are asked next")


@dataclass(frozen=True)
class OpenNeed:
    """Hold a need with open places: where and when it is, and how many people are in line for it."""

    need_id: int
    hub_id: int
    starts_at: datetime
    in_line: int


def why_open(session: Session, needs: Iterable[OpenNeed], *, now: datetime) -> dict[int, Text]:
    """Return why each need has open places, by its id."""
    wanted = list(needs)
    runs = _runs(session, now) if any(not need.in_line for need in wanted) else []
    words = _Words(skill_names(session), own_rules(session)) if runs else _Words({}, ())
    return {need.need_id: _why(need, runs, words) for need in wanted}


@dataclass(frozen=True)
class _Words:
    """Hold the names behind ids and codes that a run keeps."""

    skills: Mapping[int, Text]
    rules: tuple[AttributeRule, ...]

    def lacks(self, counts: Mapping[str, int]) -> list[tuple[Lack, int]]:
        """Return kept counts with what they count, as far as it is still known."""
        known: dict[str, Lack] = {f"{OWN_RULE}{rule.code}": rule for rule in self.rules}
        known |= {str(reason.name).lower(): reason for reason in Reason}
        return [(known[name], count) for name, count in counts.items() if name in known]


def _runs(session: Session, now: datetime) -> list[MatchingRun]:
    question = select(MatchingRun).where(col(MatchingRun.created_at) >= now - REMEMBERED)
    return list(session.exec(question.order_by(col(MatchingRun.id).desc())))


def _why(need: OpenNeed, runs: Iterable[MatchingRun], words: _Words) -> Text:
    if need.in_line:
        return NEXT_IN_LINE.format(n=need.in_line)
    run = next((run for run in runs if _looked_at(run.scope, need)), None)
    if run is None:
        return NOT_MATCHED
    kept = next((row for row in run.unfilled if row["need_id"] == need.need_id), None)
    return ALL_ASKED if kept is None else _sentence(kept, words)


def last_run(session: Session, activity: Activity, *, now: datetime) -> MatchingRun | None:
    """Return the last run that looked at an activity, of those that are remembered."""
    here = OpenNeed(need_id=0, hub_id=activity.hub_id, starts_at=activity.starts_at, in_line=0)
    return next((run for run in _runs(session, now) if _looked_at(run.scope, here)), None)


def _looked_at(scope: Mapping[str, Any], need: OpenNeed) -> bool:
    hubs, until = scope.get("hubs"), scope.get("until")
    return (hubs is None or need.hub_id in hubs) and (
        until is None or need.starts_at < datetime.fromisoformat(until)
    )


def _sentence(kept: Mapping[str, Any], words: _Words) -> Text:
    crowd = Crowd(**kept["crowd"]) if kept.get("crowd") else None
    said = unfilled_sentence(
        Cause(kept["cause"]),
        kept["eligible"],
        words.lacks(kept["one_short"]),
        held=[(Hold[name.upper()], count) for name, count in kept.get("held", {}).items()],
        crowd=crowd,
        skill=words.skills.get(crowd.skill_id) if crowd and crowd.skill_id is not None else None,
    )
    # It becomes part of a sentence, which has a full stop of its own.
    return Text(said.zh.removesuffix("。"), said.en.removesuffix("."))
