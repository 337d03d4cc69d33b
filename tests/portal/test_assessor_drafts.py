"""An assessor's page on a phone: a draft survives a lost network, a closed page and a fault, and goes when it was sent."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from sqlmodel import select

from cli.browser import Browser, BrowserGone
from config.settings import settings
from models import Observation
from notifications.links import Purpose
from simulator.forms import forms_of
from tests.documents.test_evidence_types import JPG
from tests.looking import browser
from tests.portal.pages import main, unlabelled
from tests.portal.serving import served
from tests.portal.test_evaluation_pages import make_assessment

PICK = 'document.querySelector(\'input[name="st.case"][value="3"]\')'
NOTE = "document.querySelector('#note')"
SAYS = "Array.from(document.querySelectorAll('[data-draft-says]')).filter(e => !e.hidden).map(e => e.dataset.draftSays)"


def test_page_of_an_assessor_loads_one_small_script_of_ours(site, now) -> None:
    with site.db() as session:
        number = make_assessment(session, now)
    page = site.get(site.link(Purpose.ASSESSMENT, number))
    assert page.text.count("<script") == 1
    assert '<script src="/static/draft.js?v=' in page.text


def test_a_slip_is_corrected_on_the_page_with_a_reason(site, now) -> None:
    with site.db() as session:
        number = make_assessment(session, now)
    link = site.link(Purpose.ASSESSMENT, number)
    site.post(link, **{"st.case": "1"})
    assert "填错了？改正一项" in main(site.get(link).text)
    wrong = site.post(f"{link}/correct", **{"st.case": "3", "reason": ""})
    assert wrong.status_code == 422
    assert "写明为什么改" in main(wrong.text)
    (form, *_) = [one for one in forms_of(wrong.text) if one.action.endswith("/correct")]
    assert site.post(form.action, **{"st.case": "3", "reason": "看错了"}).status_code == 303
    with site.db() as session:
        rows = session.exec(select(Observation.value).where(Observation.indicator == "st.case")).all()
    assert sorted(rows) == [1.0, 3.0]


@pytest.fixture
def address(site, now) -> Iterator[tuple[str, str]]:
    with site.db() as session:
        number = make_assessment(session, now)
    with served() as host:
        yield host + site.link(Purpose.ASSESSMENT, number), f"assessment-{number}"


def wait_for(page: Browser, words: str) -> None:
    """Wait until the page that follows a press says something."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        with suppress(BrowserGone):  # between two pages there is nobody to ask
            if words in page.evaluate("document.body ? document.body.innerText : ''"):
                return
        time.sleep(0.1)
    pytest.fail(f"the page never said {words}")


@pytest.mark.browser
@pytest.mark.slow
def test_a_draft_stays_on_the_device_until_the_form_was_taken(address) -> None:
    url, key = address
    with browser() as page:
        page.open(url, width=390)
        page.evaluate(f"{PICK}.click()")
        page.evaluate(
            f"{NOTE}.value = '院子很干净'; {NOTE}.dispatchEvent(new Event('input', {{bubbles: true}}))"
        )
        assert page.evaluate(SAYS) == ["kept"]
        page.open("about:blank", width=390)
        page.open(url, width=390)
        assert page.evaluate(f"[{PICK}.checked, {NOTE}.value]") == [True, "院子很干净"]
        assert page.evaluate(SAYS) == ["back"]
        page.evaluate("Object.defineProperty(navigator, 'onLine', {get: () => false})")
        page.evaluate("document.querySelector('form[data-draft] .bar button').click()")
        assert page.evaluate(SAYS) == ["offline"]
        kept = page.evaluate(f"localStorage.getItem('{key}')")
        assert '"st.case":"3"' in kept
        assert "晨光里" not in kept, "ids and answers alone, no names"
        page.open(url, width=390)
        page.evaluate("document.querySelector('form[data-draft] .bar button').click()")
        wait_for(page, "评好了")
        assert page.evaluate(f"localStorage.getItem('{key}')") is None


@pytest.fixture
def home(site, tmp_path, monkeypatch) -> Iterator[Path]:
    monkeypatch.setenv("YOUTHHUB_HOME", str(tmp_path))
    settings.cache_clear()
    yield tmp_path
    settings.cache_clear()


def test_a_photo_is_sent_beside_a_criterion_and_listed(site, home, now) -> None:
    with site.db() as session:
        number = make_assessment(session, now)
    link = site.link(Purpose.ASSESSMENT, number)
    sent = site.browser.post(
        f"{link}/evidence", data={"indicator": "st.case"}, files={"evidence": ("院子.jpg", JPG, "image/jpeg")}
    )
    assert sent.status_code == 303
    page = site.get(link)
    assert "材料（1个，可以不传）" in main(page.text)
    assert "院子.jpg" in main(page.text)
    assert unlabelled(page.text) == []
    (kept,) = [path for path in (home / "evidence").rglob("*") if path.is_file()]
    assert kept.read_bytes() == JPG
    assert site.get(f"/static/../evidence/{kept.name}").status_code == 404, "outside the web"


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "这个文件是空的"), (b"MZ", "只收PDF、JPG、PNG"), (b"x" * 10_100_000, "只收PDF、JPG、PNG")],
)
def test_a_file_that_is_not_taken_comes_back_with_the_reason(site, home, now, content, words) -> None:
    with site.db() as session:
        number = make_assessment(session, now)
    link = site.link(Purpose.ASSESSMENT, number)
    sent = site.browser.post(
        f"{link}/evidence", data={"indicator": "st.case"}, files={"evidence": ("a.exe", content)}
    )
    assert sent.status_code == 422
    assert words in main(sent.text)
    assert not (home / "evidence").exists()
