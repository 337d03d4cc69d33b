"""A guardian's question, and a participant's own place: every state, and what each button does."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlmodel import Session

from models import Consent, Guardian, Participation, Person
from models.states import ActivityState
from notifications.links import Purpose
from tests import factories
from tests.portal.pages import answers, heading, main

CONSENTS = {
    "asked": (
        "乔木，您同意乔安禾来当志愿者吗？",
        "乔木, do you agree that 乔安禾 volunteers?",
        ["yes", "no"],
    ),
    "granted": ("谢谢您，乔安禾可以来了", "Thank you, 乔安禾 can come", ["no"]),
    "refused": ("知道了，乔安禾这次不来", "Noted: 乔安禾 will not come", ["yes"]),
    "withdrawn": (
        "您收回了同意，乔安禾的名额都取消了",
        "You took your consent back; the places of 乔安禾 are cancelled",
        ["yes"],
    ),
}
PLACES = {
    "signed_up": ("报上名了，周六下午见！", "You are in. See you on Saturday afternoon!", ["cancel"]),
    "waiting": ("你排在候补第1位", "You are number 1 in line", ["cancel"]),
    "offered": ("有空位了，留给你，来吗？", "A place is kept for you. Will you come?", ["take", "cancel"]),
    "needs_consent": (
        "等监护人同意，同意了就算报上名",
        "Your guardian answers next; then you are in",
        ["cancel"],
    ),
    "cancelled": ("取消好了，名额给了下一位", "Cancelled; the place goes to the next person", []),
}


def make_consent(session: Session, now: datetime, state: str = "asked") -> int:
    minor = factories.make_volunteer(
        session,
        factories.make_hub(session),
        name="乔安禾",
        birth_date=date(2010, 3, 3),
        state="awaiting_consent",
    )
    guardian = factories.save(session, Guardian(person_id=minor.id, name="乔木", email="q@family.example"))
    consent = Consent(guardian_id=guardian.id or 0, purpose="volunteering", asked_at=now, state=state)
    return factories.save(session, consent).id or 0


def make_place(session: Session, now: datetime, state: str, /, **activity: object) -> int:
    hub = factories.make_hub(session)
    held = factories.make_activity(session, hub, **activity)
    participant = factories.make_participant(session, hub, name="江亦舟", email="jiang@young.example")
    place = Participation(
        activity_id=held.id or 0, participant_id=participant.id or 0, signed_up_at=now, state=state
    )
    return factories.save(session, place).id or 0


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
@pytest.mark.parametrize("state", CONSENTS)
def test_consent_page_says_how_things_stand(site, state, language) -> None:
    with site.db() as session:
        consent = make_consent(session, site.now, state)
    page = site.get(site.link(Purpose.CONSENT, consent), language)
    zh, en, buttons = CONSENTS[state]
    assert heading(page.text) == (en if language == "en" else zh)
    assert answers(page.text) == buttons


def test_guardian_agrees_and_the_young_volunteer_may_begin(site) -> None:
    with site.db() as session:
        consent = make_consent(session, site.now)
    path = site.link(Purpose.CONSENT, consent)
    assert [site.post(path, answer="yes").status_code for _ in range(2)] == [303, 303]
    with site.db() as session:
        stored = session.get_one(Consent, consent)
        assert (stored.state, stored.expires_on) == ("granted", date(2027, 11, 23))
        assert (
            session.get_one(Person, session.get_one(Guardian, stored.guardian_id).person_id).state == "active"
        )
    assert heading(site.get(path).text) == CONSENTS["granted"][0]


def test_guardian_takes_the_consent_back_on_the_same_page(site) -> None:
    with site.db() as session:
        consent = make_consent(session, site.now)
    path = site.link(Purpose.CONSENT, consent)
    for answer in ("yes", "no"):
        site.post(path, answer=answer)
    assert heading(site.get(path).text) == CONSENTS["withdrawn"][0]


def test_guardian_sees_what_is_stored_and_who_sees_it(site) -> None:
    with site.db() as session:
        consent = make_consent(session, site.now)
    text = main(site.get(site.link(Purpose.CONSENT, consent)).text)
    assert "我们会记下什么（4项）" in text
    assert "只有这家青年汇的社工看得到" in text


def test_opening_a_consent_changes_nothing(site) -> None:
    with site.db() as session:
        consent = make_consent(session, site.now)
    before = site.rows()
    site.get(site.link(Purpose.CONSENT, consent))
    assert site.rows() == before


def test_no_answer_of_a_guardian_is_refused_and_changes_nothing(site) -> None:
    with site.db() as session:
        consent = make_consent(session, site.now)
    before = site.rows()
    done = site.post(site.link(Purpose.CONSENT, consent))
    assert (done.status_code, site.rows()) == (422, before)


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
@pytest.mark.parametrize("state", PLACES)
def test_place_page_says_how_things_stand(site, state, language) -> None:
    with site.db() as session:
        place = make_place(session, site.now, state)
    page = site.get(site.link(Purpose.PARTICIPATION, place), language)
    zh, en, buttons = PLACES[state]
    assert heading(page.text) == (en if language == "en" else zh)
    assert answers(page.text) == buttons


@pytest.mark.parametrize(
    ("state", "answer", "after"),
    [
        ("signed_up", "cancel", "cancelled"),
        ("offered", "take", "signed_up"),
        ("offered", "cancel", "cancelled"),
        ("waiting", "cancel", "cancelled"),
        ("waiting", "take", "waiting"),
        ("cancelled", "cancel", "cancelled"),
    ],
)
def test_answer_about_a_place_leads_back_to_the_present_state(site, state, answer, after) -> None:
    with site.db() as session:
        place = make_place(session, site.now, state)
    path = site.link(Purpose.PARTICIPATION, place)
    done = site.post(path, answer=answer)
    assert (done.status_code, done.headers["location"]) == (303, path)
    assert heading(site.get(path).text) == PLACES[after][0]


def test_place_at_a_cancelled_activity_says_why(site) -> None:
    with site.db() as session:
        place = make_place(session, site.now, "signed_up", state=ActivityState.CANCELLED, reason="当天有大风")
    page = site.get(site.link(Purpose.PARTICIPATION, place))
    assert heading(page.text) == "这场活动取消了，你不用做什么"
    assert "原因：当天有大风。" in main(page.text)
    assert answers(page.text) == []


def test_place_at_an_activity_that_began_can_no_longer_be_changed(site) -> None:
    with site.db() as session:
        place = make_place(session, site.now, "signed_up", starts_at=site.now - timedelta(minutes=5))
    path = site.link(Purpose.PARTICIPATION, place)
    assert answers(site.get(path).text) == []
    before = site.rows()
    assert site.post(path, answer="cancel").status_code == 303
    assert site.rows() == before


def test_opening_a_place_changes_nothing(site) -> None:
    with site.db() as session:
        place = make_place(session, site.now, "offered")
    before = site.rows()
    site.get(site.link(Purpose.PARTICIPATION, place))
    assert site.rows() == before
