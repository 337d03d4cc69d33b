"""Shares and sample sizes: Wilson's interval, the difference of two shares, and how many to ask."""

from __future__ import annotations

from math import ceil, sqrt
from statistics import NormalDist

from evaluation.rounding import settle
from evaluation.uncertainty import Z95


def wilson(hits: int, n: int, *, size: int | None = None, z: float = Z95) -> tuple[float, float]:
    """Return the score interval of a share (Newcombe 1998a, method 3).

    With the `size` of a finite population the effective number n (N - 1) / (N - n) takes the place of n;
    when everybody was asked, nothing is uncertain.
    """
    if not 0 <= hits <= n or n < 1 or (size is not None and n > size):
        raise ValueError(f"{hits} of {n} among {size}: 0 <= hits <= n <= N must hold")
    share = hits / n
    if size == n:
        return share, share
    many = float(n) if size is None else n * (size - 1) / (size - n)
    middle = share + z * z / (2 * many)
    half = z * sqrt(share * (1 - share) / many + z * z / (4 * many * many))
    whole = 1 + z * z / many
    return max((middle - half) / whole, 0.0), min((middle + half) / whole, 1.0)


def difference(first: tuple[int, int], second: tuple[int, int], *, z: float = Z95) -> tuple[float, float]:
    """Return the interval of the difference of two independent shares (Newcombe 1998b, method 10)."""
    (low1, high1), (low2, high2) = wilson(*first, z=z), wilson(*second, z=z)
    share1, share2 = first[0] / first[1], second[0] / second[1]
    gap = share1 - share2
    return (
        gap - sqrt((share1 - low1) ** 2 + (high2 - share2) ** 2),
        gap + sqrt((high1 - share1) ** 2 + (share2 - low2) ** 2),
    )


def planned_number(size: int, *, error: float, confidence: float = 0.95, share: float = 0.5) -> int:
    """Return how many of `size` people to ask for the wanted error, rounded up (Cochran 4.4)."""
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    without_limit = z * z * share * (1 - share) / error**2
    return ceil(settle(without_limit / (1 + (without_limit - 1) / size)))
