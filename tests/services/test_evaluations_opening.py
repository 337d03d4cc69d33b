"""Opening a cycle: who is taken in, who assesses, who is drawn, and that a second run writes to nobody."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from functools import partial

import pytest
from sqlmodel import Session, col, func, select

from models import (
    Assessment,
    Cycle,
    CycleHub,
    FrameworkVersion,
    Invitation,
    Message,
    Participant,
    Participation,
    RoleKind,
)
from models.states import CycleState, Presence
from services import evaluations
from services.errors import HubError, NotFound
from services.evaluation_frame import age_band
from services.frameworks import SHIPPED
from tests.factories import NOW, make_hub, make_role, make_unit
from tests.services.evaluation_cast import make_network, open_cycle, serve

TEXT = (SHIPPED / "youth-hub-2026.yaml").read_text(encoding="utf-8")


def test_a_cycle_takes_in_the_open_hubs_of_the_branch(session: Session) -> None:
    network = make_network(session)
    make_hub(session, unit=network.streets[0], is_open=False)
    make_hub(session, unit=make_unit(session))
    opened = open_cycle(session)
    assert (opened.hubs, opened.assessments, opened.residents, opened.mails) == (3, 6, 36, 42)
    taken = session.exec(select(CycleHub.hub_id).order_by(col(CycleHub.hub_id))).all()
    assert taken == [hub.id for hub in network.hubs]
    cycle = session.exec(select(Cycle)).one()
    assert (cycle.state, cycle.name_zh, cycle.name_en) == (
        CycleState.COLLECTING,
        "2026年年终评估",
        "2026 year-end evaluation",
    )
    assert (cycle.period_start, cycle.period_end) == (date(2026, 1, 1), date(2026, 12, 31))


def test_opening_again_changes_nothing_and_writes_to_nobody(session: Session) -> None:
    make_network(session)
    open_cycle(session)
    before = session.exec(select(func.count(col(Message.id)))).one()
    again = open_cycle(session)
    assert (again.hubs, again.assessments, again.residents, again.mails) == (0, 0, 0, 0)
    assert session.exec(select(func.count(col(Message.id)))).one() == before


def test_a_pilot_takes_the_demonstration_hubs_alone_and_says_so(session: Session) -> None:
    network = make_network(session)
    network.hubs[1].is_demonstration = True
    session.flush()
    assert open_cycle(session, pilot=True).hubs == 1
    cycle = session.exec(select(Cycle)).one()
    assert (cycle.is_pilot, cycle.name_zh) == (True, "2026年年终评估（试评）")


def test_nobody_assesses_their_employers_hub_or_one_of_their_own(session: Session) -> None:
    network = make_network(session)
    insider = network.assessors[0]
    make_role(session, insider, RoleKind.COORDINATOR, hub=network.hubs[1])
    open_cycle(session)
    pairs = session.exec(select(Assessment.hub_id, Assessment.assessor_id)).all()
    employers = {person.id: person.partner_id for person in network.assessors}
    hubs = {hub.id: hub for hub in network.hubs}
    assert Counter(hub_id for hub_id, _ in pairs) == Counter({hub.id: 2 for hub in network.hubs})
    assert all(employers[person_id] != hubs[hub_id].partner_id for hub_id, person_id in pairs)
    assert (network.hubs[1].id, insider.id) not in pairs


def test_residents_are_those_who_came_in_the_period_and_the_frame_is_kept(session: Session) -> None:
    network = make_network(session)
    for participation in session.exec(select(Participation).limit(3)):
        participation.presence = Presence.UNKNOWN
    session.flush()
    open_cycle(session)
    frames = session.exec(select(CycleHub.frame).order_by(col(CycleHub.hub_id))).all()
    assert [sum(frame.values()) for frame in frames] == [11, 14, 14]
    assert set(frames[1]) == {"14_17", "18_24"}
    question = select(Invitation.hub_id, Participant.hub_id).join(
        Participant, col(Participant.id) == Invitation.participant_id
    )
    assert all(drawn == home for drawn, home in session.exec(question))
    counts = Counter(session.exec(select(Invitation.hub_id)).all())
    assert [counts[hub.id or 0] for hub in network.hubs] == [11, 12, 12]


def test_nobody_is_drawn_twice_within_a_quarter(session: Session) -> None:
    make_network(session)
    open_cycle(session)
    first = set(session.exec(select(Invitation.participant_id)).all())
    month = NOW + timedelta(days=30)
    soon = evaluations.open_cycle(session, code="E2", unit="XC", now=month)
    assert soon.residents == 3 * 14 - len(first)
    assert "XC-01" in soon.sentences[-1].zh
    quarter = evaluations.open_cycle(session, code="E3", unit="XC", now=NOW + timedelta(days=130), year=2026)
    assert quarter.residents == 36


def test_the_same_seed_draws_the_same_people(session: Session) -> None:
    make_network(session)
    open_cycle(session, seed=5)
    assert session.exec(select(Cycle.seed)).one() == 5
    drawn = session.exec(select(Invitation.participant_id).order_by(col(Invitation.id))).all()
    ids = session.exec(select(Participant.id).order_by(col(Participant.id))).all()
    assert [ids.index(one) for one in drawn][:12] == sorted(ids.index(one) for one in drawn)[:12]


def test_a_hub_that_served_nobody_is_named_and_stays_in_the_cycle(session: Session) -> None:
    network = make_network(session, served=14)
    make_hub(session, unit=network.streets[0], code="XC-09")
    serve(session, network.hubs[0], 0)
    opened = open_cycle(session)
    assert opened.hubs == 4
    assert opened.sentences[-1].zh == "1家服务过、可以问的人不够抽，全部抽中：XC-09。"


@pytest.mark.parametrize(
    ("over", "code"),
    [
        ({"unit": "nowhere"}, "no_unit"),
        ({"framework_code": "nothing"}, "no_framework"),
        ({"stage": "spring"}, "no_stage"),
        ({"closes_at": NOW}, "closes_at"),
        ({"period": (date(2026, 2, 1), date(2026, 1, 1))}, "period"),
        ({"residents_per_hub": 0}, "numbers"),
        ({"pilot": True}, "no_hubs"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(
    session: Session, over: dict[str, object], code: str
) -> None:
    make_network(session)
    with pytest.raises(HubError) as refused:
        evaluations.open_cycle(session, **{"code": "E1", "unit": "XC", "now": NOW, **over})  # type: ignore[arg-type]
    assert [refusal.code for refusal in refused.value.refusals] == [code]


def test_a_framework_is_kept_once_and_an_edited_version_is_refused(session: Session) -> None:
    first = evaluations.register_framework(session, TEXT, now=NOW)
    assert evaluations.register_framework(session, TEXT, now=NOW).id == first.id
    with pytest.raises(HubError) as refused:
        evaluations.register_framework(session, TEXT.replace("[40, 120]", "[40, 130]"), now=NOW)
    assert [refusal.code for refusal in refused.value.refusals] == ["F06"]
    edited = TEXT.replace("[40, 120]", "[40, 130]").replace('"2026.1"', '"2026.2"')
    assert evaluations.register_framework(session, edited, now=NOW).id != first.id
    assert len(session.exec(select(FrameworkVersion)).all()) == 2


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("metric: venue_area_m2", "metric: venue_area", "F03"),
        ("languages: [zh, en]", "languages: [zh]", "F07"),
        ("strata: [age_band]", "strata: [shoe_size]", "F03"),
        ("points: 40}", "points: 41}", "F01"),
    ],
)
def test_a_framework_that_we_cannot_count_is_refused(session: Session, old: str, new: str, code: str) -> None:
    with pytest.raises(HubError) as refused:
        evaluations.register_framework(session, TEXT.replace(old, new, 1), now=NOW)
    assert code in {refusal.code for refusal in refused.value.refusals}


def test_an_unknown_cycle_is_not_found(session: Session) -> None:
    with pytest.raises(NotFound):
        evaluations.collect(session, "E9", now=NOW)


@pytest.mark.parametrize(
    ("birth", "given", "band"),
    [
        (date(2012, 11, 24), "", "under_14"),
        (date(2012, 11, 23), "", "14_17"),
        (date(2008, 11, 24), "", "14_17"),
        (date(2008, 11, 23), "", "18_24"),
        (date(1990, 1, 1), "", "36_up"),
        (None, "25_35", "25_35"),
        (None, "", "unknown"),
    ],
)
def test_age_groups_change_on_the_birthday(birth: date | None, given: str, band: str) -> None:
    assert age_band(birth, given, date(2026, 11, 23)) == band


def test_stages_of_a_year_follow_each_other(session: Session) -> None:
    """A year-end that begins while the mid-year still collects would count answers twice (D11)."""
    make_network(session)
    open_stage = partial(evaluations.open_cycle, session, unit="XC")
    open_stage(code="M", stage="mid_year", now=NOW)
    with pytest.raises(HubError, match="D11") as refused:
        open_stage(code="Y", stage="year_end", now=NOW + timedelta(days=1))
    assert refused.value.sentence.zh == "2026年年中评估还在收集，11月29日周日09:00截止，之后再开下一阶段。"
    assert refused.value.sentence.en.startswith("The 2026 mid-year evaluation takes answers until ")
    evaluations.close_cycle(session, "M", now=NOW + timedelta(days=7))
    assert open_stage(code="Y", stage="year_end", now=NOW + timedelta(days=7)).hubs == 3
    with pytest.raises(HubError, match="D11") as late:
        open_stage(code="P", stage="promise", now=NOW + timedelta(days=8))
    assert "不能再开更早的阶段" in late.value.sentence.zh
    assert open_stage(code="P27", stage="promise", year=2027, now=NOW + timedelta(days=8)).hubs == 3


def test_a_pilot_stands_beside_the_stages_of_the_year(session: Session) -> None:
    network = make_network(session)
    network.hubs[0].is_demonstration = True
    session.flush()
    evaluations.open_cycle(session, unit="XC", code="Y", stage="year_end", now=NOW)
    assert (
        evaluations.open_cycle(session, unit="XC", code="T", stage="promise", pilot=True, now=NOW).hubs == 1
    )
