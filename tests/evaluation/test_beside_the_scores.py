"""What stands beside the scores: ranks with intervals, weights that decide, severity, sensitivity."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cli.evaluate_file import evaluate_files
from evaluation.framework import Framework
from evaluation.influence import sensitivity, totals, weights
from evaluation.ranks import ranks
from evaluation.raters import Rating
from evaluation.severity import severities
from evaluation.tree import combine
from tests.evaluation.builders import FRAMEWORKS

PLACES = [(f"H{n}", 60 + n / 2, 1.6) for n in range(20)]


def test_ranks_lie_in_their_intervals_and_the_seed_gives_them_again() -> None:
    found = ranks(PLACES, seed=7)
    assert [one.rank for one in found] == list(range(20, 0, -1))
    assert all(one.low <= one.rank <= one.high for one in found)
    assert found == ranks(PLACES, seed=7)
    assert found != ranks(PLACES, seed=8)


def test_the_order_of_hubs_changes_no_rank() -> None:
    shuffled = random.Random(1).sample(PLACES, len(PLACES))
    assert sorted(ranks(shuffled, seed=7), key=lambda one: -one.rank) == ranks(PLACES, seed=7)


def test_ranks_are_made_before_rounding() -> None:
    close = [("a", 74.96, 0.0), ("b", 75.04, 0.0), ("c", 75.04, 0.0)]  # all print as 75.0
    assert [(one.rank, one.low, one.high) for one in ranks(close, seed=1)] == [
        (3, 3, 3),
        (1, 1, 1),
        (1, 1, 1),
    ]


def test_a_part_in_which_hubs_hardly_differ_decides_little(worked: Framework) -> None:
    """Spreads of 12, 10 and 3 of 100 under 4 : 1 : 5 give squared correlations of about .88, .04 and .08."""
    chance = np.random.default_rng(3)
    spreads = {"results": 12 * 0.4, "skill": 10 * 0.1, "satisfaction": 3 * 0.5}
    points = {name: list(20 + chance.normal(0, spread, 20_000)) for name, spread in spreads.items()}
    found = {one.part: one for one in weights(worked, points)}
    assert [found[name].nominal for name in spreads] == [0.4, 0.1, 0.5]
    expected = {"results": 0.88, "skill": 0.04, "satisfaction": 0.085}
    assert {name: one.effective for name, one in found.items()} == pytest.approx(expected, abs=0.015)
    assert found["satisfaction"].warning is not None
    assert found["satisfaction"].warning.zh.startswith("“社会满意”名义上占50%，实际只决定")


@pytest.mark.parametrize("points", [[30.0, 31.0], [30.0, 30.0, 30.0]])
def test_too_few_or_equal_hubs_tell_no_weights(worked: Framework, points: list[float]) -> None:
    assert weights(worked, {part.id: points for part in worked.parts}) == ()


def test_sensitivity_names_what_moves_ranks_most(worked: Framework) -> None:
    shares = np.random.default_rng(5).uniform(0.3, 0.9, (12, len(worked.indicators)))
    found = sensitivity(worked, shares, seed=1)
    assert {one.what for one in found} == {
        "weights",
        "geometric",
        *(f"without {name}" for name in worked.indicator),
    }
    assert [one.mean_shift for one in found] == sorted((one.mean_shift for one in found), reverse=True)
    assert found == sensitivity(worked, shares, seed=1)


def test_the_table_of_totals_is_that_of_single_hubs(worked: Framework) -> None:
    shares = np.random.default_rng(6).uniform(0, 1, (5, len(worked.indicators)))
    shares[2, 3] = np.nan
    single = [
        combine(
            worked,
            {
                name: None if np.isnan(value) else float(value)
                for name, value in zip(worked.indicator, row, strict=True)
            },
        ).shares["total"]
        for row in shares
    ]
    assert list(totals(worked, shares)) == pytest.approx(single)


def rated(severe: float, seed: int = 2) -> list[Rating]:
    chance = random.Random(seed)
    pairs = [chance.sample("abcdef", 2) for _ in range(40)]
    quality = [chance.uniform(0.4, 0.8) for _ in pairs]
    return [
        Rating(
            (f"H{number}", "i"),
            rater,
            quality[number] + chance.gauss(0, 0.03) - (severe if rater == "a" else 0),
        )
        for number, pair in enumerate(pairs)
        for rater in pair
    ]


def test_a_severe_assessor_is_found_and_drawn_towards_the_others() -> None:
    found = {one.rater: one for one in severities(rated(0.2))}
    assert found["a"].effect < -0.1
    assert found["a"].effect < found["a"].shrunken < found["a"].interval[1] < 0
    assert all(abs(found[name].shrunken) < 0.1 for name in "bcdef")


def test_ratings_that_cross_nobody_tell_no_severity() -> None:
    assert severities([Rating((f"H{n}", "i"), f"r{n}", 0.5) for n in range(5)]) == ()


def document(hubs: int = 8, **cycle: Any) -> dict[str, Any]:
    """Visits by three assessors of whom the first is one level severe."""
    chance = random.Random(4)
    rows = []
    for number in range(hubs):
        for item in ("welcome", "safety", "life"):
            level = chance.randint(1, 3)
            rows += [
                {
                    "id": f"{number}.{item}.{rater}",
                    "hub": f"H{number}",
                    "indicator": item,
                    "value": max(level - (rater == "a"), 0),
                    "rater": rater,
                }
                for rater in chance.sample("abc", 2)
            ]
    hubs_rows = [{"code": f"H{number}"} for number in range(hubs)]
    return {"cycle": {"stage": "year_end", "seed": 3, **cycle}, "hubs": hubs_rows, "observations": rows}


def written(path: Path, content: dict[str, Any]) -> dict[str, Any]:
    source, out = path / "o.json", path / "out.json"
    source.write_text(json.dumps(content), encoding="utf-8")
    assert evaluate_files(FRAMEWORKS / "single-visit.yaml", source, str(out)) == 0
    return dict(json.loads(out.read_text(encoding="utf-8")))


def test_the_command_gives_everything_beside_the_scores(tmp_path: Path) -> None:
    found = written(tmp_path, document())
    assert all(hub["rank_interval"][0] <= hub["rank"] <= hub["rank_interval"][1] for hub in found["hubs"])
    assert [one["hub"] for one in found["comparison"]["hubs"]] == [hub["code"] for hub in found["hubs"]]
    assert {one["indicator"] for one in found["reliability"]} == {"welcome", "safety", "life"}
    assert [one["rater"] for one in found["severity"]["raters"]] == ["a", "b", "c"]
    assert found["severity"]["applied"] is False
    assert found["sensitivity"]


def test_the_same_files_give_the_same_bytes(tmp_path: Path) -> None:
    written(tmp_path, document())
    first = (tmp_path / "out.json").read_bytes()
    written(tmp_path, document())
    assert (tmp_path / "out.json").read_bytes() == first


def test_severity_is_taken_off_only_where_the_cycle_said_so(tmp_path: Path) -> None:
    plain, applied = written(tmp_path, document()), written(tmp_path, document(apply_severity=True))
    assert applied["severity"]["applied"] is True
    assert plain["severity"]["raters"] == applied["severity"]["raters"]
    assert [hub["total"] for hub in plain["hubs"]] != [hub["total"] for hub in applied["hubs"]]
