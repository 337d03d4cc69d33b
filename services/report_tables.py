"""The tables of a manager's report on hubs, weights and dimensions, lettered as the report names them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from statistics import fmean

from config.text import Text
from documents.papers import Column, Strip, Table, Value
from models.network import GatheredBy
from models.states import InvitationState
from services.queries import id_of
from services.report_scores import ScoredHub, Scores
from services.report_standing import Standing
from services.report_trends import Change

CLEAR, NOISE = Text("明显", "clear"), Text("误差内", "within noise")
LOWEST = 0.25
LEAST_GROUPS = 4
GROUPS = {
    GatheredBy.PLACE: Text("按地域", "by place"),
    GatheredBy.HOBBY: Text("按爱好", "by hobby"),
    GatheredBy.WORK: Text("按工作", "by line of work"),
}
HUB = Column(Text("青年汇", "Hub"), width=2.2)


def hubs_table(standing: Standing) -> Table:
    """Return table A: every hub with its interval, band, gates, change, answers and promises; no rank."""
    columns = (
        HUB,
        Column(Text("区间（横条是95%）", "Interval (95% bar)"), width=1.9),
        Column(Text("得分", "Score"), 1, width=0.9),
        Column(Text("低", "Low"), 1, width=0.9),
        Column(Text("高", "High"), 1, width=0.9),
        Column(Text("档次", "Band"), width=1.2),
        Column(Text("升档机会", "Next band"), 0, percent=True, width=0.9),
        Column(Text("变化", "Change"), 1, width=0.8),
        Column(Text("", ""), width=0.8),
        Column(Text("答卷", "Answers"), 0, width=0.8),
        Column(Text("服务", "Served"), 0, width=0.8),
        Column(Text("兑现", "Kept"), 0, percent=True, width=0.8),
        Column(Text("受限于", "Held by"), width=1.9),
    )
    scores = standing.scores
    order = {band.text.zh: place for place, band in enumerate(scores.framework.bands)}
    ordered = sorted(scores.hubs, key=lambda one: (-order.get(_band(scores, one).zh, -1), one.name.zh))
    return Table(
        Text("表A 各家", "Table A: hubs"),
        columns,
        tuple(_hub_row(standing, one) for one in ordered),
        Text(
            "按档次、再按名称排列，不排名次。变化和上一轮比；“误差内”的变化不算变化。",
            "Sorted by band and name, without ranks. Changes are against the last evaluation; "
            "those within noise are none.",
        ),
        whiskers=(2, 3, 4),
    )


def _hub_row(standing: Standing, one: ScoredHub) -> tuple[Value, ...]:
    scores, score = standing.scores, one.score
    change = standing.change(one)
    edges = scores.edges
    return (
        one.name,
        Strip(edges, score.total, score.low, score.high, scores.figures.mean),
        score.total,
        score.low,
        score.high,
        _band(scores, one),
        _next_band(scores, one),
        change.points if change else None,
        _clear(change),
        standing.answers(one)[InvitationState.ANSWERED],
        standing.served.get(id_of(one.hub), 0),
        standing.kept.get(id_of(one.hub)),
        _limits(scores, one),
    )


def _limits(scores: Scores, one: ScoredHub) -> Text:
    """Return in a few words what holds a hub back: its gates, and how much is missing."""
    bound = {gate.id: gate.text for gate in scores.framework.gates}
    found = [bound[name] for name in one.score.detail["gates"] if name in bound]
    if missing := len(scores.missing(one)):
        found.append(Text(f"缺{missing}项", f"{missing} missing"))
    return Text("；".join(each.zh for each in found), "; ".join(each.en for each in found))


def _band(scores: Scores, one: ScoredHub) -> Text:
    return scores.band(one) or Text("暂不评档", "No band yet")


def _next_band(scores: Scores, one: ScoredHub) -> float | None:
    """Return how likely a hub truly lies in a higher band than its own."""
    names = [band.id for band in scores.framework.bands]
    chances = one.score.detail["band_probability"]
    if one.score.band is None or not chances:
        return None
    return sum(float(chances[name]) for name in names[names.index(one.score.band) + 1 :])


def _clear(change: Change | None) -> Text:
    return Text("", "") if change is None else CLEAR if change.is_clear else NOISE


def weights_table(standing: Standing) -> Table:
    """Return table B: each part's district mean, spread, nominal and effective weight."""
    columns = (
        Column(Text("部分", "Part"), width=2),
        Column(Text("平均分", "Mean"), 1),
        Column(Text("各家差异（标准差）", "Spread (SD)"), 1),
        Column(Text("名义权重", "Nominal weight"), 0, percent=True),
        Column(Text("实际权重", "Effective weight"), 0, percent=True),
    )
    rows = tuple((one.name, one.mean, one.spread, one.nominal, one.effective) for one in standing.weights)
    warnings = [one.warning for one in standing.weights if one.warning is not None]
    return Table(
        Text("表B 权重", "Table B: weights"),
        columns,
        rows,
        Text("".join(one.zh for one in warnings), " ".join(one.en for one in warnings)) if warnings else None,
        bars=(3, 4),
    )


def dimensions_table(scores: Scores) -> Table:
    """Return table C: dimensions by peer group as shares of 100, the lowest quarter marked by sign and word."""
    dimensions = scores.framework.dimensions
    groups = _groups(scores)
    means = {
        (name, dimension.id): _mean(one.score.detail["dimensions"].get(dimension.id) for one in hubs)
        for name, hubs in groups.items()
        for dimension in dimensions
    }
    low = {dimension.id: _lowest([means[name, dimension.id] for name in groups]) for dimension in dimensions}
    rows: tuple[tuple[Value, ...], ...] = tuple(
        (
            name,
            len(hubs),
            *(_marked(means[name, each.id], low[each.id]) for each in dimensions),
        )
        for name, hubs in groups.items()
    )
    columns = (
        Column(Text("同类", "Peer group"), width=1.6),
        Column(Text("家数", "Hubs"), 0, width=0.7),
        *(Column(each.text, width=1.3) for each in dimensions),
    )
    return Table(
        Text("表C 五个维度", "Table C: dimensions"),
        columns,
        rows,
        Text(
            "每格是平均得分率（满分100）。标“▼低”的是这个维度最低的四分之一；同类不足4组时不标。",
            "Each cell is a mean of 100. “▼low” marks the lowest quarter of a dimension, where there are 4 groups or more.",
        ),
    )


def _groups(scores: Scores) -> dict[Text, list[ScoredHub]]:
    found: dict[Text, list[ScoredHub]] = defaultdict(list)
    for one in sorted(scores.hubs, key=lambda one: (one.hub.peer_group, one.hub.gathered_by)):
        own = one.hub.peer_group
        found[Text(own, own) if own else GROUPS[GatheredBy(one.hub.gathered_by)]].append(one)
    return found


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None


def _lowest(values: Sequence[float | None]) -> float | None:
    """Return the value at or below which a group is in the lowest quarter; None where there are too few."""
    known = sorted(value for value in values if value is not None)
    return known[max(int(len(known) * LOWEST), 1) - 1] if len(known) >= LEAST_GROUPS else None


def _marked(value: float | None, low: float | None) -> Text:
    if value is None:
        return Text("–", "–")
    mark = ("▼低", "▼low") if low is not None and value <= low else ("", "")
    return Text(f"{value:.0f}{mark[0]}", f"{value:.0f}{' ' if mark[1] else ''}{mark[1]}")
