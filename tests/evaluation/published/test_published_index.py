"""A published composite index, from its printed inputs to its printed values, with the command that anybody can run.

`youthhub evaluate --framework human_development_index.yaml --observations human_development_index.csv`
"""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from cli.evaluate_file import evaluate_files
from evaluation.observations import HubFacts, Inputs, Observation
from evaluation.rounding import half_up
from evaluation.scoring import score
from tests.evaluation.builders import HERE, framework_of

FRAMEWORK = HERE / "published/human_development_index.yaml"
TABLE = HERE / "published/human_development_index.csv"
PRINTED = {
    "Norway": 0.944,
    "Australia": 0.935,
    "Switzerland": 0.930,
    "Denmark": 0.923,
    "Netherlands": 0.922,
    "Germany": 0.916,
    "Ireland": 0.916,
    "United States": 0.915,
    "Canada": 0.913,
    "New Zealand": 0.913,
    "Singapore": 0.912,
    "Hong Kong": 0.910,
    "Liechtenstein": 0.908,
    "Sweden": 0.907,
    "United Kingdom": 0.907,
    "Iceland": 0.899,
    "Korea": 0.898,
    "Israel": 0.894,
    "Luxembourg": 0.892,
    "Japan": 0.891,
    "Belgium": 0.890,
    "France": 0.888,
    "Austria": 0.885,
    "Finland": 0.883,
}
"""UNDP, Human Development Report 2015, statistical table 1, column "Value 2014"."""
HALF_A_DIGIT = {"life": 0.05, "expected": 0.05, "mean": 0.05, "income": 0.5}
"""How far a printed input may be from what UNDP reckoned with."""
EXACT = ("Norway", "Australia", "Denmark", "Netherlands")


def rows(shift: float = 0.0) -> list[Observation]:
    with TABLE.open(encoding="utf-8") as lines:
        return [
            Observation(
                f"{row['hub']}.{row['indicator']}",
                row["hub"],
                row["indicator"],
                float(row["value"]) + shift * HALF_A_DIGIT[row["indicator"]],
            )
            for row in csv.DictReader(lines)
        ]


def totals(shift: float = 0.0) -> dict[str, float]:
    inputs = Inputs(tuple(HubFacts(country) for country in PRINTED), tuple(rows(shift)))
    found = score(framework_of(FRAMEWORK.read_text(encoding="utf-8")), inputs)
    return {one.hub: one.total or 0.0 for one in found}


def test_human_development_index_from_the_files_alone(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    assert evaluate_files(FRAMEWORK, TABLE, str(out)) == 0
    hubs = json.loads(out.read_text(encoding="utf-8"))["hubs"]
    found = {one["code"]: half_up(one["total"], 3) for one in hubs}
    assert {country: found[country] for country in EXACT} == {country: PRINTED[country] for country in EXACT}


@pytest.mark.parametrize("country", PRINTED)
def test_printed_value_is_what_rounded_inputs_allow(country: str) -> None:
    """Expected schooling above 18 years and income above 75,000 dollars are capped, Singapore's among them."""
    low, high = totals(-1)[country], totals(+1)[country]
    assert low - 0.0005 <= PRINTED[country] < high + 0.0005
    assert high - low < 0.007
