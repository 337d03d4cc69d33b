"""The problem file: what is read, what is refused and where, and the form of the answer."""

import copy
import json

import pytest

from cli.match_file import solve_problem_file
from matching.problem import solve_problem
from matching.problem_inputs import Problem
from matching.problem_reading import read_problem

DOCUMENT = {
    "volunteers": [
        {"id": "lin", "capacity": {"w1": 4}, "attributes": ["experienced"]},
        {"id": "zhou", "capacity": {"w1": 4}, "ask_price": 2},
    ],
    "slots": [
        {
            "id": "s1",
            "activity": "a",
            "period": "w1",
            "start": "2026-11-28T14:00:00+08:00",
            "end": "2026-11-28T16:00:00+08:00",
            "place": "hall",
        },
        {
            "id": "s2",
            "activity": "a",
            "period": "w1",
            "start": "2026-11-28T16:10:00+08:00",
            "end": "2026-11-28T18:00:00+08:00",
            "place": "yard",
        },
    ],
    "activities": [{"id": "a", "rules": [{"attribute": "experienced", "at_least": 1}], "all_or_none": True}],
    "pairs": [["lin", "s1", 10, 2], ["lin", "s2", 9, 2], ["zhou", "s2", 7, 2]],
    "blocked": [],
    "travel": [["hall", "yard", 15]],
    "ask_price": 1,
}


def document(**over):
    return copy.deepcopy(DOCUMENT) | over


def changed(path, value):
    """Return the document with one part replaced; None takes the part out."""
    whole = document()
    *parents, last = path
    part = whole
    for step in parents:
        part = part[step]
    if value is None:
        del part[last]
    else:
        part[last] = value
    return whole


def refused(broken):
    found = read_problem(broken)
    assert isinstance(found, tuple)
    return [refusal.field for refusal in found]


def test_answer_has_the_form_of_the_format():
    problem = read_problem(document())
    assert isinstance(problem, Problem)
    answer = solve_problem(problem).as_document()
    answer.pop("seconds")
    # Lin cannot walk 15 minutes in 10: 10 + 7 - 1 - 2 (Zhou's own price replaces the common one).
    assert answer == {
        "status": "optimal",
        "objective": 14,
        "bound": 14,
        "gap": 0,
        "assignments": [["lin", "s1"], ["zhou", "s2"]],
        "unfilled": [],
        "verified": True,
    }


def test_blocked_pair_leaves_all_or_none_empty():
    answer = solve_problem(read_problem(document(blocked=[["lin", "zhou"]])))
    assert answer.assignments == ()
    assert [(empty.slot, empty.cause) for empty in answer.unfilled] == [("s1", "team"), ("s2", "team")]


def test_shorter_way_lets_one_person_do_both():
    answer = solve_problem(read_problem(document(travel=[["yard", "hall", 10]])))
    assert answer.assignments == (("lin", "s1"), ("lin", "s2"))
    assert answer.objective == 18


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        (["colour"], "red", "colour"),
        (["volunteers", 1, "nmae"], "x", "volunteers[1].nmae"),
        (["slots", 0, "rules"], [], "slots[0].rules"),
        (["activities", 0, "rules", 0, "at_most"], 3, "activities[0].rules[0].at_most"),
        (["pairs"], None, "$"),
        (["volunteers"], {}, "volunteers"),
        (["volunteers", 0], 7, "volunteers[0]"),
        (["volunteers", 0, "id"], None, "volunteers[0]"),
        (["volunteers", 1, "id"], "lin", "volunteers[1].id"),
        (["volunteers", 1, "id"], True, "volunteers[1].id"),
        (["volunteers", 0, "capacity", "w1"], "4", "volunteers[0].capacity.w1"),
        (["volunteers", 0, "capacity", "w1"], -1, "volunteers[0].capacity.w1"),
        (["volunteers", 0, "attributes"], ["experienced", 3], "volunteers[0].attributes[1]"),
        (["slots", 1, "activity"], "b", "slots[1].activity"),
        (["slots", 0, "end"], None, "slots[0]"),
        (["slots", 0, "end"], "2026-11-28T14:00:00+08:00", "slots[0].end"),
        (["slots", 0, "start"], "2026-11-28T14:00:00", "slots[0].start"),
        (["slots", 0, "start"], "Saturday", "slots[0].start"),
        (["slots", 0, "place"], [116.3, 39.9], "slots[0].place"),
        (["slots", 0, "place"], "attic", "travel"),
        (["activities", 0, "all_or_none"], "yes", "activities[0].all_or_none"),
        (["activities", 0, "rules", 0, "at_least"], 1.5, "activities[0].rules[0].at_least"),
        (["pairs", 0], ["lin", "s1", 10], "pairs[0]"),
        (["pairs", 0, 0], "wang", "pairs[0][0]"),
        (["pairs", 0, 1], "s9", "pairs[0][1]"),
        (["pairs", 0, 2], float("nan"), "pairs[0][2]"),
        (["pairs", 0, 3], -2, "pairs[0][3]"),
        (["pairs", 1], ["lin", "s1", 10, 2], "pairs[1]"),
        (["blocked"], [["lin", "wang"]], "blocked[0][1]"),
        (["blocked"], [["lin", "lin"]], "blocked[0]"),
        (["travel"], {"speed_kmh": 0}, "travel.speed_kmh"),
        (["travel"], {"mph": 3, "speed_kmh": 5}, "travel.mph"),
        (["travel"], [["hall", "yard", 15], ["yard", "hall", 16]], "travel[1]"),
        (["ask_price"], "1", "ask_price"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_path(path, value, field):
    assert field in refused(changed(path, value))


def test_all_refusals_come_at_once_in_both_languages():
    broken = changed(["volunteers", 0, "capacity", "w1"], "4") | {"colour": "red", "ask_price": -1}
    found = read_problem(broken)
    assert [refusal.field for refusal in found] == ["colour", "volunteers[0].capacity.w1", "ask_price"]
    assert found[2].sentence.zh == "ask_price：要写0或更大的数，现在是-1。"
    assert found[2].sentence.en == "ask_price: a number of 0 or more is expected; it is now -1."


def test_points_need_a_speed():
    points = document(travel={"speed_kmh": 20})
    assert refused(points) == ["slots[0].place", "slots[1].place"]
    points["slots"][0]["place"], points["slots"][1]["place"] = [116.3, 39.9], [116.3, 39.9]
    assert solve_problem(read_problem(points)).objective == 18


def test_command_writes_the_answer_and_says_so(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("YOUTHHUB_LANGUAGE", "en")
    source, target = tmp_path / "week.json", tmp_path / "plan.json"
    source.write_text(json.dumps(DOCUMENT), encoding="utf-8")
    assert solve_problem_file(source, target, 10.0, 0) == 0
    assert json.loads(target.read_text("utf-8"))["assignments"] == [["lin", "s1"], ["zhou", "s2"]]
    assert (
        capsys.readouterr().out == "2 filled, 0 left, objective 14 (proven optimal), written to plan.json.\n"
    )


def test_command_prints_nothing_but_the_answer_to_standard_output(tmp_path, capsys):
    source = tmp_path / "week.json"
    source.write_text(json.dumps(DOCUMENT), encoding="utf-8")
    assert solve_problem_file(source, None, 10.0, 0) == 0
    assert json.loads(capsys.readouterr().out)["status"] == "optimal"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"{", "week.json is not JSON at 1:2: Expecting property name enclosed in double quotes."),
        (b"\xff\xfe{}", "week.json is not encoded as UTF-8."),
        (b'{"pairs": [], "pairs": []}', "week.json gives the field pairs twice."),
        (b"7", "$: an object {…} is expected; it is now 7."),
    ],
)
def test_command_refuses_a_bad_file_with_a_sentence(tmp_path, capsys, monkeypatch, content, sentence):
    monkeypatch.setenv("YOUTHHUB_LANGUAGE", "en")
    source = tmp_path / "week.json"
    source.write_bytes(content)
    assert solve_problem_file(source, None, 10.0, 0) == 1
    assert capsys.readouterr().err == sentence + "\n"


def test_command_refuses_a_missing_file_and_a_folder_that_is_not_there(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("YOUTHHUB_LANGUAGE", "en")
    assert solve_problem_file(tmp_path / "none.json", None, 10.0, 0) == 1
    source = tmp_path / "week.json"
    source.write_text(json.dumps(DOCUMENT), encoding="utf-8")
    assert solve_problem_file(source, tmp_path / "no" / "plan.json", 10.0, 0) == 1
    assert capsys.readouterr().err == (
        "Cannot read none.json: No such file or directory.\nCannot write plan.json: No such file or directory.\n"
    )
