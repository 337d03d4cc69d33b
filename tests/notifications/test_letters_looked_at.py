"""Every kind of mail as programs look at it: a browser, a reader of accessibility rules, a spam filter."""

from __future__ import annotations

import mailbox
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from cli.letter_pictures import VIEWS, take_pictures
from notifications.preview import write_previews
from tests.looking import axe, browser, find_browser, violations

pytestmark = pytest.mark.slow
LANDMARKS = ("landmark-one-main", "region")
"""The program that shows a mail owns its landmarks."""
MOST_SPAM_POINTS = 1.0
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def mails(tmp_path: Path) -> list[Path]:
    return write_previews(tmp_path / "mails")


@pytest.mark.browser
def test_pictures_show_every_mail_on_each_device(mails: list[Path]) -> None:
    program = find_browser()
    if program is None:
        pytest.skip("no Chromium on this machine (apt install chromium)")
    few = mails[:2]
    ticks: list[None] = []
    pictures = take_pictures(program, few, told=lambda: ticks.append(None))
    assert len(ticks) == 2
    assert [picture.name for picture in pictures] == [
        f"{mail.stem}.{view}.png" for mail in few for view, _, _ in VIEWS
    ]
    assert all(picture.read_bytes().startswith(PNG) for picture in pictures)
    assert len({picture.read_bytes() for picture in pictures}) == len(pictures)
    gallery = few[0].with_name("index.html").read_text(encoding="utf-8")
    assert re.findall(r'src="([^"]+)"', gallery) == [
        f"{mail.stem}.{view}.png" for mail in sorted(few) for view, _, _ in VIEWS
    ]


@pytest.mark.browser
def test_mails_break_no_rule_of_accessibility_and_fit_the_smallest_phone(
    mails: list[Path], pytestconfig: pytest.Config
) -> None:
    script = axe(pytestconfig.cache.mkdir("tools"))
    faults, wide = [], []
    with browser() as page:
        for mail in mails:
            for dark in (False, True):
                page.open(mail.with_suffix(".html").as_uri(), width=320, dark=dark)
                if page.evaluate("document.documentElement.scrollWidth") > 320:
                    wide.append(mail.stem)
                faults += [
                    f"{mail.stem} dark={dark} {found}" for found in violations(page, script, off=LANDMARKS)
                ]
    assert faults == []
    assert wide == []


def test_a_spam_filter_finds_next_to_nothing(mails: list[Path], tmp_path: Path) -> None:
    program = shutil.which("spamassassin")
    if program is None:
        pytest.skip("no SpamAssassin on this machine (apt install spamassassin)")
    box = mailbox.mbox(tmp_path / "all.mbox")
    for mail in mails:
        box.add(mail.read_bytes())
    box.close()
    done = subprocess.run(
        [program, "-L", "-t", "--mbox"],
        stdin=(tmp_path / "all.mbox").open("rb"),
        capture_output=True,
        check=True,
    )
    points = [float(found) for found in re.findall(rb"X-Spam-Status: \w+, score=(-?[\d.]+)", done.stdout)]
    assert len(points) == len(mails)
    assert {
        mail.stem: score for mail, score in zip(mails, points, strict=True) if score > MOST_SPAM_POINTS
    } == {}
