"""What a hub is told of how sure its score is, and of what demonstration hubs do that it does not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from config.text import Text
from evaluation.rounding import settle, shown
from services.report_scores import ScoredHub, Scores, text_of

SURE = 0.95


@dataclass(frozen=True)
class PatternGap:
    """Hold one thing that demonstration hubs do better, in this hub's own terms."""

    title: Text
    sentence: Text
    points: float
    is_noise: bool


@dataclass(frozen=True)
class HubTrust:
    """Hold sentences on how sure a score is, and where the hub falls short of the pattern."""

    sentences: tuple[Text, ...]
    gaps: tuple[PatternGap, ...]


def hub_trust_of(scores: Scores, one: ScoredHub) -> HubTrust:
    """Return what a hub's page says; nothing about a score that is not there, or is older than what is kept now."""
    return HubTrust(
        tuple(_sentences(scores, one)),
        tuple(_gap(scores, gap) for gap in one.score.detail.get("pattern", ())),
    )


def chance_of(scores: Scores, one: ScoredHub) -> Text | None:
    """Return the band with its probability, and that of the likeliest other where the band is not sure."""
    band, chances = scores.band(one), one.score.detail["band_probability"]
    if band is None or not chances:
        return band
    own = chances[one.score.band]
    if own >= SURE:
        return Text(f"{band.zh}，几乎可以肯定", f"{band.en}, almost surely")
    others = [other for other in scores.framework.bands if other.id != one.score.band]
    other = max(others, key=lambda candidate: float(chances[candidate.id]))
    return Text(
        f"{band.zh}{own:.0%}，{other.text.zh}{chances[other.id]:.0%}",
        f"{band.en} {own:.0%}, {other.text.en} {chances[other.id]:.0%}",
    )


def _sentences(scores: Scores, one: ScoredHub) -> Iterable[Text]:
    detail, chance = one.score.detail, chance_of(scores, one)
    if one.score.total is None:
        return
    if chance is not None:
        yield Text(f"各档的可能：{chance.zh}。", f"How likely each band is: {chance.en}.")
    if detail.get("rank_interval"):
        yield _place(scores, detail)
    beside = detail.get("beside")
    if beside:
        yield _differs(beside)
        if beside["shrunken"] is not None:
            yield _luck(one.score.total, beside["shrunken"])
    without = detail.get("total_without_flagged")
    if without is not None and settle(without) != settle(one.score.total):
        yield Text(
            f"有些回答像是没细看就填的，都算在内；去掉它们是{shown(without)}分。",
            f"Some answers look filled in without reading. They count; without them it is {shown(without)}.",
        )


def _place(scores: Scores, detail: Mapping[str, Any]) -> Text:
    low, high = detail["rank_interval"]
    whole = sum(one.score.total is not None for one in scores.hubs)
    if low == high:
        return Text(f"在{whole}家里排在第{low}位。", f"Of {whole} hubs ours comes in place {low}.")
    return Text(
        f"在{whole}家里，名次多半在第{low}到第{high}之间；这中间的先后说明不了什么。",
        f"Of {whole} hubs ours very likely stands between places {low} and {high}; the order within says nothing.",
    )


def _differs(beside: Mapping[str, Any]) -> Text:
    if beside["differs"]:
        return Text(
            "和其他家的平均比，差别是真的，不是碰巧。",
            "The difference from the mean of the others is real and not chance.",
        )
    return Text(
        "和其他家的平均比，差别可能只是碰巧。", "The difference from the mean of the others may be chance."
    )


def _luck(total: float, shrunken: float) -> Text:
    if shown(total) == shown(shrunken):
        return Text("运气的成分几乎没有。", "Luck plays next to no part in it.")
    return Text(
        f"扣掉运气的成分，真实水平最可能是{shown(shrunken)}分。",
        f"With luck taken out, the true level is most likely {shown(shrunken)}.",
    )


def _gap(scores: Scores, gap: Mapping[str, Any]) -> PatternGap:
    sentence = text_of(gap["sentence"])
    assert sentence is not None
    title = scores.framework.indicator[gap["indicator"]].text
    return PatternGap(title, sentence, gap["points"], gap["is_noise"])
