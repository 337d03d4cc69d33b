"""A million pairs as columns: parsed in blocks, refused where Python's parser and the format refuse."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import problem_text
from matching.problem_inputs import PairTable, ProblemPair
from matching.problem_pairs import PairColumns
from matching.problem_reading import read_problem
from matching.problem_text import DoubleKeyError, parse_problem
from tests.matching.test_problem_file import document

IDS = st.one_of(st.integers(-3, 3), st.sampled_from(["a", "[b]", 'c",', "丁", ""]))
NUMBERS = st.one_of(st.integers(0, 9), st.floats(0, 9))
PAIRS = st.lists(st.tuples(IDS, IDS, NUMBERS, NUMBERS).map(list), max_size=30)
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=3), st.just({"x": [1]}))


@pytest.fixture
def tiny_blocks(monkeypatch):
    monkeypatch.setattr(problem_text, "BLOCK_CHARACTERS", 12)


@given(pairs=PAIRS, before=SCALARS, after=SCALARS, indent=st.sampled_from([None, 1]), size=st.integers(1, 60))
def test_pairs_are_read_the_same_in_blocks_of_any_size(pairs, before, after, indent, size):
    text = json.dumps({"before": before, "pairs": pairs, "after": after}, indent=indent, ensure_ascii=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(problem_text, "BLOCK_CHARACTERS", size)
        found = parse_problem(text)
    assert list(found.pop("pairs").table()) == [ProblemPair(*pair) for pair in pairs]
    assert found == {"before": before, "after": after}


@settings(max_examples=300)
@given(pairs=PAIRS, cut=st.integers(0, 200), extra=st.sampled_from(["", ",", "]", "}", "[", '"', "1"]))
def test_broken_text_is_refused_as_python_refuses_it(pairs, cut, extra):
    whole = json.dumps({"volunteers": [], "pairs": pairs, "ask_price": 1})
    text = whole[:cut] + extra + whole[cut:]
    assert outcome(parse_problem, text) == outcome(json.loads, text)


def outcome(parse, text):
    """Return the complaint about a text, or the fields of its object."""
    try:
        found = parse(text)
    except json.JSONDecodeError as error:
        return str(error)
    return [*found] if isinstance(found, dict) else found


@pytest.mark.parametrize("text", ['{"pairs": [], "pairs": []}', '{"pairs": [{"a": 1, "a": 2}]}'])
def test_double_field_is_refused_at_every_depth(text):
    with pytest.raises(DoubleKeyError):
        parse_problem(text)


@pytest.mark.parametrize(
    ("entry", "fields"),
    [
        (["lin", "s1", 10], ["pairs[1]"]),
        ("lin", ["pairs[1]"]),
        (["lin", "s1", 10, 2], ["pairs[1]"]),
        (["who", "where", 10, -2], ["pairs[1][0]", "pairs[1][1]", "pairs[1][3]"]),
        ([True, "s2", "much", 2], ["pairs[1][0]", "pairs[1][0]", "pairs[1][2]"]),
        (["zhou", "s1", float("nan"), float("inf")], ["pairs[1][2]", "pairs[1][3]"]),
        (["zhou", "s1", 10**400, 1], ["pairs[1][2]"]),
    ],
)
def test_pair_at_fault_is_named_by_its_place_in_the_file(entry, fields, tiny_blocks):
    broken = document(pairs=[["lin", "s1", 10, 2], entry, ["zhou", "s2", 7, 2]])
    for found in (read_problem(broken), read_problem(parse_problem(json.dumps(broken)))):
        assert [refusal.field for refusal in found] == fields


def test_ids_of_both_kinds_stay_apart():
    table = PairTable.of([ProblemPair(1, "1", 2.0, 1.0), ProblemPair("1", 1, 3.0, 1.0)])
    assert table.find([("1", 1), (1, "1"), (1, 1)]) == {
        (1, "1"): ProblemPair(1, "1", 2.0, 1.0),
        ("1", 1): ProblemPair("1", 1, 3.0, 1.0),
    }


def test_no_pairs_are_an_empty_table():
    assert list(PairColumns().table()) == []
