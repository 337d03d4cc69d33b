"""A score explained to its hub: where its points are, which gate binds, what would raise it most.

A step is a change that a hub can make in one go: a level of a rubric, a tenth on the mean of a survey, the
framework's own `step` of a number, or a fifth of the way between its goalposts. It names no other hub.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import exp, floor, log

from config.text import Text
from evaluation.framework import Band, Effect, Framework, Indicator, Kind
from evaluation.measures import Measure
from evaluation.normalising import share_of, width_of
from evaluation.rounding import half_up, settle, shown
from evaluation.scoring import Score
from evaluation.tree import combine, value_of
from evaluation.uncertainty import Z95

SURVEY_STEP = 0.1
FIFTH = 0.2
MOST_STEPS = 3
PEOPLE = "人"
UNITS = {
    PEOPLE: Text("人", " people"),
    "h": Text("小时", " hours"),
    "m2": Text("平方米", " m²"),
    "%": Text("%", "%"),
}
"""How units of a framework file are said; any other unit is printed as it is written there."""


@dataclass(frozen=True)
class Earned:
    """Hold what an indicator gave: its share of the total's scale, gained and possible."""

    indicator: str
    name: Text
    gained: float | None
    possible: float


@dataclass(frozen=True)
class Step:
    """Hold one reachable change: what it adds to the total, and how much room the indicator has in all."""

    indicator: str
    change: Text
    """The change alone, as "one level up (measurable goals)"."""
    sentence: Text
    gain: float
    headroom: float
    is_noise: bool
    """Whether the gain is smaller than half the interval, so that it may not show."""


@dataclass(frozen=True)
class Explanation:
    """Hold what a hub is told beside its score."""

    earned: tuple[Earned, ...]
    gate: Text | None
    """The sentence of the gates that bind, which come before any points."""
    steps: tuple[Step, ...]
    next_band: Text | None
    """How far the next band is, and the shortest way there by the steps."""


def explain(framework: Framework, score: Score, *, steps: int = MOST_STEPS) -> Explanation:
    """Explain a hub's score."""
    changes = _changes(framework, score)
    return Explanation(
        earned=tuple(_earned(framework, score)),
        gate=gate_sentence(framework, score),
        steps=tuple(_step(framework, score, change) for change in changes[:steps]),
        next_band=_next_band(framework, score, changes),
    )


def gate_sentence(framework: Framework, score: Score) -> Text | None:
    """Return what the binding gates do, or None where none binds."""
    if not score.gates:
        return None
    zh = "、".join(gate.text.zh for gate in score.gates)
    en = ", ".join(gate.text.en for gate in score.gates)
    effects = {gate.effect for gate in score.gates}
    if Effect.NOT_ASSESSED in effects:
        return Text(f"不予评估：{zh}。", f"Not assessed: {en}.")
    cap = _cap(framework, score)
    if cap is not None and score.band is not None:
        band = cap.text
        if score.band.start < cap.start:
            return Text(
                f"解决之前，最高到“{band.zh}”：{zh}。",
                f"Until this is settled, {band.en} is the highest band: {en}.",
            )
        return Text(
            f"受限于“{band.zh}”：{zh}。先解决它，在此之前加分不会提高等级。",
            f"Capped at {band.en}: {en}. Settle this first; until then no points raise the band.",
        )
    return Text(f"暂不授予称号：{zh}。", f"No label for now: {en}.")


def _earned(framework: Framework, score: Score) -> Iterable[Earned]:
    for indicator in framework.indicators:
        possible = framework.shares[indicator.id] * framework.scale.width
        share = score.measures[indicator.id].share
        yield Earned(indicator.id, indicator.text, None if share is None else share * possible, possible)


@dataclass(frozen=True)
class _Change:
    """A reachable change before it is put into words; `room` is what is left up to the full share."""

    indicator: Indicator
    measure: Measure
    value: float
    gain: float
    room: float


def _changes(framework: Framework, score: Score) -> list[_Change]:
    """Return every possible change, the largest gain first."""
    if score.total is None:
        return []
    found = []
    for indicator in framework.indicators:
        measure = score.measures[indicator.id]
        if measure.share is not None and measure.raw is not None and settle(measure.share) < 1:
            reached, value = _reach(indicator, measure)
            gain = _gain(framework, score, indicator, reached)
            room = framework.shares[indicator.id] * (1 - measure.share)
            found.append(_Change(indicator, measure, value, gain, room))
    return sorted(found, key=lambda one: (-one.gain, -settle(one.room), one.indicator.id))


def _step(framework: Framework, score: Score, change: _Change) -> Step:
    indicator, gain = change.indicator, change.gain
    is_noise = score.error is not None and gain < Z95 * score.error
    what = _what(indicator, change.measure, change.value)
    return Step(
        indicator=indicator.id,
        change=what,
        sentence=Text(
            f"{indicator.text.zh}：{what.zh}，约加{shown(gain)}分{'，在误差之内' if is_noise else ''}。",
            f"{indicator.text.en}: {what.en} adds about {shown(gain)} points"
            f"{', within the margin of error' if is_noise else ''}.",
        ),
        gain=gain,
        headroom=_gain(framework, score, indicator, 1.0),
        is_noise=is_noise,
    )


def _gain(framework: Framework, score: Score, indicator: Indicator, share: float) -> float:
    assert score.total is not None
    shares = {name: measure.share for name, measure in score.measures.items()}
    then = combine(framework, {**shares, indicator.id: share}).shares[framework.root.id]
    assert then is not None
    return settle(value_of(framework, framework.root, then) - score.total)


def _reach(indicator: Indicator, measure: Measure) -> tuple[float, float]:
    """Return the share after one step, and the raw value that makes it."""
    assert measure.share is not None
    assert measure.raw is not None
    if indicator.kind == Kind.AUTO:
        value = _next_number(indicator, measure.raw, measure.share)
        return share_of(indicator, value), value
    step = {Kind.RUBRIC: 1.0, Kind.SURVEY: SURVEY_STEP}.get(indicator.kind, 1.0)
    share = min(measure.share + step / width_of(indicator), 1.0)
    return share, measure.raw + (share - measure.share) * width_of(indicator)


def _next_number(indicator: Indicator, raw: float, share: float) -> float:
    """Return the number one step on, not beyond the goalpost that earns the full share."""
    low, high = indicator.goalposts
    if indicator.step is not None:
        moved = raw + indicator.direction * indicator.step
    else:
        wanted = min(share + FIFTH, 1.0)
        way = wanted if indicator.direction > 0 else 1 - wanted
        moved = (
            exp(log(low) + way * (log(high) - log(low)))
            if indicator.logarithmic
            else low + way * (high - low)
        )
    return min(moved, high) if indicator.direction > 0 else max(moved, low)


def _what(indicator: Indicator, measure: Measure, value: float) -> Text:
    assert measure.raw is not None
    if indicator.kind == Kind.RUBRIC:
        following = indicator.levels[min(floor(settle(measure.raw)) + 1, indicator.top_level)]
        words = Text(f"（{following.zh}）", f" ({following.en})") if following is not None else Text("", "")
        return Text(f"提高一级{words.zh}", f"one level up{words.en}")
    if indicator.kind == Kind.SURVEY:
        return Text(f"平均分提高{SURVEY_STEP:g}", f"{SURVEY_STEP:g} more on the mean")
    if indicator.kind == Kind.DOCUMENT:
        return Text("交齐文件", "handing the document in")
    before, after = quantity(measure.raw, indicator.unit), quantity(value, indicator.unit)
    return Text(f"从{before.zh}到{after.zh}", f"from {before.en} to {after.en}")


def quantity(value: float, unit: str) -> Text:
    """Return a value with its unit as people say it; people are counted in whole numbers."""
    said = UNITS.get(unit, Text(unit, f" {unit}".rstrip()))
    number = f"{half_up(value, 0 if unit == PEOPLE else 1):g}"
    return Text(f"{number}{said.zh}", f"{number}{said.en}")


def _next_band(framework: Framework, score: Score, changes: list[_Change]) -> Text | None:
    """Return the shortest way to the next band; with a cap in force there is none by points."""
    above = _band_above(framework, score)
    if above is None or score.total is None:
        return None
    needed, reached, way = above.start - score.total, 0.0, []
    for change in changes:
        if settle(reached) >= settle(needed):
            break
        reached += change.gain
        way.append(change.indicator.text)
    if settle(reached) < settle(needed):
        return Text(
            f"离“{above.text.zh}”还差{shown(needed)}分，一轮之内够不着。",
            f"{above.text.en} is {shown(needed)} points away, out of reach within one round.",
        )
    each = Text("各", "each ") if len(way) > 1 else Text("", "")
    return Text(
        f"离“{above.text.zh}”还差{shown(needed)}分：{'、'.join(one.zh for one in way)}{each.zh}进一步，约到{shown(score.total + reached)}分。",
        f"{above.text.en} is {shown(needed)} points away: one step {each.en}in {', '.join(one.en for one in way)} reaches about {shown(score.total + reached)}.",
    )


def _band_above(framework: Framework, score: Score) -> Band | None:
    """Return the next band, or None where there is none or a gate keeps the hub below it."""
    if score.total is None:
        return None
    cap, total = _cap(framework, score), settle(score.total)
    above = next((band for band in framework.bands if band.start > total), None)
    is_held = above is not None and cap is not None and above.start > cap.start
    return None if is_held else above


def _cap(framework: Framework, score: Score) -> Band | None:
    """Return the lowest band at which a gate caps the hub."""
    caps = {gate.target for gate in score.gates if gate.effect == Effect.CAP}
    return next((band for band in framework.bands if band.id in caps), None)
