"""A checklist asks what the risks need, and one answer that forbids the activity is enough."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from scheduling.risks import Checklist, Risk, Traits, judge, risks_of
from services.checklists import read_checklist, shipped_text

SHIPPED = read_checklist(shipped_text())
ANY_RISKS = st.sets(st.sampled_from(Risk))


def passing(checklist: Checklist, risks) -> dict[str, str]:
    return {
        one.code: next(choice.code for choice in one.answers if not choice.no_go)
        for one in checklist.asked(risks)
    }


def test_risks_are_those_that_the_network_wants_checked() -> None:
    traits = Traits(has_minors=True, is_outdoors=True, takes_money=False, capacity=120)
    assert risks_of(traits, checked=Risk, crowd_from=100) == (Risk.MINORS, Risk.CROWD, Risk.OUTDOORS)
    assert risks_of(traits, checked=[Risk.OUTDOORS, Risk.CROWD], crowd_from=121) == (Risk.OUTDOORS,)
    assert risks_of(traits, checked=Risk, crowd_from=0) == (Risk.MINORS, Risk.OUTDOORS)


def test_questions_follow_the_risks_and_some_are_always_asked() -> None:
    always = [one.code for one in SHIPPED.asked([])]
    assert always == ["in_charge", "emergency"]
    assert [one.code for one in SHIPPED.asked([Risk.MONEY])] == [*always, "two_hands", "price"]


@given(ANY_RISKS)
def test_every_question_can_be_passed(risks: set[Risk]) -> None:
    verdict = judge(SHIPPED, risks, passing(SHIPPED, risks))
    assert (verdict.missing, verdict.no_goes) == ((), ())


@given(ANY_RISKS, st.data())
def test_any_single_no_go_blocks_and_says_what_to_mend(risks: set[Risk], data: st.DataObject) -> None:
    answers = passing(SHIPPED, risks)
    question = data.draw(st.sampled_from(SHIPPED.asked(risks)))
    choice = next(one for one in question.answers if one.no_go)
    verdict = judge(SHIPPED, risks, {**answers, question.code: choice.code})
    assert verdict.no_goes == ((question, choice),)
    assert verdict.to_mend == (choice.mend.text,)


@given(ANY_RISKS)
def test_every_open_question_is_named_at_its_field(risks: set[Risk]) -> None:
    missing = judge(SHIPPED, risks, {"in_charge": "maybe"}).missing
    assert [one.field for one in missing] == [one.code for one in SHIPPED.asked(risks)]
