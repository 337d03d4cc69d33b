"""The rows for limited hours: they hold for all that fits, and for nothing else."""

from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from matching.fitting import hull_of_fitting, load_rows

LENGTHS = st.lists(st.sampled_from([0.7, 1, 1.5, 2, 2.5, 3, 4]), min_size=1, max_size=4, unique=True)


def holds(rows, counts):
    return all(np.dot(row[:-1], counts) <= row[-1] + 1e-9 for row in rows)


@settings(max_examples=80, deadline=None)
@given(LENGTHS.map(sorted), st.sampled_from([2, 3, 4, 5.5, 6, 8]))
def test_rows_hold_exactly_for_what_fits(loads, capacity):
    assume(loads[0] <= capacity)
    rows = hull_of_fitting(tuple(loads), float(capacity))
    most = int(capacity // loads[0]) + 1
    for counts in product(range(most + 1), repeat=len(loads)):
        assert holds(rows, counts) == (np.dot(loads, counts) <= capacity + 1e-6)


def test_three_hours_hold_one_service_of_two():
    rows = hull_of_fitting((2.0,), 3.0)
    assert rows == ((1.0, 1.0),)


def test_half_services_that_the_plain_sum_believes_in_are_cut_off():
    """Four hours hold 1.5 + 2.5, or two of 2; the plain sum also believes in 1.6 services of 2.5."""
    rows = hull_of_fitting((1.5, 2.0, 2.5), 4.0)
    assert not holds(rows, (0, 0, 1.6))
    assert holds(rows, (1, 0, 1))
    assert holds(rows, (0, 2, 0))


@pytest.mark.parametrize(("load", "capacity"), [(1.0, 20.0), (1.0, np.inf), (5.0, 3.0)])
def test_large_and_unlimited_capacities_keep_the_plain_sum(load, capacity):
    (row,) = load_rows(np.array([load]), np.array([capacity]))
    assert (row.weight(np.array([0]), np.array([0])).tolist(), row.limit.tolist()) == ([load], [capacity])


def test_capacities_that_hold_the_same_share_their_rows():
    account = np.array([0, 1, 2])
    (row,) = load_rows(np.full(3, 2.0), np.array([2.0, 3.0, 3.999]))
    assert (row.weight(account, np.arange(len(account))).tolist(), row.limit.tolist()) == (
        [1.0, 1.0, 1.0],
        [1.0, 1.0, 1.0],
    )


def test_many_odd_capacities_and_loads_are_written_in_no_time():
    random = np.random.default_rng(0)
    rows = list(load_rows(random.uniform(1, 4, 20_000), random.uniform(2, 9, 5_000)))
    assert [row.limit.shape for row in rows] == [(5_000,)]
    few = list(load_rows(random.choice([1.03, 1.31, 1.7, 1.97, 2.3, 2.9], 900), random.uniform(2, 9, 900)))
    assert len(few[0].limit) == 900


def test_each_account_gets_the_rows_of_its_own_capacity():
    account = np.array([0, 0, 1, 2])
    rows = list(load_rows(np.array([2.0, 1.5, 2.0, 2.0]), np.array([3.0, 30.0, 2.0])))
    plain, hull = (
        [row.weight(account, np.arange(len(account))).tolist(), row.limit.tolist()] for row in rows
    )
    assert plain == [[2.0, 1.5, 2.0, 2.0], [np.inf, 30.0, np.inf]]
    assert hull == [[2.0, 1.0, 0.0, 1.0], [2.0, np.inf, 1.0]]
