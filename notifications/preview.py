"""Write every kind of mail, from made-up values, as files to look at."""

from __future__ import annotations

from pathlib import Path

from config.text import Language
from notifications.mime import build, number_of, unsubscribe_url
from notifications.render import render
from notifications.samples import NOW, samples


def write_previews(folder: Path) -> list[Path]:
    """Write `<kind>.<language>.eml`, `.html` and `.txt` into `folder`; return the mails."""
    folder.mkdir(parents=True, exist_ok=True)
    mails = []
    for language in Language:
        for mail in samples(language):
            stem = folder / f"{mail.kind}.{language}"
            number = number_of(f"preview:{mail.kind}:{language}")
            words = render(mail, now=NOW, unsubscribe_url=unsubscribe_url(mail, number, NOW))
            whole = stem.with_name(f"{stem.name}.eml")
            whole.write_bytes(build(mail, words, mail.to.address, number=number, now=NOW))
            stem.with_name(f"{stem.name}.html").write_text(words.html, encoding="utf-8")
            stem.with_name(f"{stem.name}.txt").write_text(
                f"{words.subject}\n\n{words.text}", encoding="utf-8"
            )
            mails.append(whole)
    return mails
