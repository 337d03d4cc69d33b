"""A hub asks for money on its own page, managers decide on theirs, and nobody else sees or moves anything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlmodel import select

from config.settings import settings
from models import FundingExpense
from notifications.links import Purpose
from services import funding_review
from tests.documents.test_evidence_types import JPG
from tests.factories import make_coordinator, make_hub
from tests.portal.pages import form, heading, main, own_forms, unlabelled
from tests.services.funding_cast import drafted, hand_in, make_cast, only

TYPED = {
    "title": "夜校", "purpose": "下班后有事可做", "starts_on": "2027-03-01", "ends_on": "2027-06-30", "serves": "effect",
    "category_1": "fees", "amount_1": "１２，０００", "reason_1": "6门课", "once": "a", "rows": "3",
}  # fmt: skip


@dataclass(frozen=True)
class Links:
    hub: str
    other: str
    street: str
    district: str
    outsider: str


@pytest.fixture(autouse=True)
def home(database_url, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("YOUTHHUB_HOME", str(tmp_path))
    settings.cache_clear()
    return


@pytest.fixture
def links(site) -> Links:
    with site.db() as session:
        cast = make_cast(session)
        other = make_hub(session, unit=cast.street)
        stranger = make_coordinator(session, other)
        return Links(
            hub=site.link(Purpose.HUB, cast.hub.id, cast.asker.id),
            other=site.link(Purpose.HUB, other.id, stranger.id),
            street=site.link(Purpose.BRANCH, cast.street.id, cast.street_manager.id),
            district=site.link(Purpose.BRANCH, cast.district.id, cast.district_manager.id),
            outsider=site.link(Purpose.BRANCH, cast.street.id, cast.outsider.id),
        )


def step(site) -> None:
    """Let the next step be taken, as the engine does."""
    with site.db() as session:
        funding_review.next_step(session, only(session).id or 0, now=site.now)


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_pages_are_labelled_in_both_languages(site, links, language) -> None:
    site.post(f"{links.hub}/funding/new", **TYPED)
    for path in ("", "/new", "/1", "/1/edit"):
        page = site.get(f"{links.hub}/funding{path}", language)
        assert (page.status_code, unlabelled(page.text)) == (200, [])
    assert heading(site.get(f"{links.hub}/funding", language).text) == (
        "Projects and money" if language == "en" else "项目申请和经费"
    )


def test_more_lines_keep_what_was_typed_and_save_nothing(site, links) -> None:
    before = site.rows()
    page = site.post(f"{links.hub}/funding/new", **TYPED, deed="more")
    assert 'name="amount_6"' in page.text
    assert 'value="１２，０００"' in page.text
    assert site.rows() == before


def test_wrong_fields_are_named_beside_the_field(site, links) -> None:
    page = site.post(f"{links.hub}/funding/new", **{**TYPED, "title": "", "amount_1": "viel"})
    assert page.status_code == 422
    assert 'href="#amount_1"' in page.text
    assert 'href="#title"' in page.text


def test_asked_returned_changed_agreed_spent_and_closed_with_a_press_each(site, links) -> None:
    assert site.post(f"{links.hub}/funding/new", **TYPED).headers["location"] == f"{links.hub}/funding/1"
    mine, theirs = f"{links.hub}/funding/1", f"{links.street}/funding/1"
    seen = site.get(mine).text
    assert "先请祁望舒来批" in main(seen)
    send = form(seen, "seal").choices["seal"][0]
    assert site.post(mine, seal="old").status_code == 409
    assert site.post(mine, seal=send).status_code == 303
    step(site)
    desk = site.get(links.street)
    assert heading(desk.text) == "等你定的1件事"
    assert f'href="{theirs}"' in desk.text
    seal = _seal(site.get(theirs).text)
    assert site.post(theirs, verdict="return", seal=seal, reason="").status_code == 422
    assert site.post(theirs, verdict="return", seal=seal, reason="人数对不上").status_code == 303
    step(site)
    assert "人数对不上" in main(site.get(mine).text)
    assert "“夜校”退回来改" in main(site.get(links.hub).text)
    again = {**TYPED, "amount_1": "9000"}
    assert site.post(f"{mine}/edit", **again).status_code == 303
    assert site.post(mine, seal=form(site.get(mine).text, "seal").choices["seal"][0]).status_code == 303
    step(site)
    assert site.post(theirs, verdict="approve", seal=seal).status_code == 409
    assert site.post(theirs, verdict="approve", seal=_seal(site.get(theirs).text)).status_code == 303
    step(site)
    assert "批准了9,000元" in main(site.get(mine).text)
    assert site.post(mine, deed="begin").status_code == 303
    bill = {
        "line": _line(site.get(mine).text),
        "amount": "86.50",
        "spent_on": "2026-11-23",
        "what": "布料",
        "once": "x",
    }
    files = {"evidence": ("票据.jpg", JPG, "image/jpeg")}
    assert site.browser.post(f"{mine}/expenses", data=bill).status_code == 422
    assert site.browser.post(f"{mine}/expenses", data=bill, files=files).status_code == 303
    assert site.browser.post(f"{mine}/expenses", data=bill, files=files).status_code == 303
    for path in (mine, theirs):
        shown = main(site.get(path).text)
        assert "花了86.50元，还剩8,913.50元" in shown
        assert site.get(f"{path}/receipts/1").content == JPG
        assert "第2版，9,000元" in shown
        assert "第1版，12,000元" in shown
    assert site.post(mine, deed="close", closing="").status_code == 422
    assert site.post(mine, deed="close", closing="办成了，余款退回").status_code == 303
    assert "办成了，余款退回" in main(site.get(mine).text)
    with site.db() as session:
        assert session.exec(select(FundingExpense.amount_fen)).all() == [8650]


def test_other_hubs_and_branches_see_and_move_nothing(site, links) -> None:
    with site.db() as session:
        cast = make_cast(session)
        found = hand_in(session, cast)
        own = site.link(Purpose.HUB, cast.hub.id, cast.asker.id)
    before, number = site.rows(), found.id
    assert site.get(f"{own}/funding/{number}").status_code == 200
    for base in (links.other, links.hub, links.street, links.outsider):
        assert site.get(f"{base}/funding/{number}").status_code == 403
        assert site.get(f"{base}/funding/{number}/receipts/1").status_code == 403
        assert site.post(f"{base}/funding/{number}", verdict="approve", deed="withdraw").status_code == 403
    assert site.rows() == before


def test_reading_changes_nothing(site, links) -> None:
    with site.db() as session:
        drafted(session, make_cast(session))
    before = site.rows()
    for path in (links.hub, links.street, links.district):
        assert site.get(f"{path}/funding").status_code == 200
    assert site.get(f"{links.hub}/funding/new").status_code == 200
    assert site.rows() == before


def _seal(html: str) -> str:
    return next(one.values["seal"] for one in own_forms(html) if "seal" in one.values)


def _line(html: str) -> str:
    return form(html, "line").choices["line"][0]
