"""Trends across two versions of a framework: only over a named bridge of indicators that measure the same in both.

Old and new shares are weighed alike, by the newer version, so that a change of weights is no change of a hub. Errors
of indicators of one kind are added up (their raters and respondents are the same people), those of the kinds and of
the two years are independent; so an error is never understated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import fsum, sqrt

from evaluation.framework import Framework
from evaluation.problems import Problem, Problems
from evaluation.uncertainty import Z95
from evaluation.versions import differences, measures_the_same


@dataclass(frozen=True)
class Trend:
    """Hold how far a hub moved on the bridge, in points of the newer scale, and how sure that is."""

    indicators: tuple[str, ...]
    change: float
    error: float
    is_clear: bool
    """Whether the change is beyond what chance makes in 95 of 100 cases."""


@dataclass(frozen=True)
class Known:
    """Hold what is known of a hub in one cycle: shares of 0 to 1, and the errors of those that have one."""

    shares: Mapping[str, float | None]
    errors: Mapping[str, float]


def could_bridge(old: Framework, new: Framework) -> tuple[str, ...]:
    """Return the indicators that measure the same in both versions, in the order of the newer one."""
    return tuple(
        one.id
        for one in new.indicators
        if one.id in old.indicator and measures_the_same(old.indicator[one.id], one)
    )


def bridge_problems(old: Framework, new: Framework) -> tuple[Problem, ...]:
    """Return what is wrong with a bridge (F06): not to this version, or over an indicator that changed."""
    problems, bridge = Problems(), new.bridge
    if bridge is None:
        return ()
    if bridge.since != old.version or old.id != new.id:
        problems.add(
            "F06",
            f"桥接的是{bridge.since}版，比的是“{old.id}”的{old.version}版。",
            f'The bridge leads to version {bridge.since}, and this is version {old.version} of "{old.id}".',
            path="bridge.from",
            read=bridge.since,
            nearest=old.version,
        )
    why = {
        one.path.split(".levels")[0].rsplit(".", 1)[0]: one
        for one in differences(old, new)
        if one.measures_otherwise
    }
    for name in bridge.indicators:
        if name not in old.indicator:
            problems.add(
                "F06",
                f"{old.version}版没有指标“{name}”，不能桥接。",
                f'Version {old.version} has no indicator "{name}", so it cannot be bridged.',
                path="bridge.indicators",
                read=name,
                among=could_bridge(old, new),
            )
        elif not measures_the_same(old.indicator[name], new.indicator[name]):
            sentence = why[f"indicators.{name}"].sentence
            problems.add(
                "F06",
                f"“{name}”在两版里量的不是一回事，不能桥接：{sentence.zh}",
                f'"{name}" does not measure the same in both versions and cannot be bridged: {sentence.en}',
                path="bridge.indicators",
                read=name,
            )
    return problems.in_order


def trend(framework: Framework, old: Known, new: Known) -> Trend | None:
    """Return how far a hub moved on the framework's bridge; None without one, or where nothing is known of both."""
    names = () if framework.bridge is None else framework.bridge.indicators
    common = tuple(n for n in names if old.shares.get(n) is not None and new.shares.get(n) is not None)
    if not common:
        return None
    whole = fsum(framework.shares[name] for name in common)
    weight = {name: framework.shares[name] / whole * framework.scale.width for name in common}
    change = fsum(weight[name] * ((new.shares[name] or 0.0) - (old.shares[name] or 0.0)) for name in common)
    error = sqrt(sum(_error(framework, weight, known.errors) for known in (old, new)))
    return Trend(common, change, error, abs(change) > Z95 * error)


def _error(framework: Framework, weight: Mapping[str, float], errors: Mapping[str, float]) -> float:
    """Return the variance of a weighted sum in which the indicators of one kind err together."""
    by_kind: dict[str, float] = {}
    for name, one in weight.items():
        kind = framework.indicator[name].kind
        by_kind[kind] = by_kind.get(kind, 0.0) + one * errors.get(name, 0.0)
    return fsum(error**2 for error in by_kind.values())
