"""What a reader of scores has to know beside them: clipped, missing, flagged and unpriced values (D02 to D10, S02)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from evaluation.framework import Framework, Kind
from evaluation.observations import Inputs
from evaluation.problems import Problem, Problems
from evaluation.scoring import Score


def notes(
    framework: Framework, inputs: Inputs, scores: Sequence[Score], careless: Mapping[str, Mapping[str, str]]
) -> list[Problem]:
    """Return warnings on scores; nothing was refused for any of them."""
    problems = Problems()
    for one in scores:
        _on_values(framework, one, problems)
    _on_frames(framework, inputs, problems)
    for hub, respondents in careless.items():
        same = sum(why == "straight" for why in respondents.values())
        problems.add(
            "D10",
            f"有{len(respondents)}份回答可疑（{same}份各题全同），都算在内，另列出去掉后的分数。",
            f"{len(respondents)} answers look unthought ({same} the same on every item). "
            "They count, and the score without them is given beside.",
            path=hub,
            read=len(respondents),
            is_warning=True,
        )
    return problems.found


def _on_values(framework: Framework, one: Score, problems: Problems) -> None:
    for name, measure in one.measures.items():
        indicator = framework.indicator[name]
        where = f"{one.hub}.{name}"
        if measure.is_beyond and measure.raw is not None and indicator.kind == Kind.AUTO:
            low, high = indicator.goalposts
            end, zh, en = (
                (high, "高于上端点", "above the top")
                if measure.raw > high
                else (low, "低于下端点", "below the bottom")
            )
            problems.add(
                "D02",
                f"{one.hub}的{name}是{measure.raw:g}，{zh}{end:g}，按{end:g}计。",
                f"{name} of {one.hub} is {measure.raw:g}, {en} goalpost {end:g}, and counts as {end:g}.",
                path=where,
                read=f"{measure.raw:g}",
                nearest=None,
                is_warning=True,
            )
        if indicator.kind == Kind.SURVEY and 0 < measure.n < framework.survey.min_n:
            problems.add(
                "D09",
                f"{one.hub}的{name}样本不足：{measure.n}份，至少要{framework.survey.min_n}份，不计分。",
                f"{name} of {one.hub} has too few answers: {measure.n} of at least {framework.survey.min_n}; not assessed.",
                path=where,
                read=measure.n,
                is_warning=True,
            )
        if measure.remark is not None:
            zh, en = f"{one.hub}的{name}：{measure.remark.zh}。", f"{name} of {one.hub}: {measure.remark.en}."
            problems.add("S03", zh, en, path=where, read=measure.n, is_warning=True)
        if indicator.kind == Kind.RUBRIC and measure.n == 1:
            problems.add(
                "S02",
                f"{one.hub}的{name}只有一位评估员，无法判断一致性。",
                f"{name} of {one.hub} has one rater only: agreement is not estimable.",
                path=where,
                read=measure.n,
                is_warning=True,
            )


def _on_frames(framework: Framework, inputs: Inputs, problems: Problems) -> None:
    """Name every hub and stratum whose number of people served is not known: their scores have no interval."""
    kinds, whole = framework.indicator, {hub for hub, _ in inputs.frame}
    asked = {
        (row.hub, row.stratum) for row in inputs.observations if kinds[row.indicator].kind == Kind.SURVEY
    }
    lacking = sorted(key for key in asked if _is_lacking(key, inputs, whole))
    for hub, stratum in _first_of_each(lacking, whole):
        problems.add(
            "D08",
            f"不知道{hub}{f'（{stratum}）' if stratum else ''}有多少服务对象，所以不给区间。",
            f"How many people {hub}{f' ({stratum})' if stratum else ''} served is not known: no interval.",
            path=f"frame.{hub}.{stratum}".rstrip("."),
            is_warning=True,
        )


def _is_lacking(key: tuple[str, str], inputs: Inputs, whole: set[str]) -> bool:
    hub, stratum = key
    return key not in inputs.frame if stratum else hub not in whole


def _first_of_each(lacking: Iterable[tuple[str, str]], whole: set[str]) -> Iterable[tuple[str, str]]:
    """Return every stratum that a frame lacks, and a hub without any frame but once."""
    seen: set[str] = set()
    for hub, stratum in lacking:
        if hub in whole:
            yield hub, stratum
        elif hub not in seen:
            seen.add(hub)
            yield hub, ""
