"""How far a cycle's assessors can be relied on, indicator by indicator, with advice in words.

Below .667 retrain and rate again, up to .8 take results as tentative (K. Krippendorff, Content Analysis, 2004,
p. 241). The D-study says how many assessors would give a mean rating a dependability of .8.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from config.text import Text
from evaluation import agreement
from evaluation.framework import Framework, Indicator, Kind
from evaluation.observations import Observation

RETRAIN, TENTATIVE = 0.667, 0.8
ALL_EQUAL = Text("无法估计：打分全部相同", "not estimable: all ratings equal")
ONE_RATER = Text("无法估计：只有一位评估员", "not estimable: one rater only")


@dataclass(frozen=True)
class Reliability:
    """Hold how assessors agreed on one rubric; None is what cannot be told, and `code` says why."""

    indicator: str
    name: Text
    hubs: int
    """Hubs with two ratings or more."""
    pairs: int
    alpha: float | None
    icc: float | None
    """ICC(2,k) of the mean rating, or ICC(1,k) where raters take turns."""
    icc_form: str
    ac2: float | None
    exact: float | None
    raters_needed: int | None
    """Raters for a dependability of .8."""
    code: str
    advice: Text


def reliability(framework: Framework, rows: Iterable[Observation]) -> tuple[Reliability, ...]:
    """Return the agreement on every rubric, from the rows that stand."""
    given: dict[str, list[Observation]] = defaultdict(list)
    for row in rows:
        given[row.indicator].append(row)
    return tuple(_of(indicator, given[indicator.id]) for indicator in framework.of_kind(Kind.RUBRIC))


def packed(rows: Iterable[Observation]) -> agreement.Table:
    """Return ratings as hubs by first, second, ... rating, NaN where a hub has fewer; who rated is left out.

    Agreement hangs on which ratings a hub got and not on who gave them, and a table of hubs by raters would grow
    with the square of the network.
    """
    given: dict[str, list[float]] = defaultdict(list)
    for row in sorted(rows, key=lambda one: (one.hub, one.rater, one.id)):
        given[row.hub].append(row.value)
    found = np.full((len(given), max(map(len, given.values()), default=0)), np.nan)
    for place, values in enumerate(given.values()):
        found[place, : len(values)] = values
    return found


def crossed(rows: Sequence[Observation]) -> list[Observation]:
    """Return the ratings of those who rated every hub."""
    hubs = len({row.hub for row in rows})
    numbers = Counter(row.rater for row in rows)
    return [row for row in rows if numbers[row.rater] == hubs]


def _of(indicator: Indicator, rows: Sequence[Observation]) -> Reliability:
    ratings = packed(rows)
    same = agreement.exact(ratings) if ratings.size else None
    if same is None:
        return Reliability(
            indicator.id, indicator.text, 0, 0, None, None, "", None, None, None, "S02", ONE_RATER
        )
    share, pairs = same
    alpha = agreement.alpha(ratings)
    # Raters who rated every hub can be told from their hubs' quality; raters who take turns cannot.
    everywhere = packed(crossed(rows))
    form = 2 if everywhere.shape[1] > 1 else 1
    between = agreement.variances(everywhere if form > 1 else agreement.paired(ratings))
    single = None if between is None else between.single[form - 1]
    return Reliability(
        indicator=indicator.id,
        name=indicator.text,
        hubs=int(((~np.isnan(ratings)).sum(axis=1) > 1).sum()),
        pairs=pairs,
        alpha=alpha,
        icc=None if between is None else between.mean[form - 1],
        icc_form=f"ICC({form},k)",
        ac2=None if alpha is None else agreement.gwet(ratings, range(indicator.top_level + 1)),
        exact=share,
        raters_needed=None if single is None else agreement.raters_needed(single),
        code="S01" if alpha is None else "",
        advice=ALL_EQUAL if alpha is None else _advice(alpha),
    )


def _advice(alpha: float) -> Text:
    if alpha < RETRAIN:
        return Text("一致性不足：重新培训后再评", "too little agreement: retrain and rate again")
    if alpha < TENTATIVE:
        return Text("一致性尚可，结论要谨慎", "some agreement: take results as tentative")
    return Text("一致性良好", "good agreement")
