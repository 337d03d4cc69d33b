"""Rounding, which comes last: bands, ranks and gates see the unrounded value."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

NOISE_DIGITS = 9


def settle(value: float) -> float:
    """Take the noise of binary sums off a value, so that 0.1 + 0.2 meets an edge at 0.3."""
    return round(value, NOISE_DIGITS)


def half_up(value: float, decimals: int = 1) -> float:
    """Round half up as people do by hand: 74.95 is 75.0, not 74.9 as binary floats say."""
    return float(Decimal(repr(settle(value))).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))


def shown(value: float, decimals: int = 1) -> str:
    """Return the value as it is printed."""
    return f"{half_up(value, decimals):.{decimals}f}"
