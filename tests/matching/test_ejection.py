"""Plans without a solver: chains of moves gain, keep every rule and end."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from matching.assignment import solve
from matching.ejection import ejected_plan, plan_without_solver
from matching.greedy import greedy_plan
from matching.pairs import PairModel
from matching.problem import problem_model
from matching.verification.files import verify_answer
from tests.matching.problem_cases import problems
from tests.matching.test_assignment_safety import random_model


def everything(model: PairModel):
    return np.arange(len(model.person))


@settings(max_examples=200, deadline=None)
@given(problems())
def test_moves_keep_every_rule_and_never_lose(problem):
    model = problem_model(problem)
    model = replace(model, ask_price=np.zeros(model.people))
    usable = np.flatnonzero(model.load <= model.capacity[model.person, model.period])
    greedy = greedy_plan(model, usable)
    found = ejected_plan(model, usable, greedy)
    pairs = [(problem.pairs[pair].volunteer, problem.pairs[pair].slot) for pair in found.tolist()]
    assert verify_answer(problem, pairs) == []
    assert model.worth(greedy) <= model.worth(found) + 1e-9


@pytest.mark.parametrize("seed", range(4))
def test_moves_close_much_of_the_gap_of_a_greedy_plan(seed):
    model = random_model(seed)
    greedy = model.worth(greedy_plan(model, everything(model)))
    found, best = model.worth(plan_without_solver(model, everything(model))), solve(model).value
    assert greedy < found <= best
    assert best - found <= (best - greedy) * 0.8


def test_better_person_takes_the_place_and_the_place_they_leave_is_passed_on():
    """Who fits both takes the one where nobody else fits as well; the other goes to whom it fits next."""
    model = random_model(0)
    slots = model.slots
    two = replace(
        slots,
        activity=np.array([0, 1]),
        period=np.zeros(2, dtype=np.int64),
        start=np.zeros(2, dtype=np.int64),
        end=np.full(2, 3600),
        place=np.full(2, -1),
        seats=np.ones(2, dtype=np.int64),
        first_seats=np.ones(2, dtype=np.int64),
        first_bonus=np.full(2, 1000.0),
        rest_bonus=np.zeros(2),
    )
    model = PairModel(
        person=np.array([0, 0, 1, 1]),
        slot=np.array([0, 1, 0, 1]),
        value=np.array([50.0, 90.0, 45.0, 10.0]),
        load=np.ones(4),
        slots=two,
        capacity=np.full((2, 1), 9.0),
        most=np.full(2, np.inf),
        ask_price=np.zeros(2),
        groups=np.zeros((0, 2), dtype=bool),
        rules=(),
        whole=np.zeros(2, dtype=bool),
        blocked=np.zeros((0, 2), dtype=np.int64),
    )
    assert ejected_plan(model, everything(model), np.array([0, 3])).tolist() == [1, 2]


def test_people_with_prices_are_left_to_the_solver():
    model = random_model(1)
    priced = replace(model, ask_price=np.ones(model.people))
    greedy = greedy_plan(priced, everything(priced))
    assert ejected_plan(priced, everything(priced), greedy).tolist() == greedy.tolist()
