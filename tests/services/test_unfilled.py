"""Why a place is open, said the same on the roster, in the list of what needs attention, and in digests."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import Session

from config.text import Text
from models import Activity, Candidate, Hub, MatchingRun, Need
from models.states import OfferState
from services.digests_attention import attention
from services.digests_rows import open_places, week_lines
from services.roster import roster
from tests.factories import (
    NOW,
    make_activity,
    make_coordinator,
    make_hub,
    make_need,
    make_offer,
    make_person,
    make_skill,
    make_volunteer,
    save,
)


@pytest.fixture
def hub(session: Session) -> Hub:
    return make_hub(session)


@pytest.fixture
def activity(session: Session, hub: Hub) -> Activity:
    return make_activity(session, hub)


@pytest.fixture
def need(session: Session, activity: Activity) -> Need:
    return make_need(session, activity, desired=3, maximum=3, taken=1)


def make_run(session: Session, hubs: list[int] | None, *unfilled: dict[str, Any]) -> MatchingRun:
    figures = {"value": 0, "bound": 0, "gap": 0, "seconds": 0, "places": 1, "filled": 0}
    scope = {"hubs": hubs, "until": "2027-06-01T00:00:00+00:00"}
    run = MatchingRun(
        created_at=NOW,
        scope=scope,
        inputs_hash="x",
        solver="highs",
        status="optimal",
        unfilled=list(unfilled),
        **figures,
    )
    return save(session, run)


def why(session: Session, hub: Hub) -> Text:
    (one,) = open_places(session, [hub.id or 0], NOW)
    return one.why


def test_place_that_no_run_looked_at_is_not_said_to_have_nobody(
    session: Session, hub: Hub, need: Need
) -> None:
    make_run(session, [-1])
    assert why(session, hub).zh == "还没有给它配过人"
    assert "没人可问" not in attention(session, hub.id or 0, now=NOW).items[0].sentence.zh


def test_open_place_tells_the_cause_of_the_last_run_with_what_can_be_mended(
    session: Session, hub: Hub, need: Need
) -> None:
    kept = {"need_id": need.id, "cause": "busy", "eligible": 4, "one_short": {"check": 7, "gone": 1}}
    make_run(session, None, kept)
    assert why(session, hub) == Text(
        "合适的4人都腾不出来；只差一条的有：7人背景核查没有或过期",
        "Those who fit (4) are all taken; one condition away: 7 without a valid background check",
    )
    worker = make_coordinator(session, hub)
    code = session.get_one(Activity, need.activity_id).code
    (role,) = roster(session, code, hub_id=hub.id or 0, by=worker.id or 0, now=NOW).roles
    assert (role.open, role.why_open) == (2, why(session, hub))
    sentence = attention(session, hub.id or 0, now=NOW).items[0].sentence
    assert sentence.zh.endswith("开始。合适的4人都腾不出来；只差一条的有：7人背景核查没有或过期。")


def test_kept_numbers_give_the_same_words_later(session: Session, hub: Hub, need: Need) -> None:
    skill = make_skill(session, name_zh="藏语", name_en="Tibetan")
    crowd = {"places": 6, "people": 4, "skill_id": skill.id}
    kept = {"need_id": need.id, "cause": "busy", "eligible": 4, "one_short": {}, "held": {"placed": 4}}
    run = make_run(session, None, {**kept, "crowd": crowd})
    assert why(session, hub).zh == "合适的4人都腾不出来：同一时间有6个位置要会藏语，合适的一共4人"
    run.unfilled = [{**kept, "crowd": None}]
    save(session, run)
    assert why(session, hub).en == "Those who fit (4) are all taken: 4 placed elsewhere then"


def test_place_whose_candidates_all_declined_says_that_all_were_asked(
    session: Session, hub: Hub, need: Need
) -> None:
    make_run(session, [hub.id or 0])
    assert why(session, hub).en == "Everybody who fits has been asked"


def test_people_in_line_are_counted_instead_of_a_cause(session: Session, hub: Hub, need: Need) -> None:
    run = make_run(session, None)
    person = make_volunteer(session, hub)
    save(session, Candidate(need_id=need.id, person_id=person.id, run_id=run.id, place=1))
    assert why(session, hub).zh == "后面还有1位合适的，系统会接着问"


def test_missing_means_the_same_on_roster_list_week_and_digest(
    session: Session, hub: Hub, activity: Activity, need: Need
) -> None:
    full = make_need(session, activity, desired=1, maximum=2, taken=2)
    make_offer(session, need, make_person(session), state=OfferState.SENT)
    make_offer(session, need, make_person(session), state=OfferState.SENT, is_reserve=True)
    make_offer(session, full, make_person(session), state=OfferState.ACCEPTED)
    worker = make_coordinator(session, hub)
    board = roster(session, activity.code, hub_id=hub.id or 0, by=worker.id or 0, now=NOW)
    (line,) = week_lines(session, [hub.id or 0], NOW, activity.ends_at)[hub.id or 0]
    (open_,) = open_places(session, [hub.id or 0], NOW)
    # Three wanted, one taken, one asked: one is missing. The other role's surplus does not fill it.
    assert (board.missing, line.missing, open_.missing) == (1, 1, 1)
    assert (board.asked, line.waiting, open_.line.waiting) == (1, 1, 1)
    assert attention(session, hub.id or 0, now=NOW).items[0].tag.zh == "缺1人"
