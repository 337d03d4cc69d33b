"""Charts of papers as SVG: axes from stated ends, intervals only where they were given, words in both languages.

Every chart takes plain values and draws them where they are: no smoothing, no second axis, bars from zero.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from config.text import Text
from documents.drawing import (
    BANDS,
    BOTTOM,
    INK,
    LEFT,
    LINE,
    MUTED,
    QING,
    RIGHT,
    SHI,
    TOP,
    WIDTH,
    diamond,
    dot,
    line,
    rect,
    svg,
    text,
)


@dataclass(frozen=True)
class Drawing:
    """Hold a chart that is drawn when its language is known."""

    draw: Callable[[str], str]

    def svg(self, language: str) -> str:
        """Return the chart as SVG with its words in one language."""
        return self.draw(language)


@dataclass(frozen=True)
class Point:
    """Hold a value with its 95 % interval, and the shorter bar by which two points compare by overlap."""

    name: Text
    value: float
    low: float
    high: float
    near: tuple[float, float] | None = None
    marked: bool = False


@dataclass(frozen=True)
class Frame:
    """Hold where values lie on the paper; `x` and `y` are the ends of the axes as they are stated."""

    x: tuple[float, float]
    y: tuple[float, float]
    height: float

    def at_x(self, value: float) -> float:
        """Return the place of a value on the horizontal axis."""
        first, last = self.x
        return LEFT + (value - first) / (last - first) * (WIDTH - LEFT - RIGHT)

    def at_y(self, value: float) -> float:
        """Return the place of a value on the vertical axis, the larger the higher."""
        first, last = self.y
        return self.height - BOTTOM - (value - first) / (last - first) * (self.height - TOP - BOTTOM)


def caterpillar(points: Sequence[Point], edges: Sequence[float], mean: float | None, what: Text) -> Drawing:
    """Draw points in the order of their values with their intervals; thick bars compare by overlap."""
    rows = sorted(points, key=lambda one: (one.value, one.name.zh))
    frame = Frame((-0.5, max(len(rows), 1) - 0.5), (edges[0], edges[-1]), 190.0)

    def draw(language: str) -> str:
        marks = [*_bands(frame, edges), *_ticks_y(frame, edges)]
        if mean is not None:
            marks.append(line((LEFT, frame.at_y(mean)), (WIDTH - RIGHT, frame.at_y(mean)), MUTED, 0.7, "4 3"))
        for place, one in enumerate(rows):
            x = frame.at_x(place)
            marks.append(line((x, frame.at_y(one.low)), (x, frame.at_y(one.high)), QING, 0.5))
            if one.near is not None:
                low, high = (min(max(end, edges[0]), edges[-1]) for end in one.near)
                marks.append(line((x, frame.at_y(low)), (x, frame.at_y(high)), QING, 1.6))
            marks.append(dot(x, frame.at_y(one.value), 1.3, INK))
        return svg([*marks, _below(frame, what.in_(language))], frame.height)

    return Drawing(draw)


def funnel(
    points: Sequence[Point], errors: Sequence[float], middle: float, edges: Sequence[float], what: Text
) -> Drawing:
    """Draw scores over their standard error inside the limits of 95 and 99.8 %; only what lies outside is named."""
    widest = max([*errors, 0.1]) * 1.1
    frame = Frame((0.0, widest), (edges[0], edges[-1]), 230.0)

    def limit(z: float, dash: str) -> Iterable[str]:
        for side in (-1, 1):
            # Where a limit leaves the scale, its line stops there.
            room = (edges[-1] - middle) if side > 0 else (middle - edges[0])
            end = min(widest, room / z)
            yield line(
                (frame.at_x(0), frame.at_y(middle)),
                (frame.at_x(end), frame.at_y(middle + side * z * end)),
                MUTED,
                0.8,
                dash,
            )

    def draw(language: str) -> str:
        marks = [*_ticks_y(frame, edges), *_ticks_x(frame, _round_steps(widest))]
        marks += [*limit(1.959964, "4 3"), *limit(3.090232, "")]
        for one, error in zip(points, errors, strict=True):
            x, y = frame.at_x(error), frame.at_y(one.value)
            marks.append(diamond(x, y) if one.marked else dot(x, y, 1.8, QING))
            if one.marked:
                marks.append(text(x + 5, y + 3, one.name.in_(language), 7))
        return svg([*marks, _below(frame, what.in_(language))], frame.height)

    return Drawing(draw)


def ranges(points: Sequence[Point], ends: tuple[float, float], ticks: Sequence[float], what: Text) -> Drawing:
    """Draw intervals in the order of their values on an axis that runs downwards, such as places from 1."""
    rows = sorted(points, key=lambda one: (one.value, one.low, one.name.zh))
    frame = Frame((-0.5, max(len(rows), 1) - 0.5), (ends[1], ends[0]), 170.0)

    def draw(language: str) -> str:
        marks = _ticks_y(frame, ticks)
        for place, one in enumerate(rows):
            x = frame.at_x(place)
            marks.append(line((x, frame.at_y(one.low)), (x, frame.at_y(one.high)), QING, 1.0))
            marks.append(dot(x, frame.at_y(one.value), 1.1, INK))
        return svg([*marks, _below(frame, what.in_(language))], frame.height)

    return Drawing(draw)


def bars(rows: Sequence[tuple[Text, float, float | None]], most: float, what: Text) -> Drawing:
    """Draw bars from zero, each with a second value as a line across (the largest, or the nominal one)."""
    label, row = 190.0, 15.0
    height = len(rows) * row + TOP + BOTTOM
    width = WIDTH - label - 60

    def draw(language: str) -> str:
        marks = []
        for place, (name, value, other) in enumerate(rows):
            y = TOP + place * row
            marks.append(text(label - 6, y + 9, name.in_(language), 8, "end"))
            marks.append(rect(label, y + 2, width * value / most, 9, QING))
            if other is not None:
                x = label + width * other / most
                marks.append(line((x, y), (x, y + 13), SHI, 1.4))
            marks.append(text(label + width * max(value, other or 0) / most + 5, y + 9.5, f"{value:.1f}", 7))
        marks.append(line((label, TOP), (label, height - BOTTOM), MUTED, 0.7))
        return svg([*marks, text(label, height - 8, what.in_(language), 8)], height)

    return Drawing(draw)


def slopes(
    lines: Sequence[Sequence[float | None]], stages: Sequence[Text], edges: Sequence[float]
) -> Drawing:
    """Draw each hub's way over the stages as a thin line, and the mean of those that have all as a thick one."""
    frame = Frame((0.0, max(len(stages) - 1, 1) + 0.15), (edges[0], edges[-1]), 190.0)

    def draw(language: str) -> str:
        marks = [*_bands(frame, edges), *_ticks_y(frame, edges)]
        whole = [way for way in lines if None not in way]
        for way in lines:
            marks += _way(frame, way, MUTED, 0.35)
        if whole:
            means = [sum(value or 0.0 for value in stage) / len(whole) for stage in zip(*whole, strict=True)]
            marks += _way(frame, means, QING, 2.4)
        for place, stage in enumerate(stages):
            marks.append(text(frame.at_x(place), frame.height - 14, stage.in_(language), 8))
        return svg(marks, frame.height)

    return Drawing(draw)


def _way(frame: Frame, way: Sequence[float | None], colour: str, width: float) -> list[str]:
    known = [(frame.at_x(place), frame.at_y(value)) for place, value in enumerate(way) if value is not None]
    return [line(start, end, colour, width) for start, end in pairwise(known)]


def _bands(frame: Frame, edges: Sequence[float]) -> list[str]:
    return [
        rect(LEFT, frame.at_y(end), WIDTH - LEFT - RIGHT, frame.at_y(start) - frame.at_y(end), colour)
        for start, end, colour in zip(edges, edges[1:], BANDS * len(edges), strict=False)
    ]


def _ticks_y(frame: Frame, values: Iterable[float]) -> list[str]:
    found = []
    for value in values:
        y = frame.at_y(value)
        found.append(line((LEFT - 3, y), (WIDTH - RIGHT, y), LINE, 0.5))
        found.append(text(LEFT - 5, y + 3, f"{value:g}", 8, "end"))
    return found


def _ticks_x(frame: Frame, values: Iterable[float]) -> list[str]:
    bottom = frame.height - BOTTOM
    return [
        mark
        for value in values
        for mark in (
            line((frame.at_x(value), bottom), (frame.at_x(value), bottom + 3), MUTED, 0.5),
            text(frame.at_x(value), bottom + 11, f"{value:g}", 8, "middle"),
        )
    ]


def _round_steps(most: float) -> list[float]:
    step = next(size for size in (0.5, 1, 2, 5, 10, 20, 50, 100) if most / size <= 8)  # noqa: PLR2004 -- labels that fit
    return [place * step for place in range(int(most / step) + 1)]


def _below(frame: Frame, words: str) -> str:
    return text(LEFT, frame.height - 6, words, 8)
