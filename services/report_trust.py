"""How far a report can be trusted, in plain words: what decides, who agrees, how hubs stand to each other.

Everything was kept when the cycle was scored; a run that is older than that has nothing to tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from config.text import Text, plural
from evaluation.framework import Kind
from evaluation.rounding import settle, shown
from models import Person, ScoreRun
from services.queries import batches, required
from services.report_scores import ScoredHub, Scores, text_of

MOST_SHIFTS = 5
MOST_PATTERN = 5


@dataclass(frozen=True)
class TrustLine:
    """Hold one line: what it is about, what is said of it, and whether somebody should look at it."""

    title: Text
    sentence: Text
    needs_a_look: bool = False


@dataclass(frozen=True)
class Trust:
    """Hold what a report says about itself."""

    standing: tuple[Text, ...]
    weights: tuple[TrustLine, ...]
    agreement: tuple[TrustLine, ...]
    assessors: tuple[TrustLine, ...]
    """For who may release only: it names people."""
    severity: Text | None
    shifts: tuple[TrustLine, ...]
    pattern: tuple[TrustLine, ...]


def trust_of(session: Session, scores: Scores, *, names_people: bool) -> Trust | None:
    """Return how far the scores of a report can be trusted; None for a run that kept nothing of it."""
    kept = required(session, ScoreRun, scores.report.run_id).beside
    if not kept:
        return None
    people = _assessors(session, scores, kept["severity"]["raters"]) if names_people else ()
    return Trust(
        standing=tuple(_standing(scores)),
        weights=tuple(map(_weight, kept["weights"])),
        agreement=tuple(map(_agreement, kept["reliability"])),
        assessors=tuple(people),
        severity=_applied(kept["severity"]["applied"]) if kept["severity"]["raters"] else None,
        shifts=tuple(map(_shift, kept["sensitivity"][:MOST_SHIFTS])),
        pattern=tuple(
            _pattern(line) for line in kept["pattern"][:MOST_PATTERN] if settle(line["points"]) > 0
        ),
    )


def _standing(scores: Scores) -> Iterable[Text]:
    """Say how many hubs differ from the others by more than chance, and which fall out of the funnel."""
    bridge = scores.framework.bridge
    if bridge is not None:
        n = len(bridge.indicators)
        yield Text(
            f"和{bridge.since}版的结果比前后，只看“{bridge.text.zh}”里的{n}个指标：它们在两版里量的是一回事。",
            f"Changes since version {bridge.since} are told over the {n} {plural(n, 'indicator', 'indicators')} of "
            f'"{bridge.text.en}" alone, which measure the same in both.',
        )
    known = [(one, one.score.detail.get("beside")) for one in scores.hubs]
    compared = [(one, beside) for one, beside in known if beside is not None]
    if not compared:
        return
    apart = sum(beside["differs"] for _, beside in compared)
    yield Text(
        f"{len(compared)}家里，和其他家的平均确实不同的有{apart}家；其余的差别可能只是碰巧。",
        f"Of {len(compared)} hubs {apart} truly differ from the mean of the others; the rest may differ by chance.",
    )
    for is_above in (True, False):
        out = [one.name for one, beside in compared if _outside(one, beside, is_above=is_above)]
        if out:
            zh, en = ("高", "above") if is_above else ("低", "below")
            yield Text(
                f"偏{zh}得多，碰巧很难解释（千分之二）：{'、'.join(name.zh for name in out)}。",
                f"Far {en} what chance explains (2 in 1,000): {', '.join(name.en for name in out)}.",
            )


def _outside(one: ScoredHub, beside: Mapping[str, Any], *, is_above: bool) -> bool:
    low, high = beside["funnel"][-1]
    total = one.score.total
    return total is not None and (total > high if is_above else total < low)


def _weight(row: Mapping[str, Any]) -> TrustLine:
    name, warning = _text(row["name"]), text_of(row["warning"])
    plain = Text(
        f"名义上占{row['nominal']:.0%}，实际决定{row['effective']:.0%}。",
        f"Weighs {row['nominal']:.0%} on paper and decides {row['effective']:.0%}.",
    )
    spread = Text(
        f"平均{shown(row['mean'])}分，各家相差（标准差）{shown(row['spread'])}分。",
        f" The mean is {shown(row['mean'])} points, the spread (standard deviation) {shown(row['spread'])}.",
    )
    said = plain if warning is None else warning
    return TrustLine(name, Text(said.zh + spread.zh, said.en + spread.en), warning is not None)


def _agreement(row: Mapping[str, Any]) -> TrustLine:
    name, advice = _text(row["name"]), _text(row["advice"])
    if row["alpha"] is None:
        return TrustLine(name, Text(f"{advice.zh}。", f"{advice.en.capitalize()}."), needs_a_look=True)
    needed = _needed(row["raters_needed"])
    figures = ", ".join(
        f"{label} {shown(row[key], 2)}"
        for label, key in (("α", "alpha"), (row["icc_form"], "icc"), ("AC2", "ac2"))
        if row[key] is not None
    )
    return TrustLine(
        name,
        Text(
            f"{advice.zh}：{row['pairs']}对打分里{row['exact']:.0%}完全相同（{figures}）。{needed.zh}",
            f"{advice.en.capitalize()}: {row['exact']:.0%} of {row['pairs']} pairs of ratings are the same "
            f"({figures}). {needed.en}",
        ),
        needs_a_look=row["alpha"] < TENTATIVE,
    )


TENTATIVE = 0.667
"""Below this assessors should be trained and rate again (`evaluation.reliability`)."""


def _needed(raters: int | None) -> Text:
    if raters is None:
        return Text("再多评估员也分不清各家。", "No number of assessors would tell the hubs apart.")
    return Text(
        f"要可靠（0.8），每家需要{raters}位评估员。",
        f"To be dependable (0.8), each hub needs {raters} {'assessor' if raters == 1 else 'assessors'}.",
    )


def _assessors(session: Session, scores: Scores, rows: Iterable[Mapping[str, Any]]) -> Iterable[TrustLine]:
    known = list(rows)
    levels = max((one.top_level for one in scores.framework.of_kind(Kind.RUBRIC)), default=1)
    numbers = [int(row["rater"]) for row in known]
    people = {
        one.id: one.name
        for batch in batches(numbers)
        for one in session.exec(select(Person).where(col(Person.id).in_(batch)))
    }
    for row in sorted(known, key=lambda row: (row["shrunken"], row["rater"])):
        low, high = (end * levels for end in row["interval"])
        effect = row["shrunken"] * levels
        is_clear = low > 0 or high < 0
        zh, en = ("偏严", "severe") if effect < 0 else ("偏宽", "mild")
        said = (
            Text(zh, en)
            if is_clear
            else Text("看不出偏严偏宽", "neither severe nor mild as far as can be told")
        )
        name = people.get(int(row["rater"]), "–")
        yield TrustLine(
            Text(name, name),
            Text(
                f"{said.zh}：{effect:+.2f}级（{low:+.2f}至{high:+.2f}），与人同评{row['ratings']}次。",
                f"{said.en.capitalize()}: {effect:+.2f} levels ({low:+.2f} to {high:+.2f}), "
                f"{row['ratings']} ratings beside others'.",
            ),
            needs_a_look=is_clear,
        )


def _applied(applied: bool) -> Text:
    if applied:
        return Text(
            "评估开始前就说好：得分已扣除宽严。", "As said before it began, severity is taken off the scores."
        )
    return Text("宽严只作报告，没有改动任何得分。", "Severity is only reported; no score was changed for it.")


def _shift(row: Mapping[str, Any]) -> TrustLine:
    mean, most = shown(row["mean_shift"]), shown(row["largest_shift"], 0)
    name = _text(row["name"])
    return TrustLine(
        Text(name.zh, name.en[:1].upper() + name.en[1:]),
        Text(f"名次平均动{mean}位，最多{most}位。", f"Places move by {mean} on the mean, by {most} at most."),
    )


def _pattern(row: Mapping[str, Any]) -> TrustLine:
    points = shown(row["points"])
    return TrustLine(
        _text(row["name"]),
        Text(
            f"示范青年汇得满分的{row['examples']:.0%}，其他家{row['others']:.0%}，差{points}分。",
            f"Demonstration hubs earn {row['examples']:.0%} of the points, the others {row['others']:.0%}: "
            f"{points} points apart.",
        ),
    )


def _text(both: Mapping[str, str]) -> Text:
    return Text(both["zh"], both["en"])
