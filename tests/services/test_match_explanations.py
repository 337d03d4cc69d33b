"""Why a volunteer is or is not asked for an activity: from the rows of the last run, in words."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlmodel import Session, select

from models import BackgroundCheck, Hub, MatchingRecord, Need, Offer, Person
from models.states import OfferState
from services import match_explanations, matchmaking
from services.errors import NotFound, TooLate
from tests.factories import NOW, make_activity, make_hub, make_need, make_volunteer, save


@pytest.fixture
def hub(session: Session) -> Hub:
    return make_hub(session)


@pytest.fixture
def need(session: Session, hub: Hub) -> Need:
    return make_need(session, make_activity(session, hub, title_zh="修理角", code="A-repair"), role_zh="接待")


def match(session: Session) -> None:
    matchmaking.match(session, now=NOW, until=NOW + timedelta(weeks=2))


def explain(session: Session, code: str, **over: object) -> match_explanations.Explanation:
    return match_explanations.explain(session, code, "A-repair", now=NOW, **over)  # type: ignore[arg-type]


def test_proposed_person_hears_why_and_that_nothing_has_changed(
    session: Session, hub: Hub, need: Need
) -> None:
    person = make_volunteer(session, hub, name="沈之槐")
    match(session)
    found = explain(session, person.code)
    assert (found.roles[0].standing, found.is_same) == ("placed", True)
    assert [one.zh for one in found.sentences] == [
        f"沈之槐 · “修理角”（{hub.name_zh}，11月28日周六14:00）",
        "接待：排在这里（住得近+35）；没有这个人，全网少填1个位置。",
        "和第1次配人时的情况一样。" if found.run_id == 1 else f"和第{found.run_id}次配人时的情况一样。",
    ]


def test_asking_changes_nothing(session: Session, hub: Hub, need: Need) -> None:
    person = make_volunteer(session, hub)
    match(session)
    before = [(offer.id, offer.state) for offer in session.exec(select(Offer))]
    explain(session, person.code)
    assert [(offer.id, offer.state) for offer in session.exec(select(Offer))] == before
    assert not session.dirty
    assert not session.new


def test_who_misses_a_rule_hears_by_how_much(session: Session, hub: Hub, need: Need) -> None:
    need.needs_check = True
    person = make_volunteer(session, hub)
    check = BackgroundCheck(person_id=person.id, checked_on=date(2025, 1, 1), expires_on=date(2026, 11, 27))
    save(session, check)
    match(session)
    found = explain(session, person.code)
    assert found.roles[0].sentences[0].zh == "不能排：背景核查到11月27日，活动在11月28日。"
    assert "ends on 2026-11-27" in found.roles[0].sentences[0].en


def test_outbid_person_hears_the_points_and_the_coordinator_what_would_change(
    session: Session, hub: Hub, need: Need
) -> None:
    near = make_volunteer(session, hub, name="陆小满")
    far = make_volunteer(session, hub, name="乔安禾", profile={"lon": 116.38})
    match(session)
    (role,) = explain(session, far.code, hub_ids=[hub.id]).roles
    assert role.standing == "outbid"
    assert "别人更合适：再多" in role.sentences[0].zh
    assert "陆小满" not in role.sentences[0].zh
    assert [change.zh for change in role.changes] == ["陆小满不再排在这里", "乔安禾排到这里"]
    assert near.id


def test_other_hubs_volunteers_are_not_named(session: Session, hub: Hub, need: Need) -> None:
    """Somebody taken from another hub's activity is another volunteer to this coordinator."""
    other = make_hub(session)
    both = make_volunteer(session, hub, name="陆小满")
    elsewhere = make_need(session, make_activity(session, other), minimum=1, desired=1)
    own = make_volunteer(session, hub, name="乔安禾", profile={"lon": 116.40})
    match(session)
    asked = {offer.need_id: offer.person_id for offer in session.exec(select(Offer))}
    assert set(asked) == {need.id, elsewhere.id}
    loser = both if asked[elsewhere.id] == both.id else own
    found = explain(session, loser.code, hub_ids=[hub.id])
    names = " ".join(change.zh for role in found.roles for change in role.changes)
    strangers = explain(session, loser.code, hub_ids=[-1])
    assert "另一位志愿者" not in names
    assert all("另一位志愿者" in change.zh for role in strangers.roles for change in role.changes)


def test_change_since_the_run_is_said(session: Session, hub: Hub, need: Need) -> None:
    person = make_volunteer(session, hub)
    match(session)
    make_volunteer(session, hub)
    found = explain(session, person.code)
    assert not found.is_same
    assert "情况有变" in found.sentences[-1].zh


def test_who_declined_is_not_placed_again(session: Session, hub: Hub, need: Need) -> None:
    person = make_volunteer(session, hub)
    match(session)
    offer = session.exec(select(Offer)).one()
    offer.state = OfferState.DECLINED
    save(session, offer)
    assert explain(session, person.code).roles[0].sentences[0].zh == "不能排：这一场已经问过。"


def test_without_a_run_the_answer_is_as_things_stand(session: Session, hub: Hub, need: Need) -> None:
    found = explain(session, make_volunteer(session, hub).code)
    assert found.run_id is None
    assert found.sentences[-1].zh == "还没有配过，按现在的情况算。"


def test_unknown_codes_and_activities_that_are_over_are_refused(
    session: Session, hub: Hub, need: Need
) -> None:
    person = make_volunteer(session, hub)
    with pytest.raises(NotFound):
        explain(session, "nobody")
    with pytest.raises(NotFound):
        match_explanations.explain(session, person.code, "nothing", now=NOW)
    with pytest.raises(TooLate):
        match_explanations.explain(session, person.code, "A-repair", now=NOW + timedelta(days=30))


def test_activity_that_has_begun_is_told_from_what_its_run_kept(
    session: Session, hub: Hub, need: Need
) -> None:
    """A month later facts have changed; what was known then has not."""
    near = make_volunteer(session, hub)
    far = make_volunteer(session, hub, profile={"lon": 116.38})
    young = make_volunteer(session, hub, birth_date=date(2015, 1, 1))
    match(session)
    near.email = far.email = ""
    month_later = NOW + timedelta(days=30)

    def told(person: Person) -> str:
        found = match_explanations.explain(session, person.code, "A-repair", now=month_later)
        assert found.sentences[-1].zh == f"这是第{found.run_id}次配人时留下的记录。"
        return found.roles[0].sentences[0].zh

    assert told(near) == "当时排在这里（35分）。"
    assert told(far) == "当时合适（24分），排在这里的人至少35分。"
    assert told(young) == "当时不能排：年龄不到、缺监护人同意。"
    assert told(make_volunteer(session, hub)).startswith("当时不在考虑之内")


def test_records_are_let_go_after_two_months(session: Session, hub: Hub, need: Need) -> None:
    make_volunteer(session, hub)
    match(session)
    make_need(session, make_activity(session, hub, starts_at=NOW + timedelta(days=70)))
    later = NOW + timedelta(days=61)
    matchmaking.match(session, now=later, until=later + timedelta(weeks=2))
    (kept,) = session.exec(select(MatchingRecord)).all()
    assert kept.kept_at == later


def test_name_finds_a_volunteer_of_the_hub_only(session: Session, hub: Hub) -> None:
    person = make_volunteer(session, hub, name="陆小满")
    make_volunteer(session, make_hub(session), name="乔安禾")
    assert match_explanations.volunteer_of(session, hub.id or 0, " 陆小满 ") == person.code
    with pytest.raises(NotFound):
        match_explanations.volunteer_of(session, hub.id or 0, "乔安禾")
    make_volunteer(session, hub, name="陆小满")
    with pytest.raises(NotFound) as refused:
        match_explanations.volunteer_of(session, hub.id or 0, "陆小满")
    assert refused.value.refusals[0].sentence.zh == "有几位都叫“陆小满”，填编号。"
