"""Inputs as others may see them: nobody stands out in a small group, and few answers are shown to nobody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from evaluation.framework import Framework, Kind
from evaluation.observations import Inputs
from evaluation.observations import Observation as Row

REST = "rest"
"""The stratum into which small ones are put together."""


def coarser(sizes: Mapping[str, int], least: int) -> dict[str, str]:
    """Return for each group its name, or that of the rest into which the smallest are put until nobody stands out."""
    ordered = sorted(sizes.items(), key=lambda pair: (pair[1], pair[0]))
    small = [name for name, size in ordered if size < least]
    pooled = sum(sizes[name] for name in small)
    for name, size in ordered[len(small) :]:
        if not small or pooled >= least:
            break
        small.append(name)
        pooled += size
    return {name: REST if name in small else name for name in sizes}


def coarse(framework: Framework, inputs: Inputs) -> Inputs:
    """Put small strata together and leave out the answers of hubs that have too few."""
    least, surveys = framework.survey.min_n, {one.id for one in framework.of_kind(Kind.SURVEY)}
    people = {(row.hub, row.rater): row.stratum for row in inputs.observations if row.indicator in surveys}
    answered = Counter((hub, stratum) for (hub, _), stratum in people.items())
    enough = Counter(hub for hub, _ in people)
    names: dict[str, dict[str, str]] = {}
    for hub in {hub for hub, _ in (*inputs.frame, *answered)}:
        strata = {stratum for other, stratum in (*inputs.frame, *answered) if other == hub}
        # A group is as small as the smaller of those served and those who answered.
        sizes = {
            stratum: min(
                inputs.frame.get((hub, stratum), 0) or answered[hub, stratum],
                answered[hub, stratum] or inputs.frame.get((hub, stratum), 0),
            )
            for stratum in strata
        }
        names[hub] = coarser(sizes, least)
    frame: Counter[tuple[str, str]] = Counter()
    for (hub, stratum), size in sorted(inputs.frame.items()):
        frame[hub, names[hub][stratum]] += size
    rows = tuple(
        row if row.indicator not in surveys else _renamed(row, names[row.hub][row.stratum])
        for row in inputs.observations
        if row.indicator not in surveys or enough[row.hub] >= least
    )
    return Inputs(inputs.hubs, rows, dict(frame))


def _renamed(row: Row, stratum: str) -> Row:
    return Row(row.id, row.hub, row.indicator, row.value, row.rater, stratum)
