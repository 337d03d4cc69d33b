"""The charts of a manager's report: each title states what the chart shows, computed from the same numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median

from config.text import Text
from documents import charts
from documents.charts import Point
from documents.papers import Chart
from services.evaluation_cycles import STAGES
from services.queries import id_of
from services.report_scores import ScoredHub, Scores
from services.report_standing import Standing

MOST_NAMED = 10
MOST_BARS = 12
LEAST_TICKS = 12


def caterpillar(standing: Standing) -> Chart:
    """Draw every hub's score with its interval, and thick bars that compare two hubs by overlap."""
    points, scores = list(_points(standing)), standing.scores
    sure = sum(_is_sure(scores, one) for one in scores.hubs)
    return Chart(
        Text(
            f"{len(points)}家里{sure}家的档次是确定的",
            f"The band of {sure} of {len(points)} hubs is certain",
        ),
        Text(
            f"{len(points)}家按得分从低到高，细线是95%区间；{sure}家的区间整个在一档之内。数字见表A。",
            f"{len(points)} hubs from the lowest to the highest score; thin lines are 95% intervals, of which {sure} "
            f"lie within one band. The numbers stand in table A.",
        ),
        charts.caterpillar(
            points,
            scores.edges,
            scores.figures.mean,
            Text(
                "每家一条，按得分从低到高。细线是95%区间；两家的粗线不重叠，才算有差别。虚线是平均。",
                "A line for each hub. Thin: 95% interval. Two hubs differ where their thick bars do not overlap. "
                "Dashed: mean.",
            ),
        ),
    )


def _is_sure(scores: Scores, one: ScoredHub) -> bool:
    """Say whether the whole interval lies within one band."""
    if one.score.low is None or one.score.high is None or one.score.total is None:
        return False
    starts = [band.start for band in scores.framework.bands]
    return not any(one.score.low < start <= one.score.high for start in starts)


def _points(standing: Standing) -> Iterable[Point]:
    beside = {one.hub: one for one in standing.comparison.hubs} if standing.comparison else {}
    outside = set(_outside(standing))
    for one in standing.scores.hubs:
        score, own = one.score, beside.get(one.hub.code)
        if score.total is not None and score.low is not None and score.high is not None:
            near = own.overlap if own else None
            yield Point(one.name, score.total, score.low, score.high, near, one.hub.code in outside)


def _outside(standing: Standing) -> list[str]:
    """Return the hubs beyond the limits of 99.8 %, the farthest first, as many as can be named."""
    if standing.comparison is None:
        return []
    totals = {one.hub.code: one.score.total or 0.0 for one in standing.scores.hubs}
    far = [
        (max(low - totals[one.hub], totals[one.hub] - high), one.hub)
        for one in standing.comparison.hubs
        for low, high in (one.funnel[1],)
        if not low <= totals[one.hub] <= high
    ]
    return [hub for _, hub in sorted(far, key=lambda pair: (-pair[0], pair[1]))]


def funnel(standing: Standing) -> Chart | None:
    """Draw scores over their error inside the limits of 95 and 99.8 %; None below two hubs."""
    if standing.comparison is None:
        return None
    outside = _outside(standing)
    named = set(outside[:MOST_NAMED])
    errors = {one.hub.code: one.score.detail["standard_error"] for one in standing.scores.hubs}
    codes = {one.name: one.hub.code for one in standing.scores.hubs}
    points = [
        Point(one.name, one.value, one.low, one.high, None, codes[one.name] in named)
        for one in _points(standing)
    ]
    return Chart(
        Text(
            f"{len(outside)}家超出99.8%界限，和全区平均的差别不像是偶然",
            f"{len(outside)} hubs lie beyond the 99.8% limits: hardly by chance",
        ),
        Text(
            f"横轴是标准误，纵轴是得分，虚线和实线是95%和99.8%界限；{len(outside)}家在实线之外。",
            f"Standard error across, score upwards; dashed and solid lines are the 95 and 99.8% limits; "
            f"{len(outside)} hubs lie outside the solid ones.",
        ),
        charts.funnel(
            points,
            [errors[codes[one.name]] for one in points],
            standing.comparison.middle,
            standing.scores.edges,
            Text(
                f"横轴：得分的标准误（越靠左越准）。虚线95%，实线99.8%。只标出最远的{len(named)}家。",
                f"Across: standard error of the score (left is precise). Dashed 95%, solid 99.8%. "
                f"The {len(named)} farthest are named.",
            ),
        ),
    )


def rank_strip(standing: Standing) -> Chart | None:
    """Draw the interval of every hub's place; a bare rank is shown nowhere."""
    found = list(standing.ranks.values())
    if len(found) < 2:  # noqa: PLR2004 -- one hub has no place
        return None
    width = median(one.high - one.low + 1 for one in found)
    names = {one.hub.code: one.name for one in standing.scores.hubs}
    points = [Point(names[one.hub], float(one.rank), float(one.low), float(one.high)) for one in found]
    last = len(found)
    ticks = sorted({1, last, *(last * part // 4 for part in range(1, 4) if last > LEAST_TICKS)})
    return Chart(
        Text(
            f"名次靠不住：一家的名次区间，中间的有{width:g}位宽",
            f"Ranks say little: the median interval of a rank is {width:g} places wide",
        ),
        Text(
            f"每家名次的95%区间，共{last}家，区间宽度的中位数是{width:g}位。",
            f"The 95% interval of every hub's rank, {last} hubs; the median width is {width:g} places.",
        ),
        charts.ranges(
            points,
            (1.0, float(last)),
            [float(tick) for tick in ticks],
            Text(
                "每家一条，第1位在上。竖线是名次的95%区间。",
                "A line for each hub, place 1 on top: the 95% interval of its rank.",
            ),
        ),
    )


def sensitivity(standing: Standing) -> Chart | None:
    """Draw how far ranks move under other weights, another mean, or without one criterion."""
    found = standing.sensitivity[:MOST_BARS]
    if not found:
        return None
    first = found[0]
    most = max([one.largest_shift for one in found] + [1.0])
    return Chart(
        Text(
            f"最能挪动名次的是：{first.name.zh}（平均{first.mean_shift:.1f}位）",
            f"What moves ranks most: {first.name.en} ({first.mean_shift:.1f} places on average)",
        ),
        Text(
            "；".join(
                f"{one.name.zh}平均{one.mean_shift:.1f}位，最多{one.largest_shift:.0f}位" for one in found
            ),
            "; ".join(
                f"{one.name.en}: {one.mean_shift:.1f} places on average, at most {one.largest_shift:.0f}"
                for one in found
            ),
        ),
        charts.bars(
            [(one.name, one.mean_shift, one.largest_shift) for one in found],
            most,
            Text(
                "名次平均移动几位；竖线是移动最多的一家。",
                "Places by which ranks move on average; the mark is the hub that moves most.",
            ),
        ),
    )


def part_profile(scores: Scores, groups: Sequence[tuple[Text, Sequence[ScoredHub]]]) -> list[Chart]:
    """Draw for each part the mean share of its points by group of hubs, the best group first."""
    found = []
    for part in scores.framework.parts:
        rows = [
            (name, 100 * sum(values) / len(values) / part.weight)
            for name, hubs in groups
            if (values := _part_points(hubs, part.id))
        ]
        rows.sort(key=lambda row: (-row[1], row[0].zh))
        if len(rows) > 1:
            found.append(_profile(part.text, rows))
    return found


def _part_points(hubs: Sequence[ScoredHub], part: str) -> list[float]:
    points = [one.score.detail["nodes"].get(part) for one in hubs if one.score.total is not None]
    return [value for value in points if value is not None]


def _profile(part: Text, rows: Sequence[tuple[Text, float]]) -> Chart:
    best, worst = rows[0], rows[-1]
    return Chart(
        Text(
            f"{part.zh}：{best[0].zh}得分率最高（{best[1]:.0f}%），{worst[0].zh}最低（{worst[1]:.0f}%）",
            f"{part.en}: highest in {best[0].en} ({best[1]:.0f}%), lowest in {worst[0].en} ({worst[1]:.0f}%)",
        ),
        Text(
            "；".join(f"{name.zh}{value:.0f}%" for name, value in rows),
            "; ".join(f"{name.en} {value:.0f}%" for name, value in rows),
        ),
        charts.bars(
            [(name, value, None) for name, value in rows],
            100.0,
            Text("平均得分率，0到100%", "Mean share of points, 0 to 100%"),
        ),
    )


def stage_slopes(stages: Sequence[Scores]) -> Chart | None:
    """Draw every hub's way over the year's stages; None before the second stage."""
    if len(stages) < 2:  # noqa: PLR2004 -- one stage has no slope
        return None
    by_hub = [{id_of(one.hub): one.score.total for one in stage.hubs} for stage in stages]
    ids = sorted(set().union(*by_hub))
    lines = [[stage.get(hub_id) for stage in by_hub] for hub_id in ids]
    up = sum(line[0] is not None and line[-1] is not None and line[-1] > line[0] for line in lines)
    names = [STAGES[stage.cycle.stage] for stage in stages]
    return Chart(
        Text(f"{len(ids)}家里{up}家比年初高", f"{up} of {len(ids)} hubs stand higher than at first"),
        Text(
            f"各家从{names[0].zh}到{names[-1].zh}的得分，粗线是平均；{up}家升高。",
            f"Each hub's score from the {names[0].en} to the {names[-1].en} evaluation; the thick line is the mean; "
            f"{up} rose.",
        ),
        charts.slopes(lines, names, stages[-1].edges),
    )
