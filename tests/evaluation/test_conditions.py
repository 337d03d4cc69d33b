"""The grammar of gates: what it understands, what it refuses, and what it does not know."""

from __future__ import annotations

import pytest

from evaluation.conditions import ConditionError, Situation, facts_of, parse

KNOWN = Situation(
    facts={"open_case": 1.0, "calm": 0.0, "days": 90.0},
    parts=((22.0, 40.0), (5.0, 10.0), (24.9, 50.0)),
    total=51.9,
    low=49.0,
    high=54.0,
)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("open_case", True),
        ("calm", False),
        ("not calm", True),
        ("open_case and calm", False),
        ("open_case or calm", True),
        ("calm and calm or open_case", True),
        ("calm and (calm or open_case)", False),
        ("days >= 90", True),
        ("days > 90", False),
        ("90 == days", True),
        ("any part < 0.5 * points", True),
        ("any part < 0.4 * points", False),
        ("lower95(total) >= 49", True),
        ("upper95(total) < 54", False),
        ("total != 51.9", False),
        ("no gate", True),
        ("not no gate", False),
        ("unreported", None),
        ("not unreported", None),
        ("unreported or open_case", True),
        ("unreported and open_case", None),
        ("unreported and calm", False),
    ],
)
def test_condition_holds_fails_or_is_unknown(text: str, holds: bool | None) -> None:
    assert parse(text).holds(KNOWN) is holds


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("", 1),
        ("open_case and", 14),
        ("open_case calm", 11),
        ("(open_case", 11),
        ("any part 3", 10),
        ("points > 3", 1),
        ("5", 2),
        ("days >= ", 9),
        ("__import__('os')", 12),
        ("days >= 90; drop", 11),
        ("lower95(days) > 3", 9),
        ("not " * 60 + "calm", 121),
        ("(" * 60 + "calm", 16),
    ],
)
def test_what_is_no_condition_is_refused_where_it_stops_making_sense(text: str, position: int) -> None:
    with pytest.raises(ConditionError) as refused:
        parse(text)
    assert refused.value.position == position


def test_facts_are_those_that_somebody_must_report() -> None:
    assert facts_of(parse("a and not (b >= 3 or no gate) and any part < c * points and total > 3")) == {
        "a",
        "b",
        "c",
    }
