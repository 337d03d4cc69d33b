"""Eligibility, the optimiser and the checker say the same, though each was written without the others."""

from dataclasses import replace
from itertools import chain, combinations, product

import numpy as np
import pytest
from hypothesis import given, settings

from matching.assignment import PlanStatus
from matching.eligibility import Eligibility, Reason
from matching.inputs import MatchingPolicy, Pairing
from matching.rules import AttributeRule
from matching.staffing import match_staffing
from matching.verification import Rule, verify_plan
from tests.matching.strategies import rich_staffings

POLICY = MatchingPolicy()
OF_THE_TEAM = {Rule.EXPERIENCE, Rule.ADULTS, Rule.COMPANY}


def lacks_of(judged, staffing, volunteer, need):
    place = staffing.volunteers.index(volunteer)
    found = judged.lacks(int(judged.bits(need)[place]))
    return {Rule.OWN if isinstance(lack, AttributeRule) else Rule(lack.name.lower()) for lack in found}


@settings(max_examples=300, deadline=None)
@given(rich_staffings())
def test_eligibility_and_checker_name_the_same_rules_for_every_pair(staffing):
    judged = Eligibility(staffing, POLICY)
    for volunteer, need in product(staffing.volunteers, staffing.needs):
        broken = {
            violation.rule for violation in verify_plan(staffing, [Pairing(volunteer.id, need.id)], POLICY)
        }
        assert lacks_of(judged, staffing, volunteer, need) == broken - OF_THE_TEAM


@settings(max_examples=150, deadline=None)
@given(rich_staffings())
def test_best_plan_keeps_every_rule_and_no_larger_plan_does(staffing):
    """Checked against every possible plan, which only the checker judges."""
    result = match_staffing(staffing, POLICY)
    assert verify_plan(staffing, result.pairings, POLICY) == []
    assert result.plan.status is PlanStatus.OPTIMAL
    possible = [Pairing(v.id, n.id) for v, n in product(staffing.volunteers, staffing.needs)]
    most = len(result.pairings) + 1
    larger = combinations(possible, most) if most <= len(possible) else ()
    values = dict(_values(result))
    for plan in chain(larger):
        if set(plan) <= values.keys() and not verify_plan(staffing, plan, POLICY):
            pytest.fail(f"{plan} fills more places than the proven best plan")


@settings(max_examples=60, deadline=None)
@given(rich_staffings())
def test_removing_a_person_never_raises_the_value_of_a_proven_plan(staffing):
    whole = match_staffing(staffing, POLICY).plan
    for volunteer in staffing.volunteers:
        fewer = tuple(other for other in staffing.volunteers if other != volunteer)
        plan = match_staffing(replace(staffing, volunteers=fewer), POLICY).plan
        assert plan.value <= whole.value <= whole.bound


@settings(max_examples=60, deadline=None)
@given(rich_staffings())
def test_reversed_input_gives_the_same_plan(staffing):
    other = replace(
        staffing,
        volunteers=staffing.volunteers[::-1],
        activities=staffing.activities[::-1],
        needs=staffing.needs[::-1],
        blocked=frozenset((b, a) for a, b in staffing.blocked),
        rules=staffing.rules[::-1],
    )
    assert match_staffing(staffing, POLICY).pairings == match_staffing(other, POLICY).pairings


def test_every_reason_has_a_rule_of_the_checker():
    names = {Rule(reason.name.lower()) for reason in Reason}
    beside = {Rule.UNKNOWN, Rule.TWICE, Rule.OVERFILLED, Rule.OWN} | OF_THE_TEAM
    assert names | beside == set(Rule)


def _values(result):
    ids, needs = result.pool.ids, result.staffing.needs
    for person, slot, value in zip(result.model.person, result.model.slot, result.model.value, strict=True):
        yield Pairing(int(ids[person]), needs[slot].id), float(value)


@settings(max_examples=50, deadline=None)
@given(rich_staffings())
def test_candidates_are_those_who_miss_no_rule(staffing):
    judged = Eligibility(staffing, POLICY)
    for need, pool in zip(staffing.needs, judged.pools(), strict=True):
        assert pool.eligible.tolist() == np.flatnonzero(judged.bits(need) == 0).tolist()
