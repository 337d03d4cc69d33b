"""What can be wrong between observations: twice rated, corrected in vain, rated by the hub's own (D05 to D11).

A row that breaks a rule is refused and the others stand; what only has to be known is a warning.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from evaluation.framework import Framework, Kind
from evaluation.observations import Observation, uncorrected
from evaluation.problems import Problems

LEAST_ITEMS = 4
"""Answers to fewer items than these can all be the same without a thought."""
BATCH = 3
"""Respondents whose answers came in the same second before it looks like one device."""


@dataclass(frozen=True)
class Surroundings:
    """Hold what rows are checked against; a window is a pair of ISO days."""

    frame: Mapping[tuple[str, str], int] = field(default_factory=dict)
    invited: Mapping[tuple[str, str], int] = field(default_factory=dict)
    employers: Mapping[str, frozenset[str]] = field(default_factory=dict)
    window: tuple[str, str] | None = None


@dataclass
class Check:
    """Collects what is wrong between rows, and which rows are refused for it."""

    framework: Framework
    surroundings: Surroundings
    places: Mapping[str, dict[str, Any]]
    """Path and line of each row by its id."""
    problems: Problems
    refused: set[str] = field(default_factory=set)

    def run(self, rows: Sequence[Observation]) -> list[Observation]:
        """Return the rows that stand."""
        self._corrections(rows)
        for row in rows:
            self._assessor(row)
            self._window(row)
            self._evidence(row)
        self._twice(uncorrected(row for row in rows if row.id not in self.refused))
        standing = [row for row in rows if row.id not in self.refused]
        self._counts(uncorrected(standing))
        return standing

    def _refuse(self, code: str, row: Observation, zh: str, en: str, **more: Any) -> None:
        self.refused.add(row.id)
        self.problems.add(code, zh, en, **self.places.get(row.id, {"path": row.id}), **more)

    def _corrections(self, rows: Sequence[Observation]) -> None:
        by_id = {row.id: row for row in rows}
        for row in rows:
            if not row.corrects:
                continue
            old = by_id.get(row.corrects)
            if old is None:
                zh, en = (
                    f"{row.id}更正的{row.corrects}不存在。",
                    f"{row.id} corrects {row.corrects}, which is not there.",
                )
                self._refuse("D05", row, zh, en, read=row.corrects, among=by_id)
            elif (old.hub, old.indicator, old.rater) != (row.hub, row.indicator, row.rater):
                zh, en = (
                    f"{row.id}更正的{row.corrects}是另一家、另一项或另一人的。",
                    f"{row.id} corrects {row.corrects}, which is of another hub, indicator or rater.",
                )
                self._refuse("D05", row, zh, en, read=row.corrects)
            elif _goes_round(row, by_id):
                zh, en = f"{row.id}绕回来更正自己。", f"{row.id} corrects itself in the end."
                self._refuse("D05", row, zh, en, read=row.corrects)
            if not row.reason:
                zh, en = f"{row.id}是更正，要写理由。", f"{row.id} is a correction and needs a reason."
                self._refuse("D05", row, zh, en)

    def _twice(self, rows: Iterable[Observation]) -> None:
        order = {name: place for place, name in enumerate(self.places)}
        seen: dict[tuple[str, str, str], str] = {}
        for row in sorted(rows, key=lambda one: order.get(one.id, 0)):
            kind, key = self.framework.indicator[row.indicator].kind, (row.hub, row.indicator, row.rater)
            once = kind in {Kind.AUTO, Kind.DOCUMENT} or bool(row.rater)
            if once and key in seen:
                self._refuse(
                    "D05",
                    row,
                    f"{row.id}：{row.hub}的{row.indicator}已有一个值（{seen[key]}），第二个要说明更正了哪一个和理由。",
                    f"{row.id}: {row.indicator} of {row.hub} has a value already ({seen[key]}); "
                    "a second one must say which it corrects, and why.",
                    read=row.id,
                )
            seen.setdefault(key, row.id)

    def _assessor(self, row: Observation) -> None:
        if row.hub in self.surroundings.employers.get(row.rater, frozenset()):
            self._refuse(
                "D06",
                row,
                f"{row.id}：评估员{row.rater}受雇于{row.hub}，不能评自己的青年汇。",
                f"{row.id}: the assessor {row.rater} is employed by {row.hub}, and nobody rates their own hub.",
                read=row.rater,
            )

    def _evidence(self, row: Observation) -> None:
        rule = self.framework.indicator[row.indicator].evidence
        if rule is None or row.value < rule.at_level:
            return
        kind = row.evidence.rpartition(".")[2].lower() if "." in row.evidence else ""
        if row.evidence and (not kind or not rule.types or kind in rule.types):
            return
        lack = f"的材料类型“{kind}”不收" if row.evidence else "还没有材料"
        lack_en = (
            f'has evidence of type "{kind}", which does not count' if row.evidence else "has no evidence yet"
        )
        self.problems.add(
            "D07",
            f"{row.id}：{row.hub}的{row.indicator}打{row.value:g}，{lack}。分数照收，补齐之前不能签发。",
            f"{row.id}: {row.indicator} of {row.hub} at {row.value:g} {lack_en}. "
            "The value stands; the score must not be released before it is there.",
            read=row.evidence,
            among=rule.types,
            is_warning=True,
            **self.places.get(row.id, {"path": row.id}),
        )

    def _window(self, row: Observation) -> None:
        window, day = self.surroundings.window, row.at[:10]
        if window is not None and day and not window[0] <= day <= window[1]:
            self._refuse(
                "D11",
                row,
                f"{row.id}的日期{day}不在{window[0]}至{window[1]}之内。",
                f"{row.id} is dated {day}, outside {window[0]} to {window[1]}.",
                read=row.at,
            )

    def _counts(self, rows: Iterable[Observation]) -> None:
        """Compare answers with the people served and with those who were asked."""
        kinds = self.framework.indicator
        answers = Counter(
            (row.hub, row.stratum, row.indicator) for row in rows if kinds[row.indicator].kind == Kind.SURVEY
        )
        limits = (
            (self.surroundings.frame, "服务对象只有", "people were served"),
            (self.surroundings.invited, "邀请的只有", "people were asked"),
        )
        for (hub, stratum, indicator), number in sorted(answers.items()):
            for known, zh, en in limits:
                most = known.get((hub, stratum))
                if most is not None and number > most:
                    self.problems.add(
                        "D08",
                        f"{hub}（{stratum}）的{indicator}有{number}份回答，{zh}{most}人，所以不给区间。",
                        f"{indicator} of {hub} ({stratum}) has {number} answers, and only {most} {en}: no interval.",
                        path=f"frame.{hub}.{stratum}",
                        read=number,
                        nearest=str(most),
                    )


def _goes_round(row: Observation, by_id: Mapping[str, Observation]) -> bool:
    """Say whether following corrections from a row leads back to it."""
    seen, at = {row.id}, row
    while at.corrects and at.corrects in by_id:
        if at.corrects in seen:
            return at.corrects == row.id
        seen.add(at.corrects)
        at = by_id[at.corrects]
    return False


def careless(framework: Framework, rows: Iterable[Observation]) -> dict[str, dict[str, str]]:
    """Return by hub the respondents whose answers look unthought, with why: all the same, or in one second.

    They are kept and flagged (D10): the score is shown with and without them.
    """
    by_respondent: dict[tuple[str, str], list[Observation]] = defaultdict(list)
    for row in uncorrected(rows):
        if row.rater and framework.indicator[row.indicator].kind == Kind.SURVEY:
            by_respondent[row.hub, row.rater].append(row)
    found: dict[str, dict[str, str]] = defaultdict(dict)
    moments: dict[tuple[str, str], set[str]] = defaultdict(set)
    for (hub, rater), given in by_respondent.items():
        if len(given) >= LEAST_ITEMS and len({row.value for row in given}) == 1:
            found[hub][rater] = "straight"
        for moment in {row.at for row in given if "T" in row.at or " " in row.at}:
            moments[hub, moment].add(rater)
    for (hub, _), raters in moments.items():
        if len(raters) >= BATCH:
            found[hub].update(dict.fromkeys(raters, "batch"))
    return {hub: dict(sorted(raters.items())) for hub, raters in sorted(found.items())}
