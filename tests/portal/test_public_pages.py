"""Pages for everybody: the programme, signing up, registering, leaving a stream of mail."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from models import Guardian, Message, Participant, Participation, Person, Suppression
from models.states import PersonState
from notifications import outbox
from notifications.kinds import VolunteerDigestMail
from notifications.kinds.base import Recipient
from simulator.forms import links_of
from tests import factories
from tests.portal.pages import form, heading, main, unlabelled

FILLED = {
    "name": "江亦舟",
    "email": "jiang@young.example",
    "birth_date": "2004-03-05",
    "language": "zh-Hans",
}


@pytest.fixture
def activity_code(site) -> str:
    """An activity for one participant, at a hub of its own."""
    with site.db() as session:
        hub = factories.make_hub(session, name_zh="晨光里青年汇", name_en="Chenguangli Hub")
        activity = factories.make_activity(
            session, hub, title_zh="修理角", title_en="Repair Corner", capacity=1
        )
        return str(activity.code)


def sign_up(site, code: str, **over: str):
    path = f"/activities/{code}/sign-up"
    return site.post(path, **form(site.get(path).text, "email").values | FILLED | over)


@pytest.mark.parametrize("path", ["/", "/hubs", "/privacy", "/volunteer"])
@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_public_page_opens_in_both_languages_and_changes_nothing(site, activity_code, path, language) -> None:
    before = site.rows()
    page = site.get(path, language)
    assert page.status_code == 200
    assert f'<html lang="{language}">' in page.text
    assert site.rows() == before


def test_programme_links_to_sign_up_with_the_places_left(site, activity_code) -> None:
    with site.db() as session:
        code = session.exec(select(factories.Hub.code)).one()
    assert (f"/hubs/{code}", "晨光里青年汇") in links_of(site.get("/hubs").text)
    page = site.get(f"/hubs/{code}")
    assert heading(page.text) == "晨光里青年汇：1场活动可以报名"
    assert "还有1个名额" in main(page.text)
    assert (f"/activities/{activity_code}/sign-up", "修理角") in links_of(page.text)


def test_sign_up_takes_the_place_then_the_next_waits(site, activity_code) -> None:
    done = sign_up(site, activity_code)
    assert done.status_code == 303
    assert heading(site.get(done.headers["location"]).text) == "报上名了，周六下午见！"
    assert "满了，现在报名排候补第1位" in main(site.get(f"/activities/{activity_code}/sign-up").text)
    late = sign_up(site, activity_code, name="白露", email="bai@young.example")
    assert heading(site.get(late.headers["location"]).text) == "满员了，你排在候补第1位"
    with site.db() as session:
        assert [row.state for row in session.exec(select(Participation))] == ["signed_up", "waiting"]


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_every_field_of_the_public_forms_has_a_label(site, activity_code, language) -> None:
    for path in ("/volunteer", f"/activities/{activity_code}/sign-up"):
        page = site.get(path, language)
        assert form(page.text, "email").names
        assert unlabelled(page.text) == []


def test_sign_up_twice_keeps_one_place(site, activity_code) -> None:
    assert [sign_up(site, activity_code).status_code for _ in range(2)] == [303, 303]
    with site.db() as session:
        assert len(session.exec(select(Participation)).all()) == 1


def test_minor_signs_up_and_the_guardian_is_asked(site, activity_code) -> None:
    minor = {"birth_date": "2011-03-05", "guardian_name": "江河", "guardian_email": "he@family.example"}
    done = sign_up(site, activity_code, **minor)
    assert heading(site.get(done.headers["location"]).text) == "等监护人同意，同意了就算报上名"
    with site.db() as session:
        assert session.exec(select(Guardian.name)).one() == "江河"
        assert [mail.kind for mail in session.exec(select(Message))] == ["consent"]


def test_sign_up_with_errors_keeps_what_was_typed_and_changes_nothing(site, activity_code) -> None:
    before = site.rows()
    page = sign_up(site, activity_code, name="", email="not an address", phone="123456")
    assert page.status_code == 422
    assert "有2处要改" in main(page.text)
    assert 'href="#name">填写你的姓名</a>' in page.text
    assert 'href="#email"' in page.text
    kept = form(page.text, "email").values
    assert (kept["email"], kept["phone"]) == ("not an address", "123456")
    assert 'aria-describedby="email-hint email-error"' in page.text
    assert site.rows() == before


def test_sign_up_without_our_stamp_is_asked_for_once_more(site, activity_code) -> None:
    page = sign_up(site, activity_code, stamp="forged")
    assert page.status_code == 422
    assert "这一页开了太久。你填的都还在，再按一次就行。" in main(page.text)
    again = form(page.text, "email").values
    assert site.post(f"/activities/{activity_code}/sign-up", **again).status_code == 303


def test_sign_up_for_something_over_says_so(site) -> None:
    with site.db() as session:
        past = factories.make_activity(
            session, factories.make_hub(session), starts_at=site.now - timedelta(hours=1)
        )
        code = past.code
    page = site.get(f"/activities/{code}/sign-up")
    assert page.status_code == 409
    assert "这场活动已经开始了，不能再报名。" in main(page.text)


def test_forged_result_of_a_sign_up_shows_the_form(site, activity_code) -> None:
    path = f"/activities/{activity_code}/sign-up"
    done = site.get(f"{path}?done=forged")
    assert (done.status_code, done.headers["location"]) == (303, path)


def register(site, **over: str):
    with site.db() as session:
        code = session.exec(select(factories.Hub.code)).first()
    return site.post(
        "/volunteer", **form(site.get("/volunteer").text, "hub").values | FILLED | {"hub": str(code)} | over
    )


def test_volunteer_registers_with_skills_and_free_times(site, activity_code) -> None:
    done = register(site, availability="5-afternoon")
    assert heading(site.get(done.headers["location"]).text) == "登记好了，谢谢你！"
    with site.db() as session:
        assert session.exec(select(Person.name, Person.state)).one() == ("江亦舟", PersonState.ACTIVE)


def test_minor_registers_and_waits_for_the_guardian(site, activity_code) -> None:
    minor = {"birth_date": "2010-03-05", "guardian_name": "江河", "guardian_email": "he@family.example"}
    done = register(site, **minor)
    assert "我们写信问你的监护人" in main(site.get(done.headers["location"]).text)
    with site.db() as session:
        assert session.exec(select(Person.state)).one() == PersonState.AWAITING_CONSENT


def test_registration_does_not_tell_who_is_known(site, activity_code) -> None:
    first, second = register(site), register(site)
    assert first.headers["location"] == second.headers["location"]
    with site.db() as session:
        assert len(session.exec(select(Person)).all()) == 1


def test_registration_with_errors_keeps_ticks(site, activity_code) -> None:
    page = register(site, name="", availability="5-afternoon")
    assert page.status_code == 422
    assert form(page.text, "hub").values["availability"] == "5-afternoon"
    with site.db() as session:
        assert session.exec(select(Participant)).all() == []


@pytest.fixture
def unsubscribe(site) -> str:
    """The one-click path of a digest's footer."""
    with site.db() as session:
        person = factories.make_person(session, email="ye@people.example")
        digest = VolunteerDigestMail(
            to=Recipient(person.name, person.email),
            person_id=person.id or 0,
            week=site.now.date(),
            made_at=site.now,
            upcoming=(),
            offers=(),
            minutes_added=0,
            year_minutes=0,
        )
        outbox.queue(session, digest, key="digest", now=site.now)
        content = session.exec(select(Message.content)).one().decode("ascii")
    url = content.replace("\r\n ", "").partition("List-Unsubscribe: <")[2].partition(">")[0]
    return "/u/" + url.partition("/u/")[2]


def test_unsubscribe_link_only_asks(site, unsubscribe) -> None:
    before = site.rows()
    page = site.get(unsubscribe)
    assert heading(page.text) == "不再收“周报和月报”吗？"
    assert "y***@people.example" in main(page.text)
    assert site.rows() == before


def test_mail_of_several_kinds_lets_its_reader_stop_only_one(site, unsubscribe) -> None:
    both = f"{unsubscribe}+reminders"
    page = site.get(both).text
    assert "全都停，还是只停一类？" in page
    for stream in ("digests", "reminders"):
        assert f'href="{unsubscribe.rpartition("/")[0]}/{stream}"' in page
    site.browser.post(unsubscribe, data={"stop": "1"})
    assert heading(site.get(both).text) == "不再收“周报和月报、提醒和感谢”吗？"


@pytest.mark.parametrize("sent_as", ["data", "files"])
def test_mail_program_unsubscribes_with_one_click_and_no_redirect(site, unsubscribe, sent_as) -> None:
    body = {"List-Unsubscribe": "One-Click" if sent_as == "data" else (None, "One-Click")}
    assert [site.browser.post(unsubscribe, **{sent_as: body}).status_code for _ in range(2)] == [200, 200]
    with site.db() as session:
        assert [row.stream for row in session.exec(select(Suppression))] == ["digests"]
    assert heading(site.get(unsubscribe, "en").text) == "We no longer send you “digests”"


def test_unsubscribing_can_be_taken_back(site, unsubscribe) -> None:
    site.post(unsubscribe, stop="1")
    site.post(unsubscribe, undo="1")
    with site.db() as session:
        assert session.exec(select(Suppression)).all() == []


def test_necessary_notices_cannot_be_left(site, unsubscribe) -> None:
    path = unsubscribe.replace("/digests", "/service")
    assert heading(site.get(path).text) == "“必要通知”不能退订"
    assert site.post(path, stop="1").status_code == 422


def test_unknown_stream_is_not_found(site, unsubscribe) -> None:
    assert site.get(unsubscribe.replace("/digests", "/nonsense")).status_code == 404
