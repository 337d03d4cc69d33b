"""Senders killed with SIGKILL: nothing is lost, nothing is made up, and with the relay's log nothing twice.

`make faults` runs all of it and prints the counts.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.faults.conftest import Play
from tests.faults.driver import POINTS
from tests.mta import HAS_POSTFIX, running_postfix


def test_f1_a_few_kills_lose_and_repeat_nothing(play: Play) -> None:
    outcome = play("random", 250, kills=3, workers=2, seed=2)
    outcome.require_none_lost_or_made_up()
    assert outcome.arrived.duplicates == 0


@pytest.mark.slow
@pytest.mark.parametrize(("workers", "kills"), [(1, 70), (2, 70), (8, 70)])
def test_f1_two_hundred_kills_for_each_database_lose_and_repeat_nothing(
    play: Play, workers: int, kills: int, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = play("random", 5_000, kills=kills, workers=workers, seed=workers)
    with capsys.disabled():
        sys.stdout.write(f"\nF1 {workers} workers: {outcome.said}, {outcome.arrived.duplicates} duplicates\n")
    outcome.require_none_lost_or_made_up()
    assert outcome.said["counted"] >= kills
    assert outcome.arrived.duplicates == 0


@pytest.mark.slow
@pytest.mark.parametrize("point", sorted(POINTS))
def test_f2_killed_at_a_labelled_point_loses_and_repeats_nothing(play: Play, point: str) -> None:
    outcome = play("point", 8, point=point)
    assert outcome.said["signal"] == 9
    # Before the claim is committed nobody holds anything; from then on one mail at most is doubtful.
    assert outcome.said["in_hand"] == (0 if point == "before_claim_commit" else 1)
    outcome.require_none_lost_or_made_up()
    assert outcome.arrived.duplicates == 0


@pytest.mark.slow
def test_f21_paused_longer_than_its_lease_doubles_at_most_the_mail_in_hand(play: Play) -> None:
    outcome = play("pause", 400)
    outcome.require_none_lost_or_made_up()
    assert outcome.arrived.duplicates <= 1


@pytest.mark.slow
@pytest.mark.xdist_group("postfix")  # two that start at once find each other in the way
@pytest.mark.skipif(not HAS_POSTFIX, reason="needs Postfix and root: apt-get install postfix")
def test_f1_kills_behind_a_real_postfix_lose_and_repeat_nothing(
    play: Play, oracle: tuple[int, Path], tmp_path_factory: pytest.TempPathFactory
) -> None:
    with running_postfix(tmp_path_factory.mktemp("postfix") / "p", next_hop=oracle[0]) as relay:
        outcome = play("random", 3000, kills=25, workers=2, seed=5, port=relay.port, log=relay.log)
    outcome.require_none_lost_or_made_up()
    assert outcome.arrived.duplicates == 0
