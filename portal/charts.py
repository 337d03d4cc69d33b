"""Charts as SVG strings: geometry in per cent and in attributes, so they need neither style nor script.

All take plain values and return markup; every number that they show stands in the page's text too.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from markupsafe import Markup

MOST_SQUARES = 12
SQUARE, GAP = 14, 4


def percent(value: float, low: float, high: float) -> str:
    """Return where `value` lies between `low` and `high`, as an SVG length that stays inside."""
    share = (min(max(value, low), high) - low) / (high - low)
    return f"{share * 100:.2f}%"


@lru_cache(maxsize=512)
def fill_strip(taken: int, asked: int, wanted: int, label: str = "") -> Markup:
    """Draw one square a place: solid = taken, half = asked, hollow = open; too many draw nothing."""
    places = max(taken + asked, wanted)
    if not places or places > MOST_SQUARES:
        return Markup("")
    kinds = ["taken"] * taken + ["asked"] * asked + ["open"] * (places - taken - asked)
    width = places * (SQUARE + GAP) - GAP
    words = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    squares = Markup("").join(_square(kind, place * (SQUARE + GAP)) for place, kind in enumerate(kinds))
    return Markup('<svg class="fill" width="{}" height="14" {}>{}</svg>').format(width, words, squares)


def _square(kind: str, x: int) -> Markup:
    box = Markup('<rect class="{}" x="{}" y="1" width="12" height="12" rx="3" stroke-width="2"/>').format(
        kind, x + 1
    )
    if kind != "asked":
        return box
    return box + Markup('<path class="half" d="M{0} 2V12H{1}z"/>').format(x + 12, x + 2)


def interval_strip(
    edges: Sequence[float],
    value: float | None,
    low: float | None,
    high: float | None,
    mean: float | None = None,
) -> Markup:
    """Draw a score and its 95 % interval on the bands; without a score a dotted line and no point.

    `edges` are the ends of the bands from the lowest drawn to the highest, such as 40, 60, 75, 90, 100.
    """
    parts = [_bands(tuple(edges))]
    first, last = edges[0], edges[-1]
    if mean is not None:
        x = percent(mean, first, last)
        parts.append(Markup('<line class="mean" x1="{0}" x2="{0}" y1="0" y2="30"/>').format(x))
    if low is not None and high is not None:
        kind = "range" if value is not None else "none"
        parts.append(
            Markup('<line class="{}" x1="{}" x2="{}" y1="15" y2="15"/>').format(
                kind, percent(low, first, last), percent(high, first, last)
            )
        )
    if value is not None:
        parts.append(
            Markup('<circle class="point" cx="{}" cy="15" r="6"/>').format(percent(value, first, last))
        )
    return Markup('<svg class="strip" aria-hidden="true">{}</svg>').format(Markup("").join(parts))


@lru_cache(maxsize=16)
def _bands(edges: tuple[float, ...]) -> Markup:
    first, last = edges[0], edges[-1]
    return Markup("").join(
        Markup('<rect class="b{}" x="{}" width="{}" y="2" height="26"/>').format(
            number, percent(start, first, last), percent(first + end - start, first, last)
        )
        for number, (start, end) in enumerate(pairwise(edges), 1)
    )


def axis(edges: Sequence[float], names: Sequence[str]) -> tuple[Markup, Markup]:
    """Return the names of the bands above the strips and the numbers below, in the strips' own column."""
    first, last = edges[0], edges[-1]
    marks = [
        (percent((start + end) / 2, first, last), name, "")
        for (start, end), name in zip(pairwise(edges), names, strict=True)
    ]
    # The last band is narrow: a long name stands at its end, or it would leave the chart.
    above = _ticks([*marks[:-1], ("100%", names[-1], "last")], "axis names")
    ends = {0: "first", len(edges) - 1: "last"}
    below = _ticks(
        [(percent(edge, first, last), f"{edge:g}", ends.get(place, "")) for place, edge in enumerate(edges)]
    )
    return above, below


def _ticks(marks: list[tuple[str, str, str]], of: str = "axis") -> Markup:
    text = Markup("").join(
        Markup('<text x="{}" y="13"{}>{}</text>').format(
            x, Markup(' class="{}"').format(kind) if kind else "", words
        )
        for x, words, kind in marks
    )
    return Markup('<svg class="{}" aria-hidden="true">{}</svg>').format(of, text)


def meter(value: float, most: float, median: float | None = None) -> Markup:
    """Draw points of a dimension as a bar from zero on its full scale, with others' median dashed."""
    dash = Markup("")
    if median is not None:
        x = percent(median, 0, most)
        dash = Markup('<line class="median" x1="{0}" x2="{0}" y1="1" y2="23"/>').format(x)
    return Markup(
        '<svg class="meter" aria-hidden="true"><rect class="track" width="100%" y="6" height="12" rx="3"/>'
        '<rect class="have" width="{}" y="6" height="12" rx="3"/>{}</svg>'
    ).format(percent(value, 0, most), dash)
