"""What a plan knew is still known when it is unpacked: for every person and every place."""

from hypothesis import given, settings

from matching.eligibility import Eligibility, Reason
from matching.inputs import MatchingPolicy, Pairing
from matching.record import MOST_MISSED, Known, Record, pack
from matching.rules import AttributeRule
from matching.staffing import match_staffing
from tests.matching.strategies import rich_staffings

POLICY = MatchingPolicy()


def code(lack):
    return f"rule:{lack.code}" if isinstance(lack, AttributeRule) else lack.name.lower()


@settings(max_examples=100, deadline=None)
@given(rich_staffings())
def test_every_pair_is_told_as_it_was(staffing):
    result = match_staffing(staffing, POLICY)
    record, judged = Record(pack(result, POLICY)), Eligibility(result.staffing, POLICY)
    values = dict(
        zip(
            zip(result.model.person.tolist(), result.model.slot.tolist(), strict=True),
            result.model.value,
            strict=True,
        )
    )
    for slot, need in enumerate(result.staffing.needs):
        for place, volunteer in enumerate(result.staffing.volunteers):
            lacks = judged.lacks(int(judged.bits(need)[place]))
            known = record.of(volunteer.id, need.id)
            if not lacks:
                assert known.is_placed == (Pairing(volunteer.id, need.id) in result.pairings)
                assert (known.lacks, known.points) == ((), values[place, slot])
                assert known.price >= 0
            elif Reason.DISTANCE in lacks or len(lacks) > MOST_MISSED:
                assert known is None
            else:
                assert known == Known(is_placed=False, lacks=tuple(map(code, lacks)))


def test_a_record_of_an_earlier_form_is_not_read():
    record = Record(b"PK\x03\x04 and what else a zip file holds")
    assert (record.has(1), record.of(1, 1)) == (False, None)


@settings(max_examples=20, deadline=None)
@given(rich_staffings())
def test_strangers_and_other_places_are_not_known(staffing):
    record = Record(pack(match_staffing(staffing, POLICY), POLICY))
    assert record.of(999, staffing.needs[0].id) is None
    assert record.of(staffing.volunteers[0].id, 999) is None
    assert (record.has(staffing.needs[0].id), record.has(999)) == (True, False)
