from collections import Counter
from itertools import pairwise

import pytest

from simulator import behaviour
from simulator.behaviour import ASSESSOR_TASTE, Dice

TABLES = {
    name: table for name, table in vars(behaviour).items() if isinstance(table, dict) and name.isupper()
}


@pytest.mark.parametrize("name", sorted(TABLES))
def test_shares_of_every_table_add_up_to_one(name: str):
    assert sum(TABLES[name].values()) == pytest.approx(1.0)


def test_roll_depends_on_seed_and_facts_alone():
    first = [Dice(7).roll("offer", n) for n in range(50)]
    backwards = [Dice(7).roll("offer", n) for n in reversed(range(50))]
    assert first == backwards[::-1]
    assert first != [Dice(8).roll("offer", n) for n in range(50)]


def test_roll_keeps_facts_apart_that_read_alike_when_joined():
    assert Dice(7).roll("a", "bc") != Dice(7).roll("ab", "c")


def test_choices_come_as_often_as_the_table_says():
    counts = Counter(Dice(1).choose(behaviour.OFFER, n) for n in range(20_000))
    shares = {choice: count / 20_000 for choice, count in counts.items()}
    assert shares == pytest.approx(behaviour.OFFER, abs=0.01)


def test_ratings_stay_on_the_scale_and_use_all_of_it():
    given = {Dice(3).rating(ASSESSOR_TASTE, 5, hub=f"h{n}", person="p", item="i") for n in range(3_000)}
    assert given == {0, 1, 2, 3, 4}


def test_ratings_of_one_hub_agree_more_than_those_of_two():
    dice, items = Dice(3), range(40)

    def mean(hub: str, person: str) -> float:
        return sum(dice.rating(ASSESSOR_TASTE, 5, hub=hub, person=person, item=str(n)) for n in items) / len(
            items
        )

    hubs = [f"hub {n}" for n in range(30)]
    within = sum(abs(mean(hub, "first") - mean(hub, "second")) for hub in hubs)
    between = sum(abs(mean(hub, "first") - mean(other, "second")) for hub, other in pairwise(hubs))
    assert within < between
