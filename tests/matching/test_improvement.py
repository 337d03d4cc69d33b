"""Rounds of improvement: never worse, every rule kept, the same each time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import highs, improvement
from matching.assignment import solve
from matching.greedy import greedy_plan
from matching.improvement import Improvement
from matching.problem import problem_model
from matching.residual import residual
from matching.verification.files import verify_answer
from tests.matching.problem_cases import problems
from tests.matching.test_assignment_safety import random_model


def ranked(model):
    return np.lexsort((-model.value, model.slot))


def improved(model, plan, **options):
    return Improvement(model, ranked(model), seed=0).run(plan, **{"seconds": 30, "wanted": np.inf} | options)


@pytest.fixture
def small_rounds(monkeypatch):
    monkeypatch.setattr(improvement, "FIRST_SIZE", 6)


@pytest.mark.parametrize("seed", range(4))
def test_improvement_of_a_greedy_plan_comes_near_the_optimum(seed, small_rounds):
    model = random_model(seed)
    greedy = greedy_plan(model, np.arange(len(model.person)))
    best, found = solve(model).value, model.worth(improved(model, greedy))
    assert model.worth(greedy) <= found <= best
    assert best - found <= (best - model.worth(greedy)) / 2


def test_same_plan_is_improved_the_same_way(small_rounds):
    model = random_model(2)
    greedy = greedy_plan(model, np.arange(len(model.person)))
    assert improved(model, greedy).tolist() == improved(model, greedy).tolist()


def test_plan_that_is_good_enough_is_left_alone(small_rounds):
    model = random_model(2)
    greedy = greedy_plan(model, np.arange(len(model.person)))
    assert improved(model, greedy, wanted=model.worth(greedy)).tolist() == greedy.tolist()


def test_solver_that_fails_leaves_the_plan(monkeypatch, small_rounds):
    def fails(*_args, **_kwargs):
        raise highs.SolverGaveUp("broken")

    monkeypatch.setattr(improvement, "solve_whole", fails)
    model = random_model(3)
    greedy = greedy_plan(model, np.arange(len(model.person)))
    assert improved(model, greedy).tolist() == greedy.tolist()


@settings(max_examples=150, deadline=None)
@given(problems(), st.data())
def test_whatever_is_chosen_for_opened_slots_keeps_every_rule_with_the_rest(problem, data):
    model = problem_model(problem)
    usable = np.flatnonzero(model.load <= model.capacity[model.person, model.period])
    plan = greedy_plan(model, usable)
    asked = data.draw(st.lists(st.booleans(), min_size=model.activities, max_size=model.activities))
    opened = np.array(asked, dtype=bool)[model.slots.activity]
    left = residual(model, usable, plan, opened)
    own = left.pairs[solve(left.model).chosen]
    whole = np.sort(np.concatenate([plan[~opened[model.slot[plan]]], own]))
    pairs = [(problem.pairs[pair].volunteer, problem.pairs[pair].slot) for pair in whole.tolist()]
    assert verify_answer(problem, pairs) == []
    assert model.worth(whole) >= model.worth(plan) - 1e-9
