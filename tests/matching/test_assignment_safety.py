"""What holds when candidates are pruned, and when the solver is late or fails."""

from dataclasses import replace
from threading import Event

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import highs, search
from matching.assignment import PlanStatus, solve
from matching.greedy import greedy_plan
from matching.linear import LinearModel
from matching.pairs import PairModel, Slots, TeamRule
from matching.problem import problem_model, solve_problem
from matching.verification.files import verify_answer
from tests.matching.problem_cases import problems


def random_model(seed, people=60, activities=25):
    """Make a tight question: few people, many overlapping slots, a rule on every second activity."""
    random = np.random.default_rng(seed)
    size = random.integers(1, 4, activities)
    owner = np.repeat(np.arange(activities), size)
    start = random.integers(0, 40, activities)[owner] * 1800
    seats = random.integers(1, 3, len(owner))
    slots = Slots(
        activity=owner,
        period=np.zeros(len(owner), dtype=np.int64),
        start=start,
        end=start + 7200,
        place=np.full(len(owner), -1),
        seats=seats,
        first_seats=np.ones(len(owner), dtype=np.int64),
        first_bonus=np.full(len(owner), 1000.0),
        rest_bonus=np.full(len(owner), 400.0),
    )
    person, slot = np.nonzero(random.random((people, len(owner))) < 0.4)
    return PairModel(
        person=person,
        slot=slot,
        value=random.integers(0, 100, len(person)).astype(np.float64),
        load=np.full(len(person), 2.0),
        slots=slots,
        capacity=random.choice([2.0, 4.0], (people, 1)),
        most=np.full(people, np.inf),
        ask_price=np.zeros(people),
        groups=(random.random(people) < 0.3)[None, :],
        rules=tuple(TeamRule(activity, 0, 1) for activity in range(0, activities, 2)),
        whole=np.zeros(activities, dtype=bool),
        blocked=np.array([[0, 1], [2, 3]]),
    )


@pytest.mark.parametrize("seed", range(3))
def test_pruning_loses_nothing_because_pairs_are_priced_back(seed):
    model = random_model(seed)
    whole = solve(model, per_slot=10_000)
    pruned = solve(model, per_slot=2)
    assert (pruned.value, pruned.bound, pruned.status) == (whole.value, whole.bound, PlanStatus.OPTIMAL)


@pytest.mark.parametrize("seed", range(3))
def test_small_kernel_grows_until_the_plan_is_proven(seed, monkeypatch):
    model = random_model(seed)
    whole = solve(model)
    monkeypatch.setattr(search, "SMALLEST_KERNEL", 10)
    monkeypatch.setattr(search, "KERNEL_PER_SEAT", 1)
    assert solve(model).value == whole.value


def test_plan_without_patience_for_a_proof_is_as_good_and_its_bound_holds():
    model = random_model(5)
    proven, quick = solve(model), solve(model, patience=0.0)
    assert quick.value == proven.value <= quick.bound


def test_same_question_and_seed_give_the_same_plan():
    model = random_model(7)
    assert solve(model, seed=3).chosen.tolist() == solve(model, seed=3).chosen.tolist()


def test_solver_that_fails_leaves_a_greedy_plan_and_an_honest_bound(monkeypatch):
    def fails(*_args, **_kwargs):
        raise highs.SolverGaveUp("broken")

    model = random_model(1)
    best = solve(model)
    monkeypatch.setattr(search, "solve_relaxation", fails)
    plan = solve(model)
    assert plan.status is PlanStatus.FEASIBLE
    assert plan.value > model.worth(greedy_plan(model, np.arange(len(model.person))))
    assert plan.value <= best.value <= plan.bound


def test_whole_number_search_that_fails_keeps_the_bound_of_the_relaxation(monkeypatch):
    def fails(*_args, **_kwargs):
        raise highs.SolverGaveUp("broken")

    model = random_model(1)
    best = solve(model)
    monkeypatch.setattr(search, "solve_whole", fails)
    plan = solve(model)
    assert plan.value <= best.value <= plan.bound


def test_solver_that_overruns_its_time_is_left_behind(monkeypatch):
    freed = Event()

    class Stuck:
        HandleUserInterrupt = False

        def run(self):
            assert freed.wait(60)

        def cancelSolve(self):
            pass

    monkeypatch.setattr(highs, "GRACE_SECONDS", 0.05)
    with pytest.raises(highs.SolverGaveUp, match="late"):
        highs._run(Stuck(), 0.1)
    freed.set()


def test_start_that_comes_back_in_place_of_a_better_plan_is_not_believed(monkeypatch):
    linear = LinearModel(
        cost=np.array([1.0, 2.0]),
        upper=np.ones(2),
        integral=np.ones(2, dtype=bool),
        row=np.array([0, 0]),
        column=np.array([0, 1]),
        entry=np.ones(2),
        limit=np.ones(1),
    )
    start, honest = np.array([1.0, 0.0]), highs._search

    def hands_back_the_start(linear, start, **options):
        answer, claimed = honest(linear, start, **options)
        return (replace(answer, columns=start), claimed) if start is not None else (answer, claimed)

    monkeypatch.setattr(highs, "_search", hands_back_the_start)
    answer = highs.solve_whole(linear, start, seconds=5, seed=0)
    assert (answer.columns.tolist(), answer.bound) == ([0.0, 1.0], 2.0)


@settings(max_examples=80, deadline=None)
@given(problems(), st.integers(0, 2**9 - 1))
def test_greedy_plan_keeps_every_rule_whatever_it_is_hinted(problem, mask):
    model = problem_model(problem)
    usable = np.flatnonzero(model.load <= model.capacity[model.person, model.period])
    hints = usable[[bool(mask >> place & 1) for place in range(len(usable))]]
    best = solve_problem(problem).objective
    for chosen in (greedy_plan(model, usable), greedy_plan(model, usable, hints)):
        pairs = [(problem.pairs[pair].volunteer, problem.pairs[pair].slot) for pair in chosen.tolist()]
        assert verify_answer(problem, pairs) == []
        assert model.worth(chosen) <= best + 1e-6


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_bound_is_never_below_the_value(seed):
    model = random_model(seed, people=12, activities=8)
    plan = solve(replace(model, value=model.value + 0.25))
    assert plan.bound >= plan.value


@settings(max_examples=150, deadline=None)
@given(problems())
def test_prices_of_people_hold_for_the_pairs_left_out_too(problem):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "SCARCE_GUARDS", 0)
        patch.setattr(search, "RULE_GUARDS", 0)
        pruned = solve(problem_model(problem), per_slot=1)
    assert pruned.value == pytest.approx(solve_problem(problem).objective, abs=1e-6)
    assert pruned.status is PlanStatus.OPTIMAL


@pytest.mark.parametrize("seed", range(3))
def test_price_a_person_is_proven_with_few_candidates_kept(seed):
    model = random_model(seed)
    model = replace(model, ask_price=np.full(model.people, 300.0))
    whole, pruned = solve(model, per_slot=10_000), solve(model, per_slot=2)
    assert (pruned.value, pruned.bound, pruned.status) == (whole.value, whole.bound, PlanStatus.OPTIMAL)
