"""The words of every kind, in both languages: as expected, complete, and in one language only.

YOUTHHUB_RECORD=1 writes the expected texts anew; read the difference before you keep it.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from config.text import Text
from notifications import kinds
from notifications.kinds import KINDS, Mail, OfferMail, Recipient, SignUpWaitingMail
from notifications.mime import number_of, unsubscribe_url
from notifications.preview import write_previews
from notifications.render import HAN, TEMPLATES, Rendered, render
from notifications.samples import NOW, REPAIR, samples

GOLDEN = Path(__file__).parent / "golden"
EACH = pytest.mark.parametrize(
    "mail",
    [(kind, language) for language in ("zh-Hans", "en") for kind in KINDS],
    ids="-".join,
    indirect=True,
)
NAMES = (
    "小满", "之槐", "沈之槐", "乔守正", "乔安禾", "顾临川", "韩若川", "晨光里青年汇", "悦读时光书城青年汇",
    "槐柏树青年汇", "南线阁青年汇", "红线胡同青年汇", "永光青年汇", "春风里青年汇", "德胜街道", "椿树街道",
    "牛街街道", REPAIR.place,
)  # fmt: skip


@pytest.fixture
def mail(request: pytest.FixtureRequest) -> Mail:
    """The sample of a kind, made under the settings of the test."""
    kind, language = request.param
    return next(mail for mail in samples(language) if mail.kind == kind)


def words_of(mail: Mail) -> Rendered:
    return render(mail, now=NOW, unsubscribe_url=unsubscribe_url(mail, number_of(mail.kind), NOW))


class Page(HTMLParser):
    """What a reader sees of an HTML mail, its links, and how its tags nest."""

    VOID = frozenset({"meta", "br"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.VOID:
            self.open.append(tag)
        self.links += [value for name, value in attrs if name == "href" and value]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"style", "title"} & set(self.open):
            self.words.append(data)


def test_samples_show_every_kind() -> None:
    assert sorted(mail.kind for mail in samples("en")) == sorted(KINDS)
    assert {path.stem for path in TEMPLATES.glob("*.jinja")} == {*KINDS, "parts"}


@EACH
def test_every_mail_says_what_we_expect(mail: Mail) -> None:
    words = words_of(mail)
    found = f"{words.subject}\n\n{words.text}"
    golden = GOLDEN / f"{mail.kind}.{mail.to.language}.txt"
    if os.environ.get("YOUTHHUB_RECORD"):
        golden.write_text(found, encoding="utf-8")
    assert found == golden.read_text(encoding="utf-8")


@EACH
def test_html_says_all_that_the_text_says(mail: Mail) -> None:
    words = words_of(mail)
    page = Page(words.html)
    seen = re.sub(r"\s+", "", "".join(page.words))
    lines = [
        line
        for line in words.text.splitlines()
        if line and not line.startswith(("http", "--", "1.", "2.", "3."))
    ]
    missing = [line for line in lines if not _is_said(line, seen)]
    assert missing == []
    assert not page.open
    assert set(re.findall(r"^https?://\S+$", words.text, re.MULTILINE)) <= set(page.links)


def _is_said(line: str, seen: str) -> bool:
    # Labels, rows and brackets are laid out as cells in HTML, so only the pieces are compared.
    pieces = re.split(r" \| |：|: |，|, |（|）| \(|\)|:$", line)
    return all(re.sub(r"\s+", "", piece) in seen for piece in pieces)


@EACH
def test_mails_are_in_one_language(mail: Mail) -> None:
    words = words_of(mail)
    text = words.subject + re.sub(r"https?://\S+", "", words.text)
    for name in sorted(NAMES, key=len, reverse=True):
        text = text.replace(name, "")
    if mail.to.language == "en":
        assert not HAN.search(text)
        assert 'lang="en"' in words.html
    else:
        assert not re.search(r"[A-Za-z]{2,}", text)
        assert '<html lang="zh-Hans">' in words.html


@EACH
def test_mails_are_small_and_fetch_nothing(mail: Mail) -> None:
    html = words_of(mail).html
    assert len(html.encode()) < 12_000
    assert not re.search(r"<img|<link|<script|src=|url\(|@import", html)


@EACH
def test_subjects_are_short_questions_or_news(mail: Mail) -> None:
    subject = words_of(mail).subject
    assert 5 <= len(subject) <= (80 if mail.to.language == "en" else 36)
    assert "【" not in subject


def test_chinese_names_in_an_english_mail_are_marked_as_chinese() -> None:
    mail = next(mail for mail in samples("en") if isinstance(mail, OfferMail))
    assert '<span lang="zh-Hans">晨光里青年汇</span>' in words_of(mail).html


def test_strings_of_others_are_text_and_never_markup() -> None:
    hostile = "<b>x</b>{{ 7*7 }}{0}"
    mail = next(mail for mail in samples("zh-Hans") if isinstance(mail, OfferMail))
    occasion = replace(
        mail.occasion, title=Text(hostile, hostile), place=hostile, summary=Text(hostile, hostile)
    )
    words = words_of(
        replace(mail, occasion=occasion, role=Text(hostile, hostile), reasons=(Text(hostile, hostile),))
    )
    assert "<b>x" not in words.html
    assert hostile in words.subject
    assert "49" not in words.html.replace("#1d2421", "").split("<body")[1].split("</h1>")[0]


def test_only_a_mail_with_a_button_speaks_of_one() -> None:
    told = {mail.kind: "Button does not open?" in words_of(mail).html for mail in samples("en")}
    assert (told["offer"], told["cancelled"], told["registration"]) == (True, False, False)


def test_an_offer_tells_at_most_three_reasons() -> None:
    mail = next(mail for mail in samples("zh-Hans") if isinstance(mail, OfferMail))
    many = tuple(Text(f"理由{n}", f"reason {n}") for n in range(5))
    text = words_of(replace(mail, reasons=many)).text
    assert [n for n in range(5) if f"理由{n}" in text] == [0, 1, 2]


def test_times_are_those_of_the_place_and_deadlines_those_of_the_reader() -> None:
    mail = next(mail for mail in samples("en") if isinstance(mail, OfferMail))
    abroad = replace(mail, to=Recipient("Ann", "ann@people.example", "en", "Europe/Berlin"))
    text = words_of(abroad).text
    assert "When: Sat 28 Nov, 13:40–16:30" in text
    assert "Please answer by Wed 25 Nov, 13:00." in text


def test_a_template_that_names_what_is_not_there_fails_loudly() -> None:
    mail = next(mail for mail in samples("en") if isinstance(mail, SignUpWaitingMail))
    broken = replace(mail)
    vars(broken).pop("position")
    with pytest.raises(UndefinedError):
        words_of(broken)


def test_preview_writes_every_kind_in_both_languages(tmp_path: Path) -> None:
    written = write_previews(tmp_path / "previews")
    assert len(written) == 2 * len(KINDS)
    assert {path.suffix for path in (tmp_path / "previews").iterdir()} == {".eml", ".html", ".txt"}


def test_one_of_a_thing_is_said_in_the_singular() -> None:
    unit = kinds.UnitLine(Text("德胜街道", "Desheng"), 1, 1, 1.0, 1, 360, 0)
    digest = kinds.ManagerDigestMail(
        to=Recipient("顾临川", "gu@district.example", "en"),
        person_id=1,
        unit=unit.unit,
        month=date(2026, 11, 1),
        made_at=NOW,
        total=unit,
        units=(),
        silent_hubs=(),
    )
    words = words_of(digest)
    assert words.subject == "Desheng, November: 1 activity, no hub without one"
    assert "1 hub held 1 activity with 1 attendance and 6 hours of volunteering." in words.text
