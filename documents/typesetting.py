"""Documents as PDF: a template of `documents/typst/`, plain values, and our own font, made into bytes by typst.

Each is PDF/UA-1, so it is tagged for whoever has it read aloud, and a picture without a description
or a character that our font lacks stops it here and not before a reader.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from config.text import Refusal, Text

if TYPE_CHECKING:  # the typesetter takes tens of megabytes, which few who can print ever need
    import typst

ROOT = Path(__file__).resolve().parent.parent
FONTS = ROOT / "data" / "fonts"
TEMPLATES = ROOT / "documents" / "typst"
STANDARD: Any = ["ua-1"]
NO_GLYPH = re.compile(r"the text `\"((?:[^\"\\]|\\.)+)\"` could not be displayed")
ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")
IN_TEMPLATE = "template"


@dataclass(frozen=True)
class Document:
    """Hold a document as the bytes of a PDF, or, where it cannot be printed, every reason why."""

    pdf: bytes
    refusals: tuple[Refusal, ...] = ()


def typeset(template: str, values: Mapping[str, Any], *, language: str, made_at: datetime) -> Document:
    """Return a template of ours, such as `hub_report`, filled with values that JSON can hold.

    The same template, values, language and `made_at` (UTC) give the same bytes.
    """
    return _compiled(TEMPLATES / f"{template}.typ", values, language=language, made_at=made_at)


def typeset_source(source: str, values: Mapping[str, Any], *, language: str, made_at: datetime) -> Document:
    """Return typst's own source as a PDF; it may import `base.typ` and reads its values from there."""
    return _compiled(source.encode(), values, language=language, made_at=made_at)


def _compiled(source: Any, values: Mapping[str, Any], *, language: str, made_at: datetime) -> Document:
    """Compile the path of a template, or the bytes of a source."""
    import typst  # noqa: PLC0415 -- see above

    try:
        pdf = typst.compile(
            source,
            root=TEMPLATES,
            font_paths=_fonts(),
            ignore_system_fonts=True,
            sys_inputs={"values": json.dumps(values, ensure_ascii=False), "language": language},
            pdf_standards=STANDARD,
            timestamp=made_at.replace(microsecond=0),  # a PDF counts whole seconds
        )
    except typst.TypstError as error:
        missing = _unprintable(f"{error.message}\n{error.diagnostic}")
        if not missing:
            raise
        return Document(b"", tuple(_refusals(missing, values)))
    return Document(pdf)


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    """Return our fonts and no others: a document looks the same on every machine."""
    import typst  # noqa: PLC0415 -- see above

    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])


def _unprintable(diagnostic: str) -> list[str]:
    """Return the characters that typst could not display, each once, in order."""
    found = "".join(_unescaped(text) for text in NO_GLYPH.findall(diagnostic))
    return list(dict.fromkeys(found))


def _unescaped(text: str) -> str:
    return ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)


def _refusals(missing: Iterable[str], values: Mapping[str, Any]) -> Iterable[Refusal]:
    texts = list(_texts(values))
    for character in missing:
        field, text = next((pair for pair in texts if character in pair[1]), (IN_TEMPLATE, character))
        code = f"U+{ord(character):04X}"
        yield Refusal(
            "glyph_missing",
            Text(
                f"“{text}”里的“{character}”（{code}）印不出来：字体里没有这个字。换一个字，或者把它加进 data/fonts/names.txt。",
                f"“{character}” ({code}) in “{text}” cannot be printed: the font lacks it. Write it another way, or add "
                f"it to data/fonts/names.txt.",
            ),
            field,
        )


def _texts(value: Any, path: str = "") -> Iterable[tuple[str, str]]:
    """Return every text inside the values with its path, such as `hubs[3].name`."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, inside in value.items():
            yield from _texts(inside, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list | tuple):
        for place, inside in enumerate(value):
            yield from _texts(inside, f"{path}[{place}]")
