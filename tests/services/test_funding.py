"""Project applications: written, handed in, decided by people who are far enough away, and never lost on the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from models import (
    AuditEntry,
    Dispatch,
    FundingAnswer,
    FundingApplication,
    FundingVersion,
    Message,
    Policy,
    RoleKind,
)
from services import funding, funding_base, funding_review, rulebook
from services.errors import HubError, NotYours, TooLate
from services.funding_checks import LineGiven
from services.funding_money import fen_of, money, plain_yuan
from tests.factories import NOW, make_coordinator, make_manager, make_person, make_role, make_volunteer, save
from tests.services.funding_cast import GIVEN, LARGE, Cast, answered, drafted, hand_in, make_cast, seal

DAY = timedelta(days=1)


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


def told(session: Session, kind: str) -> list[str]:
    found = select(Message.to_address).where(Message.kind == kind).order_by(col(Message.id))
    return list(session.exec(found))


def codes(error: HubError) -> list[tuple[str, str | None]]:
    return [(one.code, one.field) for one in error.refusals]


@pytest.mark.parametrize(
    ("typed", "fen"),
    [
        ("1200", 120_000),
        ("１，２００．５", 120_050),
        (" ¥3,600.50元 ", 360_050),
        ("0.01", 1),
        ("0", None),
        ("-5", None),
        ("1.005", None),
        ("1e5", None),
        ("十块", None),
        ("10000000.01", None),
    ],
)
def test_amount_is_read_as_whole_fen_or_not_at_all(typed: str, fen: int | None) -> None:
    assert fen_of(typed) == fen


def test_amounts_read_as_people_write_them() -> None:
    assert (money(1_560_050).zh, money(-500).en, plain_yuan(360_050)) == ("15,600.50元", "−¥5", "3600.50")


def test_draft_keeps_its_budget_in_fen_and_a_second_press_writes_nothing_twice(
    session: Session, cast: Cast
) -> None:
    by = cast.asker.id or 0
    first = funding.save(session, cast.hub.id or 0, GIVEN, by=by, now=NOW, once="a")
    again = funding.save(session, cast.hub.id or 0, GIVEN, by=by, now=NOW, once="a")
    assert first == again
    found = session.get_one(FundingApplication, first.application_id)
    assert (found.state, found.amount_fen, found.version) == ("draft", 1_560_050, 0)
    lines = funding_base.lines_of(session, first.application_id)
    assert [(line.category, line.amount_fen) for line in lines] == [
        ("fees", 1_200_000),
        ("materials", 360_050),
    ]


def test_draft_names_every_wrong_field_at_once(session: Session, cast: Cast) -> None:
    wrong = replace(
        GIVEN,
        title=" ",
        ends_on=date(2027, 2, 1),
        serves="moon",
        lines=(LineGiven("", "", ""), LineGiven("gold", "many", " ")),
    )
    with pytest.raises(HubError) as refused:
        drafted(session, cast, wrong)
    assert codes(refused.value) == [
        ("title", "title"),
        ("period", "ends_on"),
        ("serves", "serves"),
        ("category", "category_2"),
        ("amount", "amount_2"),
        ("reason", "reason_2"),
    ]
    assert session.exec(select(FundingApplication)).all() == []


def test_handing_in_names_everything_that_is_missing(session: Session, cast: Cast) -> None:
    found = drafted(session, cast, funding.Given("只有名字"))
    with pytest.raises(HubError) as refused:
        funding.submit(session, found.id or 0, seal=seal(session, found), by=cast.asker.id or 0, now=NOW)
    assert [one.field for one in refused.value.refusals] == [
        "purpose", "starts_on", "ends_on", "serves", "amount_1",
    ]  # fmt: skip


def test_what_changed_since_it_was_looked_at_is_not_handed_in(session: Session, cast: Cast) -> None:
    found = drafted(session, cast)
    seen = seal(session, found)
    by, hub = cast.asker.id or 0, cast.hub.id or 0
    funding.save(session, hub, replace(GIVEN, lines=LARGE), by=by, now=NOW, application_id=found.id)
    with pytest.raises(TooLate, match="changed_since"):
        funding.submit(session, found.id or 0, seal=seen, by=by, now=NOW)


def test_handing_in_commits_with_the_request_for_the_next_step(session: Session, cast: Cast) -> None:
    found = drafted(session, cast)
    done = funding.submit(session, found.id or 0, seal=seal(session, found), by=cast.asker.id or 0, now=NOW)
    row = session.get_one(Dispatch, done.work_id)
    assert (row.kind, row.params, row.key) == (
        "decide_funding", {"application": found.id}, f"funding:{found.id}:1:0",
    )  # fmt: skip
    assert (found.state, told(session, "funding_asked")) == ("submitted", [])
    stepped = funding_review.next_step(session, found.id or 0, now=NOW)
    assert (found.state, stepped.asked, stepped.awaiting, stepped.sentence.en) == (
        "under_review", 1, 1, "Awaiting decision.",
    )  # fmt: skip
    assert told(session, "funding_asked") == [cast.street_manager.email]
    again = funding_review.next_step(session, found.id or 0, now=NOW + DAY)
    assert (again.asked, again.awaiting) == (0, 1)


def test_one_person_decides_up_to_the_limit(session: Session, cast: Cast) -> None:
    found = answered(session, hand_in(session, cast), "approve", cast.street_manager)
    assert (found.state, found.verdict, found.valid_until) == ("approved", "approved", NOW + 180 * DAY)
    assert told(session, "funding_decided") == [cast.asker.email]


def test_above_the_limit_two_different_people_agree(session: Session, cast: Cast) -> None:
    found = hand_in(session, cast, replace(GIVEN, lines=LARGE))
    assert told(session, "funding_asked") == [cast.street_manager.email, cast.district_manager.email]
    answered(session, found, "approve", cast.street_manager)
    assert (found.state, found.needed) == ("under_review", 2)
    assert told(session, "funding_asked")[2:] == [cast.district_manager.email]
    with pytest.raises(TooLate, match="answered"):
        answered(session, found, "approve", cast.street_manager)
    answered(session, found, "approve", cast.district_manager)
    assert found.state == "approved"
    people = session.exec(select(FundingAnswer.by_id).order_by(col(FundingAnswer.id))).all()
    assert people == [cast.street_manager.id, cast.district_manager.id]


def test_two_answers_of_one_person_are_refused_by_the_table_itself(session: Session, cast: Cast) -> None:
    found = answered(session, hand_in(session, cast), "approve", cast.street_manager)
    first = session.exec(select(FundingAnswer)).one()
    twice = {"version_id": first.version_id, "by_id": first.by_id}
    with pytest.raises(IntegrityError):
        save(session, FundingAnswer(application_id=found.id or 0, verdict="approve", at=NOW, **twice))


def test_the_limit_is_a_policy_with_a_day_from_which_it_counts(session: Session, cast: Cast) -> None:
    later = (NOW + 3 * DAY).date()
    rulebook.decide(session, "funding", {"one_up_to_yuan": "100"}, hub_id=None, now=NOW, valid_from=later)
    assert hand_in(session, cast).needed == 1
    assert hand_in(session, cast, now=NOW + 3 * DAY).needed == 2
    assert session.exec(select(Policy.rules)).one() == {"one_up_to_yuan": 100}


def test_nobody_of_the_hub_and_nobody_who_asked_decides(session: Session, cast: Cast) -> None:
    found = hand_in(session, cast)
    make_role(session, cast.asker, RoleKind.MANAGER, unit=cast.street)
    runs_the_hub = make_coordinator(session, cast.hub)
    serves_there = make_volunteer(session, cast.hub)
    employed = make_person(session, partner_id=cast.hub.partner_id)
    for person in (runs_the_hub, serves_there, employed):
        make_role(session, person, RoleKind.MANAGER, unit=cast.street)
    for person in (cast.asker, runs_the_hub, serves_there, employed):
        with pytest.raises(NotYours, match="too_close"):
            answered(session, found, "approve", person)
    with pytest.raises(NotYours, match="not_your_branch"):
        answered(session, found, "approve", cast.outsider)
    assert session.exec(select(FundingAnswer)).all() == []


def test_who_asked_is_never_asked_to_decide(session: Session, cast: Cast) -> None:
    make_role(session, cast.asker, RoleKind.MANAGER, unit=cast.street)
    hand_in(session, cast)
    assert told(session, "funding_asked") == [cast.street_manager.email]


def test_too_few_people_above_the_hub_is_said_at_once(session: Session, cast: Cast) -> None:
    make_role(session, cast.street_manager, RoleKind.COORDINATOR, hub=cast.hub)
    with pytest.raises(HubError, match="too_few_deciders"):
        hand_in(session, cast, replace(GIVEN, lines=LARGE))


def test_returned_is_changed_and_handed_in_again_with_both_versions_kept(
    session: Session, cast: Cast
) -> None:
    found = hand_in(session, cast)
    with pytest.raises(HubError, match="reason_missing"):
        answered(session, found, "return", cast.street_manager)
    answered(session, found, "return", cast.street_manager, reason="人数对不上")
    assert (found.state, found.reason) == ("returned", "人数对不上")
    by, hub = cast.asker.id or 0, cast.hub.id or 0
    funding.save(session, hub, replace(GIVEN, lines=GIVEN.lines[:1]), by=by, now=NOW, application_id=found.id)
    funding.submit(session, found.id or 0, seal=seal(session, found), by=by, now=NOW + DAY)
    funding_review.next_step(session, found.id or 0, now=NOW + DAY)
    assert (found.version, found.state, found.reason) == (2, "under_review", "")
    kept = session.exec(select(FundingVersion).order_by(col(FundingVersion.number))).all()
    assert [sum(line["amount_fen"] for line in one.content["lines"]) for one in kept] == [
        1_560_050,
        1_200_000,
    ]
    answered(session, found, "approve", cast.street_manager)
    assert found.state == "approved"


def test_rejected_ends_it_and_everything_stands_on_the_audit_trail(session: Session, cast: Cast) -> None:
    found = answered(session, hand_in(session, cast), "reject", cast.street_manager, reason="去年已办过")
    assert (found.state, found.verdict) == ("rejected", "rejected")
    with pytest.raises(TooLate):
        funding.withdraw(session, found.id or 0, "算了", by=cast.asker.id or 0, now=NOW)
    trail = session.exec(
        select(AuditEntry.verb)
        .where(AuditEntry.thing == "funding_application", AuditEntry.thing_id == found.id)
        .order_by(col(AuditEntry.id))
    ).all()
    assert trail == ["open", "edit", "budget", "submit", "review", "answer.reject", "reject"]


def test_an_answer_that_waits_to_be_carried_out_cannot_be_overtaken(session: Session, cast: Cast) -> None:
    found = hand_in(session, cast)
    manager, asker, number = cast.street_manager.id or 0, cast.asker.id or 0, found.id or 0
    seen = seal(session, found)
    done = funding_review.answer(session, number, "approve", "", seal=seen, by=manager, now=NOW)
    assert session.get_one(Dispatch, done.work_id).key == f"funding:{number}:1:1"
    with pytest.raises(TooLate, match="moved_on"):
        funding.withdraw(session, number, "不办了", by=asker, now=NOW)
    other = make_manager(session, cast.street)
    with pytest.raises(TooLate, match="moved_on"):
        funding_review.answer(session, number, "reject", "不", seal=seen, by=other.id or 0, now=NOW)
    assert funding_review.next_step(session, number, now=NOW).sentence.en == "Approved."
    assert funding_review.next_step(session, number, now=NOW).sentence.en == "Nothing is left to do."


def test_answer_to_another_version_than_the_one_read_is_refused(session: Session, cast: Cast) -> None:
    found = hand_in(session, cast)
    with pytest.raises(TooLate, match="changed_since"):
        funding_review.answer(
            session, found.id or 0, "approve", "", seal="old", by=cast.street_manager.id or 0, now=NOW
        )


def test_withdrawn_needs_a_reason_and_goes_no_further(session: Session, cast: Cast) -> None:
    found = hand_in(session, cast)
    asker = cast.asker.id or 0
    with pytest.raises(HubError, match="reason_missing"):
        funding.withdraw(session, found.id or 0, " ", by=asker, now=NOW)
    funding.withdraw(session, found.id or 0, "场地没了", by=asker, now=NOW)
    assert (found.state, found.reason) == ("withdrawn", "场地没了")
    with pytest.raises(TooLate):
        answered(session, found, "approve", cast.street_manager)


def test_an_approval_that_lapsed_is_handed_in_once_more(session: Session, cast: Cast) -> None:
    later = replace(GIVEN, ends_on=date(2028, 6, 30))
    found = answered(session, hand_in(session, cast, later), "approve", cast.street_manager)
    asker, seen = cast.asker.id or 0, seal(session, found)
    with pytest.raises(TooLate):
        funding.submit(session, found.id or 0, seal=seen, by=asker, now=NOW + DAY)
    funding.submit(session, found.id or 0, seal=seen, by=asker, now=NOW + 181 * DAY)
    assert (found.state, found.version, found.verdict, found.valid_until) == ("submitted", 2, "", None)
