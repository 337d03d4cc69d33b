"""The optimiser against brute force on small random problems of every kind."""

from itertools import chain, combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.problem import solve_problem
from matching.problem_inputs import (
    Problem,
    ProblemActivity,
    ProblemSlot,
    ProblemVolunteer,
)
from matching.verification.files import objective_of, verify_answer
from tests.matching.problem_cases import problems


def best_by_hand(problem):
    pairs = [(pair.volunteer, pair.slot) for pair in problem.pairs]
    plans = chain.from_iterable(combinations(pairs, size) for size in range(len(pairs) + 1))
    return max(objective_of(problem, plan) for plan in plans if not verify_answer(problem, plan))


@settings(max_examples=150, deadline=None)
@given(problems())
def test_plan_is_the_best_of_all_plans_and_proven_so(problem):
    answer = solve_problem(problem)
    assert answer.objective == pytest.approx(best_by_hand(problem), abs=1e-6)
    assert answer.status == "optimal"
    assert verify_answer(problem, answer.assignments) == []


@settings(max_examples=60, deadline=None)
@given(problems(), st.randoms(use_true_random=False))
def test_order_of_the_file_changes_nothing(problem, random):
    def shuffled(things):
        return tuple(random.sample(things, len(things)))

    other = Problem(
        volunteers=shuffled(problem.volunteers),
        slots=shuffled(problem.slots),
        activities=shuffled(problem.activities),
        pairs=shuffled(problem.pairs),
        blocked=tuple((b, a) for a, b in shuffled(problem.blocked)),
        speed_kmh=problem.speed_kmh,
        ask_price=problem.ask_price,
    )
    one, two = solve_problem(problem), solve_problem(other)
    assert (one.assignments, one.objective, one.unfilled) == (two.assignments, two.objective, two.unfilled)


@settings(max_examples=60, deadline=None)
@given(problems())
def test_taking_a_person_away_never_raises_the_objective(problem):
    gone = problem.volunteers[0].id
    fewer = Problem(
        volunteers=problem.volunteers[1:],
        slots=problem.slots,
        activities=problem.activities,
        pairs=tuple(pair for pair in problem.pairs if pair.volunteer != gone),
        blocked=tuple(pair for pair in problem.blocked if gone not in pair),
        speed_kmh=problem.speed_kmh,
        ask_price=problem.ask_price,
    )
    assert solve_problem(fewer).objective <= solve_problem(problem).objective + 1e-9


def test_problem_without_pairs_has_an_empty_proven_plan():
    problem = Problem(
        volunteers=(ProblemVolunteer(1, {}),),
        slots=(ProblemSlot("s", "a", "w"),),
        activities=(ProblemActivity("a"),),
        pairs=(),
    )
    answer = solve_problem(problem)
    assert (answer.status, answer.objective, answer.bound, answer.gap) == ("optimal", 0, 0, 0)
    assert [(empty.slot, empty.cause) for empty in answer.unfilled] == [("s", "nobody")]
