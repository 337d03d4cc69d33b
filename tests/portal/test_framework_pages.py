"""A manager's way with a framework: take it home, edit it, send it back, read what changes, keep it."""

from __future__ import annotations

import io

import pytest
from openpyxl import load_workbook
from sqlmodel import select

from config.settings import settings
from models import FrameworkVersion
from notifications.links import Purpose
from tests.factories import make_manager, make_unit
from tests.portal.pages import heading, main, own_forms, unlabelled

FILE = "frameworks/file?code=youth-hub&version=2026.1"


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("YOUTHHUB_HOME", str(tmp_path))
    settings.cache_clear()


@pytest.fixture
def branch(site) -> str:
    with site.db() as session:
        top = make_unit(session)
        return site.link(Purpose.BRANCH, top.id, make_manager(session, top).id)


def edited(site, branch: str, *cells: tuple[str, str, object]) -> bytes:
    pages = load_workbook(io.BytesIO(site.get(f"{branch}/{FILE}").content))
    for sheet, place, value in cells:
        pages[sheet][place] = value
    content = io.BytesIO()
    pages.save(content)
    return content.getvalue()


def sent(site, branch: str, content: bytes, name: str = "f.xlsx") -> str:
    answer = site.browser.post(f"{branch}/frameworks", files={"file": (name, content)})
    assert answer.status_code == 303
    return str(answer.headers["location"])


def kept(site) -> list[str]:
    with site.db() as session:
        return [one.version for one in session.exec(select(FrameworkVersion).order_by("id"))]


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_an_edited_framework_is_compared_and_kept_only_after_a_yes(site, branch, language) -> None:
    assert unlabelled(site.get(f"{branch}/frameworks", language).text) == []
    page = sent(site, branch, edited(site, branch, ("indicators", "J2", 50), ("framework", "B3", "2027.1")))
    shown = main(site.get(page, language).text)
    said = (
        'The goalposts of the indicator "Floor area" (hw.area) changed from 40 and 120 to 50 and 120.'
        if language == "en"
        else "指标“场地面积”（hw.area）的端点从40、120改为50、120。"
    )
    assert (said in shown, kept(site)) == (True, [])
    assert site.post(page, against="2026.1").headers["location"].endswith("/frameworks?saved=1")
    assert kept(site) == ["2027.1"]
    again = main(site.get(f"{branch}/frameworks", language).text)
    assert ("version 2027.1" if language == "en" else "2027.1版") in again
    assert site.post(page, against="2026.1").status_code == 303
    assert kept(site) == ["2027.1"]


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_everything_wrong_is_told_by_sheet_and_row_and_marked_in_a_copy(site, branch, language) -> None:
    bad = edited(site, branch, ("indicators", "D2", "４"), ("bands", "D3", 0), ("parts", "C2", None))
    page = sent(site, branch, bad)
    found = site.get(page, language)
    shown = main(found.text)
    places = (
        ['sheet "indicators", row 2:', 'sheet "bands", row 3:', 'sheet "parts", row 2:']
        if language == "en"
        else ["“indicators”表第2行：", "“bands”表第3行：", "“parts”表第2行："]
    )
    assert [place in shown for place in places] == [True] * 3
    assert [one for one in own_forms(found.text) if one.method == "post"] == []
    copy = load_workbook(io.BytesIO(site.get(f"{page}/checked.xlsx").content))
    note = copy["indicators"]["D2"].comment.text
    assert ("要写数字" in note, "takes a number" in note) == (True, True)
    assert copy["parts"]["C2"].comment is not None
    assert site.post(page, against="2026.1").status_code == 422
    assert kept(site) == []


def test_a_kept_version_that_was_edited_needs_a_new_number(site, branch) -> None:
    site.post(sent(site, branch, edited(site, branch)), against="2026.1")
    page = sent(site, branch, edited(site, branch, ("indicators", "J2", 50)))
    assert "2026.1版已经存过，内容不同" in main(site.get(page).text)
    assert site.post(page, against="2026.1").status_code == 422
    assert kept(site) == ["2026.1"]


def test_a_comparison_that_went_stale_is_shown_anew(site, branch) -> None:
    first = sent(site, branch, edited(site, branch, ("framework", "B3", "2027.1")))
    second = sent(site, branch, edited(site, branch, ("framework", "B3", "2027.2")))
    site.post(first, against="2026.1")
    answer = site.post(second, against="2026.1")
    assert answer.status_code == 409
    assert "和现在用的2027.1版比" in main(answer.text)
    assert kept(site) == ["2027.1"]


@pytest.mark.parametrize(
    ("name", "content"),
    [("f.xlsx", b""), ("f.xlsx", b"PK nothing"), ("f.xlsx", b"text"), ("f.png", b"\x89PNG\r\n\0")],
)
def test_what_is_no_framework_is_refused_at_the_field(site, branch, name, content) -> None:
    answer = site.browser.post(f"{branch}/frameworks", files={"file": (name, content)})
    assert (answer.status_code, 'class="errors"' in answer.text) == (422, True)


def test_only_the_topmost_unit_keeps_a_framework(site) -> None:
    with site.db() as session:
        below = make_unit(session, parent=make_unit(session))
        link = site.link(Purpose.BRANCH, below.id, make_manager(session, below).id)
    page = sent(site, link, edited(site, link, ("framework", "B3", "2027.1")))
    shown = site.get(page).text
    assert "由最上级单位的管理员来存" in main(shown)
    assert site.post(page, against="2026.1").status_code == 403
    assert heading(site.get(f"{link}/frameworks/uploads/{'0' * 64}").text)
