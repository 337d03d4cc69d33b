"""Documents as PDF: our own font alone, the same bytes each time, and a sentence for what cannot be printed."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typst

from config.text import Language, Text
from documents.typesetting import FONTS, typeset_source

AT = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
PAGE = '#import "base.typ": *\n#show: sheet.with(title: t("报告", "Report"), note: "青年汇")\n'
NAMED = PAGE + "= #values.hub.name\n#for each in values.lines [- #each\n]"


def made(source: str, values: dict[str, object], language: str = Language.ZH):
    return typeset_source(source, values, language=language, made_at=AT)


def fonts_in(pdf: bytes) -> set[str]:
    """Every font that a PDF embeds, without the tag of its subset; looked for in its packed parts too."""
    parts = [pdf]
    for packed in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            parts.append(zlib.decompress(packed))
        except zlib.error:
            continue
    names = re.findall(rb"/BaseFont\s*/[A-Z]{6}\+([A-Za-z-]+)", b"\n".join(parts))
    return {name.decode().removesuffix("-Identity-H") for name in names}


def test_chinese_and_english_are_printed_in_our_own_font_alone() -> None:
    values = {
        "hub": {"name": "悦读时光书城 Reading Time"},
        "lines": ["“引号”——78.4（75.1–81.6）", "*é* ≥ 60 %"],
    }
    document = made(NAMED + "*粗体*", values)
    assert document.refusals == ()
    assert document.pdf.startswith(b"%PDF-")
    assert fonts_in(document.pdf) == {"NotoSansCJKsc-Regular", "NotoSansCJKsc-Bold"}


def test_the_same_values_give_the_same_bytes() -> None:
    values = {"hub": {"name": "牛街青年汇"}, "lines": []}
    assert made(NAMED, values).pdf == made(NAMED, values).pdf
    assert made(NAMED, values).pdf != made(NAMED, values, Language.EN).pdf


def test_document_of_any_moment_is_dated_by_its_second() -> None:
    late = AT.replace(microsecond=393_270)
    documents = [typeset_source(PAGE, {}, language=Language.ZH, made_at=at) for at in (AT, late)]
    assert documents[0] == documents[1]


def test_rare_characters_of_names_are_printed() -> None:
    assert made(NAMED, {"hub": {"name": "李珺 王玥 赵喆 陈堃 〇 囍"}, "lines": []}).refusals == ()


def test_a_character_that_the_font_lacks_stops_the_document_and_is_named_with_its_field() -> None:
    document = made(NAMED, {"hub": {"name": "好看青年汇"}, "lines": ["正常", "𠀀街", "also 😀"]})
    assert document.pdf == b""
    assert [(one.code, one.field) for one in document.refusals] == [
        ("glyph_missing", "lines[1]"),
        ("glyph_missing", "lines[2]"),
    ]
    assert document.refusals[0].sentence == Text(
        "“𠀀街”里的“𠀀”（U+20000）印不出来：字体里没有这个字。换一个字，或者把它加进 data/fonts/names.txt。",
        "“𠀀” (U+20000) in “𠀀街” cannot be printed: the font lacks it. Write it another way, or add it to "
        "data/fonts/names.txt.",
    )


def test_a_picture_without_a_description_is_a_fault_of_the_template() -> None:
    picture = (
        "#image(bytes(\"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>\"), format: \"svg\")"
    )
    with pytest.raises(typst.TypstError, match="missing alt text"):
        made(PAGE + picture, {})


def test_values_are_text_and_never_typst() -> None:
    document = made(NAMED, {"hub": {"name": '#panic("no") *x* $y$ \\ " ]'}, "lines": []})
    assert document.refusals == ()


def test_every_character_of_gb_2312_is_in_both_weights() -> None:
    cells = (bytes((row, cell)) for row in range(0xA1, 0xFF) for cell in range(0xA1, 0xFF))
    everything = "".join(cell.decode("gb2312", "ignore") for cell in cells)
    names = (FONTS / "names.txt").read_text(encoding="utf-8").strip()
    source = PAGE + '#values.all\n#text(weight: "bold", values.all)'
    assert made(source, {"all": everything + names}).refusals == ()


@pytest.mark.slow
def test_the_command_beside_the_fonts_makes_them_byte_for_byte(tmp_path: Path) -> None:
    """Without the machine's own font there is nothing to make them from."""
    if not Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc").exists():
        pytest.skip("needs fonts-noto-cjk")
    for name in ("subset.sh", "names.txt"):
        shutil.copy(FONTS / name, tmp_path)
    subprocess.run(
        ["bash", tmp_path / "subset.sh"], check=True, env={"PYTHON": sys.executable, "PATH": "/usr/bin:/bin"}
    )
    for weight in ("Regular", "Bold"):
        name = f"NotoSansCJKsc-{weight}.otf"
        assert (tmp_path / name).read_bytes() == (FONTS / name).read_bytes()
