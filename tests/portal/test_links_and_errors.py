"""Links that do not open, addresses that are no page, what we break, and the headers of all of it."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from config import clock
from config.text import Language
from notifications.links import Purpose
from portal import words
from services import offers, participation
from tests.factories import make_activity, make_coordinator, make_hub
from tests.portal.pages import heading, main

TOKEN_PAGES = [purpose for purpose in Purpose if purpose != Purpose.UNSUBSCRIBE]
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@pytest.mark.parametrize("purpose", TOKEN_PAGES)
@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_broken_link_is_a_kind_page(site, purpose, language) -> None:
    page = site.get(f"/{purpose}/not-a-link", language)
    assert page.status_code == 404
    assert heading(page.text) == ("The link is not complete" if language == "en" else "链接不完整")


@pytest.mark.parametrize("purpose", TOKEN_PAGES)
def test_expired_link_is_a_kind_page(site, purpose) -> None:
    ids = {Purpose.HUB_SCORE: (1, 1, 1)}.get(purpose, (1, 1))
    if purpose in (Purpose.OFFER, Purpose.CONSENT, Purpose.PARTICIPATION, Purpose.SURVEY, Purpose.ASSESSMENT):
        ids = (1,)
    page = site.get(site.link(purpose, *ids, opens=-timedelta(days=1)))
    assert page.status_code == 410
    assert heading(page.text) == "这个链接过期了"
    assert "直接回复那封邮件，会有人看" in main(page.text)


def test_link_of_one_purpose_does_not_open_another(site) -> None:
    token = site.link(Purpose.OFFER, 1).rpartition("/")[2]
    assert site.get(f"/p/{token}").status_code == 404


def test_link_to_something_removed_is_not_found(site) -> None:
    page = site.get(site.link(Purpose.OFFER, 77))
    assert page.status_code == 404
    assert heading(page.text) == "没有这一页"


def test_address_that_is_no_page_leads_home(site) -> None:
    page = site.get("/nowhere", "en")
    assert (page.status_code, heading(page.text)) == (404, "There is no such page")
    assert 'href="/?lang=en"' in page.text


def test_deed_by_link_is_refused(site) -> None:
    page = site.post("/hubs")
    assert (page.status_code, heading(page.text)) == (405, "这一步要从页面上的按钮来做")


def test_our_fault_is_said_with_a_number_and_logged_without_names(site, monkeypatch, caplog) -> None:
    who = "叶青岚"

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError(who)

    monkeypatch.setattr(offers, "view", broken)
    with caplog.at_level(logging.ERROR):
        page = site.get(site.link(Purpose.OFFER, 1))
    assert page.status_code == 500
    assert heading(page.text) == "这一步没办成，是我们的问题"
    number = caplog.records[0].message.split()[1].rstrip(":")
    assert f"把编号{number}告诉你的社工" in main(page.text)
    assert "ZeroDivisionError at /o/{token}" in caplog.text
    assert who not in caplog.text


def test_database_that_is_away_is_said_kindly(site, monkeypatch) -> None:
    def away(*_: object, **__: object) -> None:
        raise OperationalError("SELECT 1", {}, Exception("gone"))

    monkeypatch.setattr(participation, "directory", away)
    page = site.get("/hubs")
    assert (page.status_code, heading(page.text)) == (503, "现在连不上，过一会儿再来")


@pytest.mark.parametrize("path", ["/", "/nowhere", "/o/broken", "/static/hub.css", "/healthz"])
def test_every_answer_carries_the_headers(site, path) -> None:
    headers = site.get(path).headers
    assert headers["content-security-policy"] == POLICY
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"


def test_pages_are_never_stored(site) -> None:
    assert site.get("/").headers["cache-control"] == "no-store"
    assert site.get("/o/broken").headers["cache-control"] == "no-store"


def test_healthz_answers_in_json(site) -> None:
    assert site.get("/healthz").json() == {"status": "ok"}


def test_form_larger_than_any_of_ours_is_refused(site) -> None:
    page = site.post(site.link(Purpose.OFFER, 1), answer="yes" * 30_000)
    assert page.status_code == 422
    assert "这张表太大了，写短一点。" in main(page.text)


def test_time_is_asked_at_the_door(site, monkeypatch) -> None:
    path = site.link(Purpose.OFFER, 1, opens=timedelta(days=1))
    assert site.get(path).status_code == 404
    monkeypatch.setattr(clock, "now", lambda: site.now + timedelta(days=2))
    assert site.get(path).status_code == 410


@pytest.mark.parametrize(
    ("accepts", "language"),
    [
        ("en-GB,en;q=0.9", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans"),
        ("fr,en;q=0.5", "en"),
        ("", "zh-Hans"),
    ],
)
def test_public_page_is_in_the_browsers_language(site, accepts, language) -> None:
    page = site.browser.get("/", headers={"Accept-Language": accepts})
    assert f'<html lang="{language}">' in page.text


@pytest.mark.parametrize("path", ["/", "/hubs", "/volunteer"])
def test_page_asked_for_its_head_only_is_there_without_a_body(site, path) -> None:
    # Link checkers of mail programs ask with HEAD; a 405 makes them call the link broken.
    answer = site.browser.head(path)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


def test_offer_asked_for_its_head_only_changes_nothing(site) -> None:
    before = site.rows()
    assert site.browser.head(site.link(Purpose.OFFER, 1)).status_code == 404
    assert site.rows() == before


def test_refused_kind_of_request_says_what_is_allowed(site) -> None:
    answer = site.browser.request("PUT", "/hubs")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")


def test_form_with_more_fields_than_any_of_ours_is_refused(site) -> None:
    page = site.post(site.link(Purpose.OFFER, 1), **{f"field{number}": "1" for number in range(600)})
    assert page.status_code == 422
    assert "这张表太大了，写短一点。" in main(page.text)


@pytest.mark.parametrize("number", ["9" * 20, "9" * 5000, "0", "-1", "two"])
def test_number_in_an_address_that_no_row_has_is_no_page(site, number) -> None:
    page = site.get(f"{site.link(Purpose.HUB, 1, 1)}/work/{number}")
    assert (page.status_code, heading(page.text)) == (404, "没有这一页")


@pytest.mark.parametrize("number", ["9" * 20, "9" * 5000])
def test_number_in_a_form_that_no_row_has_is_no_fault_of_ours(site, number) -> None:
    with site.db() as session:
        hub = make_hub(session)
        worker, activity = make_coordinator(session, hub), make_activity(session, hub, starts_at=site.now)
        path = site.link(Purpose.ATTENDANCE, activity.id, worker.id)
    assert site.post(path, **{f"offer-{number}": "present"}).status_code in (303, 422)


def test_button_keeps_a_sentence_with_a_name_in_one_piece(site) -> None:
    # The button is a flex box: without a span the parts around a name stand side by side.
    page = words.template(Language.EN, "components.html")
    label = page.environment.globals["t"]("收回", "Take back {name}’s place", name="田子桐")
    button = page.module.button("answer", "no", label)
    assert '<span>Take back <span lang="zh-Hans">田子桐</span>’s place</span></button>' in button
