"""Pictures of sample mails as a phone and a desktop show them, and one page with all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path

from cli.browser import Browser

VIEWS = (("phone", 375, False), ("phone-dark", 375, True), ("desktop", 1280, False))
"""What a picture is called, how wide the window is in CSS pixels, and whether the device is dark."""
GALLERY = """<!DOCTYPE html>
<html lang="zh-Hans"><head><meta charset="utf-8"><title>样信 · Sample mails</title><style>
body{margin:16px;background:#8f8b80;font:14px/1.5 system-ui,sans-serif}
section{margin:0 0 32px;display:flex;gap:12px;align-items:flex-start}
h2{width:9em;margin:0;font-size:14px}img{box-shadow:0 1px 6px #0006}.desktop{width:640px}
</style></head><body><h1>样信 · Sample mails</h1>
"""


def take_pictures(program: str, mails: Sequence[Path], *, told: Callable[[], object]) -> list[Path]:
    """Write `<kind>.<language>.<view>.png` beside each mail, and `index.html`; return the pictures.

    `told` is called after each mail. Raises `BrowserGone` when the browser stops.
    """
    pictures = []
    with Browser(program) as browser:
        for mail in mails:
            for name, width, dark in VIEWS:
                browser.open(mail.with_suffix(".html").resolve().as_uri(), width=width, dark=dark)
                picture = mail.with_suffix(f".{name}.png")
                picture.write_bytes(browser.picture())
                pictures.append(picture)
            told()
    if mails:
        mails[0].with_name("index.html").write_text(_gallery(mails), encoding="utf-8")
    return pictures


def _gallery(mails: Sequence[Path]) -> str:
    return GALLERY + "\n".join(_row(mail.stem) for mail in sorted(mails)) + "\n</body></html>\n"


def _row(stem: str) -> str:
    name = escape(stem, quote=True)
    images = "".join(
        f'<img class="{view}" src="{name}.{view}.png" alt="{name}, {view}">' for view, _, _ in VIEWS
    )
    return f'<section><h2>{name}<br><a href="{name}.eml">.eml</a></h2>{images}</section>'
