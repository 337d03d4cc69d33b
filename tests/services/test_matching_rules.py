"""Rules of matching as data: limits, weights and a network's own conditions, from a day on."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlmodel import Session, select

from documents.sheets import Sheet
from models import Attendance, HoursEntry, Hub, MatchRule, Need, PersonAttribute, Volunteer
from models.states import ActivityState, OfferState
from services import matchmaking, rulebook
from services.errors import HubError, NotFound
from services.importing.network import import_tables
from services.matching_rules import matching_rules
from tests.factories import NOW, make_activity, make_hub, make_need, make_offer, make_volunteer, save

RULE = ["R1", "开车要驾照", "Drivers need a licence", "驾照=C1/B2", "主题=接送", "2026-11-01"]
HEADER = ["规则编号", "名称", "英文名", "什么人", "哪些活动", "起"]


def filled(session: Session) -> int:
    return matchmaking.match(session, now=NOW, until=NOW + timedelta(weeks=2), dry_run=True).filled


@pytest.fixture
def hub(session: Session) -> Hub:
    return make_hub(session)


@pytest.fixture
def need(session: Session, hub: Hub) -> Need:
    return make_need(session, make_activity(session, hub, topic="接送"))


def take_in(session: Session, *rows: list[str]) -> object:
    return import_tables(session, [Sheet("配人规则", [HEADER, *rows])], now=NOW)


def test_role_can_ask_for_a_gender(session: Session, hub: Hub, need: Need) -> None:
    need.gender = "female"
    make_volunteer(session, hub, gender="male")
    assert filled(session) == 0
    make_volunteer(session, hub, gender="female")
    assert filled(session) == 1


def test_role_can_ask_for_a_language(session: Session, hub: Hub, need: Need) -> None:
    need.language = "藏语"
    make_volunteer(session, hub, profile={"languages": "英语"})
    assert filled(session) == 0
    make_volunteer(session, hub, profile={"languages": "英语,藏语"})
    assert filled(session) == 1


def test_activity_for_members_asks_only_volunteers_of_its_hub(session: Session, hub: Hub) -> None:
    make_need(session, make_activity(session, hub, members_only=True))
    make_volunteer(session, make_hub(session))
    assert filled(session) == 0
    make_volunteer(session, hub)
    assert filled(session) == 1


def test_newcomer_needs_company_where_the_network_does_not_count_its_staff(
    session: Session, hub: Hub, need: Need
) -> None:
    newcomer = make_volunteer(session, hub)
    assert filled(session) == 1
    rulebook.decide(session, "matching", {"staff_are_company": "0"}, hub_id=None, now=NOW)
    assert filled(session) == 0
    past = make_activity(session, hub, starts_at=NOW - timedelta(days=200), state=ActivityState.DONE)
    served = make_offer(session, make_need(session, past, taken=1), newcomer, state=OfferState.ACCEPTED)
    attended = save(session, Attendance(offer_id=served.id, presence="present", recorded_at=NOW))
    hours = {"hub_id": hub.id, "attendance_id": attended.id, "person_id": newcomer.id, "activity_id": past.id}
    save(session, HoursEntry(**hours, minutes=60, served_on=date(2026, 5, 7), entered_at=NOW))
    assert filled(session) == 1


def test_rest_between_days_is_the_networks_to_decide(session: Session, hub: Hub, need: Need) -> None:
    person = make_volunteer(session, hub)
    late = make_activity(session, hub, starts_at=NOW + timedelta(days=4, hours=13))  # Friday, 22:00 to 0:30
    make_offer(session, make_need(session, late, taken=1), person, state=OfferState.ACCEPTED)
    assert filled(session) == 1
    rulebook.decide(session, "matching", {"rest_hours": "14"}, hub_id=None, now=NOW)
    assert filled(session) == 0


def test_weights_count_from_their_day_and_are_kept_with_the_run(
    session: Session, hub: Hub, need: Need
) -> None:
    later = date(2026, 11, 25)
    rulebook.decide(session, "matching", {"nearness_points": "99"}, hub_id=None, now=NOW, valid_from=later)
    assert matching_rules(session, now=NOW).policy.nearness_points == 35
    assert matching_rules(session, now=NOW + timedelta(days=2)).policy.nearness_points == 99
    make_volunteer(session, hub)
    matchmaking.match(session, now=NOW + timedelta(days=2), until=NOW + timedelta(weeks=2))
    run = session.exec(select(matchmaking.MatchingRun)).one()
    assert run.parameters["nearness_points"] == 99


@pytest.mark.parametrize("wrong", [{"rest_hours": "25"}, {"fairness_limit": "900"}, {"speed_kmh": "0"}])
def test_limit_out_of_reason_is_refused(session: Session, wrong: dict[str, str]) -> None:
    with pytest.raises(HubError):
        rulebook.decide(session, "matching", wrong, hub_id=None, now=NOW)


def test_hub_does_not_decide_how_the_network_matches(session: Session, hub: Hub) -> None:
    with pytest.raises(NotFound):
        rulebook.decide(session, "matching", {"rest_hours": "1"}, hub_id=hub.id, now=NOW)


def test_own_rule_from_a_sheet_keeps_people_out_until_it_is_fulfilled(
    session: Session, hub: Hub, need: Need
) -> None:
    person = make_volunteer(session, hub)
    attribute = save(session, PersonAttribute(person_id=person.id, name="驾照", value="c2"))
    assert take_in(session, RULE).problems == ()
    assert filled(session) == 0
    session.delete(attribute)
    save(session, PersonAttribute(person_id=person.id, name="驾照", value="c1"))
    assert filled(session) == 1


def test_unfilled_place_names_the_own_rule_and_remembers_it(session: Session, hub: Hub, need: Need) -> None:
    person = make_volunteer(session, hub)
    save(session, PersonAttribute(person_id=person.id, name="驾照", value="c2"))
    take_in(session, RULE)
    result = matchmaking.match(session, now=NOW, until=NOW + timedelta(weeks=2))
    assert result.unfilled[0].sentence.zh.endswith("没人可问；只差一条的有：1人不合“开车要驾照”。")
    run = session.exec(select(matchmaking.MatchingRun)).one()
    assert run.unfilled[0]["one_short"] == {"rule:R1": 1}


def test_rule_about_what_nobody_has_is_refused_with_its_cell(session: Session) -> None:
    (problem,) = take_in(session, RULE).problems
    assert "没有人填过“驾照”" in problem.sentence.zh
    assert session.exec(select(MatchRule)).all() == []


@pytest.mark.parametrize(("column", "text"), [(3, "驾照"), (4, "天气=晴")])
def test_text_that_is_no_condition_is_refused(session: Session, hub: Hub, column: int, text: str) -> None:
    save(session, PersonAttribute(person_id=make_volunteer(session, hub).id, name="驾照", value="c1"))
    row = [*RULE[:column], text, *RULE[column + 1 :]]
    assert len(take_in(session, row).problems) == 1


def test_own_rules_are_shown_as_they_were_written(session: Session, hub: Hub) -> None:
    save(session, PersonAttribute(person_id=make_volunteer(session, hub).id, name="驾照", value="c1"))
    take_in(session, RULE)
    (line,) = rulebook.own_rule_lines(session)
    assert line.en == "   R1 Drivers need a licence: 驾照=c1/b2 @ topic=接送 [2026-11-01..]"


def test_second_import_changes_nothing(session: Session, hub: Hub) -> None:
    person = make_volunteer(session, hub)
    save(session, PersonAttribute(person_id=person.id, name="驾照", value="c1"))
    take_in(session, RULE)
    (again,) = take_in(session, RULE).tables
    assert (again.added, again.changed, again.unchanged) == (0, 0, 1)


def test_people_sheet_takes_languages_and_attributes(session: Session, hub: Hub) -> None:
    header = ["人员编号", "姓名", "角色", "所属青年汇", "会的语言", "属性"]
    row = ["V1", "沈之槐", "志愿者", hub.code, "英语、藏语", "驾照=C1/B2；方言=粤语"]
    assert import_tables(session, [Sheet("人员", [header, row])], now=NOW).problems == ()
    kept = sorted((one.name, one.value) for one in session.exec(select(PersonAttribute)))
    assert kept == [("方言", "粤语"), ("驾照", "b2"), ("驾照", "c1")]
    assert session.exec(select(Volunteer)).one().languages == "英语,藏语"


def test_attribute_that_everybody_has_cannot_be_given_again(session: Session, hub: Hub) -> None:
    header, row = ["人员编号", "姓名", "属性"], ["V1", "沈之槐", "年龄=30"]
    (problem,) = import_tables(session, [Sheet("人员", [header, row])], now=NOW).problems
    assert "人人都有" in problem.sentence.zh
