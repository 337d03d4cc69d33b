"""A coordinator's pages: what needs a decision, rosters, filling places, attendance; and who may not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest
from sqlmodel import Session, select

from models import (
    Activity,
    Attendance,
    BackgroundCheck,
    Dispatch,
    Message,
    Offer,
    Participation,
    Person,
)
from notifications import smtp
from notifications.links import Purpose
from portal.app import create_app
from services import breaker, preferences
from simulator.forms import links_of
from tests import factories
from tests.portal.conftest import TestClient
from tests.portal.pages import form, heading, main, own_forms, unlabelled


@dataclass(frozen=True)
class Town:
    hub_id: int
    worker_id: int
    stranger_id: int
    soon_id: int
    soon_code: str
    past_id: int
    past_offer_id: int
    past_participation_id: int


def make_town(session: Session, now: datetime) -> Town:
    hub = factories.make_hub(session, name_zh="晨光里青年汇")
    worker = factories.make_coordinator(session, hub, name="沈之槐")
    stranger = factories.make_coordinator(session, factories.make_hub(session), name="外人")
    people = [factories.make_volunteer(session, hub, name=name) for name in ("陆小满", "叶青岚", "孟昭然")]
    soon = factories.make_activity(session, hub, title_zh="修理角", starts_at=now + timedelta(days=2))
    need = factories.make_need(session, soon, role_zh="接待员", minimum=1, desired=3, maximum=3, taken=1)
    expires = now + timedelta(hours=30)
    factories.make_offer(session, need, people[0], state="accepted", reasons=[{"code": "near", "value": 0.6}])
    factories.make_offer(session, need, people[1], state="sent", expires_at=expires)
    past = factories.make_activity(
        session, hub, title_zh="夜跑", starts_at=now - timedelta(days=1), state="done"
    )
    served = factories.make_need(session, past, taken=1)
    offer = factories.make_offer(session, served, people[2], state="accepted")
    guest = factories.make_participant(session, hub, name="江亦舟")
    seat = Participation(activity_id=past.id or 0, participant_id=guest.id or 0, signed_up_at=now)
    factories.save(session, seat)
    return Town(
        hub.id or 0,
        worker.id or 0,
        stranger.id or 0,
        soon.id or 0,
        soon.code,
        past.id or 0,
        offer.id or 0,
        seat.id or 0,
    )


@pytest.fixture
def town(site) -> Town:
    with site.db() as session:
        return make_town(session, site.now)


@pytest.fixture
def desk(site, town) -> str:
    return str(site.link(Purpose.HUB, town.hub_id, town.worker_id))


PAGES = ("", "/activities", "/activities/{code}", "/match", "/lapsing", "/rules")


def test_hub_page_counts_what_needs_a_decision_worst_first(site, desk) -> None:
    page = site.get(desk)
    assert heading(page.text) == "今天要你定的2件事"
    assert re.findall(r'<h3><a href="[^"]+">(夜跑|修理角还)', page.text) == ["修理角还", "夜跑"]
    assert 'aria-label="要3人，定了1人，1人等答复"' in page.text


def test_hub_page_in_english(site, desk) -> None:
    assert heading(site.get(desk, "en").text) == "2 things to decide"


def test_hub_page_leads_to_the_attendance_sheet_of_the_same_person(site, desk, town) -> None:
    link = next(href for href, text in links_of(site.get(desk).text) if text == "夜跑还没记出勤")
    assert heading(site.get(link).text) == "记出勤：夜跑"


def test_hub_page_with_nothing_to_do_names_the_next_activity(site) -> None:
    with site.db() as session:
        hub = factories.make_hub(session)
        worker = factories.make_coordinator(session, hub)
        need = factories.make_need(session, factories.make_activity(session, hub, title_zh="读书会"), taken=1)
        factories.make_offer(session, need, factories.make_volunteer(session, hub), state="accepted")
        ids = hub.id, worker.id
    page = site.get(site.link(Purpose.HUB, *ids))
    assert heading(page.text) == "现在没有要你定的事"
    assert "下一场：11月28日（周六）14:00 读书会，人手齐了。" in main(page.text)


@pytest.mark.parametrize("path", PAGES)
def test_no_page_of_a_hub_opens_for_a_coordinator_of_another(site, town, path) -> None:
    page = site.get(site.link(Purpose.HUB, town.hub_id, town.stranger_id) + path.format(code=town.soon_code))
    assert page.status_code == 403
    assert "这一页属于别的青年汇。要看，请找那里的社工。" in main(page.text)
    assert "陆小满" not in page.text


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_opening_a_page_of_a_hub_changes_nothing(site, desk, town, path, language) -> None:
    before = site.rows()
    assert site.get(desk + path.format(code=town.soon_code), language).status_code == 200
    assert site.rows() == before


def test_roster_shows_people_states_reasons_and_open_places(site, desk, town) -> None:
    text = main(site.get(f"{desk}/activities/{town.soon_code}").text)
    assert "还缺1人，1人等答复。" in text
    for words in (
        "定1 / 要3",
        "陆小满",
        "能来",
        "离0.6公里",
        "叶青岚",
        "等答复",
        "11月24日（周二）15:00没答就问下一位",
    ):
        assert words in text
    assert text.count("空位还没人") == 1


def test_roster_of_another_hubs_activity_is_not_found(site, desk) -> None:
    with site.db() as session:
        other = factories.make_activity(session, factories.make_hub(session))
        code = other.code
    assert site.get(f"{desk}/activities/{code}").status_code == 404


def test_lapsing_names_whose_check_ends_soon(site, desk, town) -> None:
    with site.db() as session:
        person = session.get_one(Offer, town.past_offer_id).person_id
        check = BackgroundCheck(person_id=person, checked_on=date(2025, 1, 1), expires_on=date(2026, 12, 3))
        factories.save(session, check)
    text = main(site.get(f"{desk}/lapsing").text)
    assert "接下来30天，1份要续" in text
    assert "孟昭然背景核查 12月3日（周四）到期" in text


def test_trial_is_asked_for_once_however_often_it_is_pressed(site, desk, town) -> None:
    trial = form(site.get(f"{desk}/match").text, "dry_run").values | {"dry_run": "1", "weeks": "2"}
    places = {site.post(f"{desk}/match", **trial).headers["location"] for _ in range(3)}
    with site.db() as session:
        (row,) = session.exec(select(Dispatch))
        told = {"weeks": 2, "dry_run": True, "repair": False, "by": town.worker_id}
        assert row.params == {"hub": row.params["hub"], **told}
        assert places == {f"{desk}/work/{row.id}"}


def test_matching_rings_the_bell_after_the_row_is_written(site, desk) -> None:
    rung: list[int] = []

    class Bell:
        def ring(self, dispatch_id: int) -> None:
            with site.db() as session:
                assert session.get(Dispatch, dispatch_id) is not None
            rung.append(dispatch_id)

    with TestClient(create_app(bell=Bell()), follow_redirects=False) as client:
        client.post(f"{desk}/match", data={"dry_run": "0", "weeks": "1"})
    assert len(rung) == 1


def test_period_that_is_none_is_refused_at_its_field(site, desk) -> None:
    page = site.post(f"{desk}/match", dry_run="1", weeks="99")
    assert page.status_code == 422
    assert 'href="#weeks">选一段时间</a>' in page.text
    assert 'id="weeks-error"' in page.text


def work(site, desk: str, **over: object) -> str:
    with site.db() as session:
        hub = session.exec(select(Dispatch)).first()
        assert hub is None
        values = {
            "kind": "match_volunteers",
            "key": "k",
            "due_at": site.now,
            "requested_at": site.now,
            **over,
        }
        return f"{desk}/work/{factories.save(session, Dispatch(**values)).id}"


def hub_code(site, town: Town) -> str:
    with site.db() as session:
        return str(session.get_one(factories.Hub, town.hub_id).code)


def test_work_page_looks_again_only_while_it_runs(site, desk, town) -> None:
    path = work(site, desk, params={"hub": hub_code(site, town), "weeks": 2, "dry_run": True})
    waiting = site.get(path)
    assert '<meta http-equiv="refresh" content="3">' in waiting.text
    assert heading(waiting.text) == "“给空位配人”排上了，马上开始。"
    with site.db() as session:
        row = session.exec(select(Dispatch)).one()
        row.done_at, row.outcome = site.now, "done"
        row.result = {
            "sentences": [["试算好了：2个空位能配上1个。", "Tried."], ["没人可问", "Nobody"]],
            "counts": {"places": 2, "filled": 1, "people": 1, "needs": 1},
        }
        session.add(row)
    done = site.get(path)
    assert "http-equiv" not in done.text
    assert "试算好了：2个空位能配上1个。" in main(done.text)
    assert form(done.text, "dry_run").offers("dry_run", "0")


def test_work_of_another_hub_is_not_found(site, desk) -> None:
    assert site.get(work(site, desk, params={"hub": "elsewhere"})).status_code == 404


def test_matched_offers_are_sent_by_one_press(site, desk, town) -> None:
    path = work(site, desk, params={"hub": hub_code(site, town)}, done_at=site.now, outcome="done")
    with site.db() as session:
        need = factories.make_need(session, session.get_one(factories.Activity, town.soon_id))
        factories.make_offer(
            session, need, factories.make_volunteer(session, session.get_one(factories.Hub, town.hub_id))
        )
    assert "发出1个邀请" in main(site.get(path).text)
    assert site.post(path).headers["location"] == f"{path}?sent=1"
    assert site.post(path).headers["location"] == f"{path}?sent=0"
    with site.db() as session:
        assert [mail.kind for mail in session.exec(select(Message))] == ["offer"]


def sheet(site, town: Town, person: int | None = None) -> str:
    return str(site.link(Purpose.ATTENDANCE, town.past_id, person or town.worker_id))


def test_attendance_records_marks_and_leaves_the_rest_unknown(site, town) -> None:
    path = sheet(site, town)
    page = site.get(path)
    assert "已记0 / 共2人" in main(page.text)
    assert unlabelled(page.text) == []
    done = site.post(path, **{f"offer-{town.past_offer_id}": "present"})
    assert (done.status_code, done.headers["location"]) == (303, f"{path}?saved=1")
    with site.db() as session:
        assert [row.presence for row in session.exec(select(Attendance))] == ["present"]
        assert session.get_one(Participation, town.past_participation_id).presence == "unknown"
    assert "记好了。还有1人不清楚。" in main(site.get(done.headers["location"]).text)


def test_attendance_saved_twice_keeps_one_record(site, town) -> None:
    marks = {
        f"offer-{town.past_offer_id}": "present",
        f"participation-{town.past_participation_id}": "no_show",
    }
    for _ in range(2):
        site.post(sheet(site, town), **marks)
    with site.db() as session:
        assert len(session.exec(select(Attendance)).all()) == 1


def test_filling_in_the_rest_saves_nothing(site, town) -> None:
    before = site.rows()
    page = site.get(f"{sheet(site, town)}?rest=present")
    assert site.rows() == before
    assert form(page.text, f"offer-{town.past_offer_id}").values == {
        f"offer-{town.past_offer_id}": "present",
        f"participation-{town.past_participation_id}": "present",
    }


def test_attendance_of_a_stranger_is_refused_and_changes_nothing(site, town) -> None:
    before = site.rows()
    path = sheet(site, town, town.stranger_id)
    assert site.get(path).status_code == 403
    assert site.post(path, **{f"offer-{town.past_offer_id}": "present"}).status_code == 403
    assert site.rows() == before


def test_attendance_of_somebody_not_expected_is_refused_at_the_row(site, town) -> None:
    page = site.post(sheet(site, town), **{"offer-999": "present"})
    assert page.status_code == 422
    assert "名单上没有这个人" in main(page.text)


def test_attendance_before_the_start_has_nothing_to_save(site, town) -> None:
    page = site.get(site.link(Purpose.ATTENDANCE, town.soon_id, town.worker_id), "en")
    assert "It has not begun. Come back once it has." in main(page.text)
    assert own_forms(page.text) == []


def test_coordinator_decides_how_the_hub_asks(site, desk) -> None:
    page = site.get(f"{desk}/rules").text
    assert heading(page) == "本汇的规则"
    assert unlabelled(page) == []
    typed = {**form(page, "sends_by_itself").values, "sends_by_itself": "0", "life": "7:72, 0:24"}
    assert site.post(f"{desk}/rules", **typed).status_code == 303
    saved = site.get(f"{desk}/rules?saved=1").text
    assert "改好了，今天起算" in main(saved)
    assert form(saved, "life").values["life"] == "7:72, 0:24"
    assert main(saved).count("本汇自己定的") == 2


def test_wrong_rule_comes_back_with_what_is_wrong(site, desk) -> None:
    answer = site.post(f"{desk}/rules", kind="offers", asks_per_place="99")
    assert answer.status_code == 422
    assert "不能是“99”：最大是10。" in main(answer.text)


def test_match_page_says_that_offers_wait_for_the_button_where_the_hub_wants_it(site, desk, town) -> None:
    with site.db() as session:
        offer = session.get_one(Offer, town.past_offer_id)
        need = factories.make_need(session, session.get_one(Activity, town.soon_id))
        factories.make_offer(session, need, session.get_one(Person, offer.person_id))
    site.post(f"{desk}/rules", kind="offers", sends_by_itself="0")
    page = site.get(f"{desk}/match").text
    assert "要你按一下才发出" in main(page)
    site.post(f"{desk}/match", send="1")
    assert "sent" in site.rows()["offer"][-1]


@pytest.mark.parametrize(
    ("language", "words"), [("zh-Hans", "信都还在，通了就发"), ("en", "Every mail is kept and goes out")]
)
def test_hub_page_says_that_no_mail_leaves_while_it_is_so(site, desk, language, words) -> None:
    relay = smtp.relay_name()
    assert words not in site.get(desk, language).text
    with site.db() as session:
        breaker.failed(session, relay, breaker.LOGIN, now=site.now)
    assert words in site.get(desk, language).text
    with site.db() as session:
        breaker.works(session, relay, now=site.now)
    assert words not in site.get(desk, language).text


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh-Hans", "的邮件到不了：没有这个邮箱。请打电话问新地址"),
        ("en", "does not arrive: there is no such mailbox. Telephone"),
    ],
)
def test_roster_names_whom_mail_does_not_reach_and_why(site, desk, town, language, words) -> None:
    path = f"{desk}/activities/{town.soon_code}"
    assert words not in site.get(path, language).text
    with site.db() as session:
        for person in session.exec(select(Person)).all():
            preferences.suppress(session, person.email, "*", "unknown_mailbox", now=site.now)
    assert words in site.get(path, language).text
