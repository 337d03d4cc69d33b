"""Papers: charts whose axes are where they say, workbooks of numbers, archives that are the same bytes twice."""

from __future__ import annotations

import io
import json
import re
from datetime import UTC, datetime
from hashlib import sha256
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from config.text import Language, Text
from documents import charts
from documents.archives import csv_of, zipped
from documents.charts import Point
from documents.paper_workbook import as_workbook
from documents.papers import Chart, Column, Paper, Section, Strip, Table, as_pdf, unprintable

AT = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
EDGES = (40.0, 60.0, 75.0, 90.0, 100.0)
HUBS = Table(
    Text("表A 各家", "Table A: hubs"),
    (
        Column(Text("青年汇", "Hub")),
        Column(Text("区间", "Interval")),
        Column(Text("得分", "Score"), 1),
        Column(Text("低", "Low"), 1),
        Column(Text("高", "High"), 1),
        Column(Text("兑现", "Kept"), 0, percent=True),
    ),
    (
        (Text("悦读", "Yuedu"), Strip(EDGES, 78.44, 75.1, 81.6, 76.0), 78.44, 75.1, 81.6, 0.8),
        (Text("=1+1", "=1+1"), Strip(EDGES, None, None, None), None, None, None, None),
    ),
    whiskers=(2, 3, 4),
)
POINTS = [
    Point(Text("悦读", "Yuedu"), 78.4, 75.1, 81.6, (76.0, 80.8)),
    Point(Text("听泉<&>", "Tingquan <&>"), 61.0, 58.0, 64.0, (59.0, 63.0), marked=True),
]
CHART = Chart(
    Text("两家", "Two"),
    Text("两家的得分", "Scores of two"),
    charts.caterpillar(POINTS, EDGES, 70.0, Text("家", "hubs")),
)


def paper(*parts: Table | Chart) -> Paper:
    title = Text("2026年年终评估", "2026 year-end evaluation")
    section = Section(Text("各家", "Hubs"), (Text("一句。", "A sentence."),), parts)
    return Paper(
        title, Text("西城区", "Xicheng"), ((Text("参评", "Hubs"), Text("2家", "2")),), (section,), title, AT
    )


def places(svg: str, mark: str, name: str) -> list[float]:
    return [float(value) for value in re.findall(rf'<{mark} [^>]*\b{name}="([\d.]+)"', svg)]


@pytest.mark.parametrize("language", list(Language))
def test_a_paper_is_printed_and_the_same_paper_gives_the_same_bytes(language) -> None:
    first = as_pdf(paper(HUBS, CHART), language)
    assert first.refusals == ()
    assert first.pdf == as_pdf(paper(HUBS, CHART), language).pdf


def test_a_name_that_cannot_be_printed_is_found_before_anything_is_mailed() -> None:
    row = (Text("𠀀街", "x"), *HUBS.rows[1][1:])
    bad = Table(HUBS.name, HUBS.columns, (row,))
    assert [(one.code, one.field) for one in unprintable(paper(bad))] == [
        ("glyph_missing", "sections[0].parts[0].rows[0][0]")
    ]


def test_every_mark_of_a_caterpillar_stands_on_its_axis() -> None:
    svg = CHART.drawing.svg(Language.ZH)
    ticks = dict(zip(re.findall(r">([\d.]+)</text>", svg), places(svg, "text", "y"), strict=False))
    at = {float(value): y - 3 for value, y in ticks.items()}
    assert sorted(at) == list(EDGES)
    step = (at[40.0] - at[100.0]) / 60
    low, high = places(svg, "circle", "cy")
    assert low == pytest.approx(at[40.0] - step * (61.0 - 40), abs=0.02)
    assert high == pytest.approx(at[40.0] - step * (78.4 - 40), abs=0.02)
    assert f'y1="{at[40.0] - step * 35.1:.2f}"' in svg
    assert f'y2="{at[40.0] - step * 41.6:.2f}"' in svg


def test_limits_of_a_funnel_are_those_of_95_and_99_8_per_cent() -> None:
    svg = charts.funnel(POINTS, [1.0, 2.0], 70.0, EDGES, Text("误差", "error")).svg(Language.ZH)
    middle = next(
        float(y)
        for y in re.findall(r'<line x1="34.00" y1="([\d.]+)" x2="492.00" y2="[\d.]+" stroke="#545C57"', svg)
    )
    ends = [float(y) for y in re.findall(r'y2="([\d.]+)" stroke="#545C57" stroke-width="0.8"', svg)]
    unit = (places(svg, "text", "y")[0] - places(svg, "text", "y")[-1]) and (230 - 38) / 60
    assert [round(abs(y - middle) / unit / 2.2, 2) for y in ends] == [1.96, 1.96, 3.09, 3.09]
    assert "听泉&lt;&amp;&gt;" in svg
    assert "悦读" not in svg, "only what lies outside is named"


def test_bars_begin_at_zero_and_state_their_numbers() -> None:
    rows = [(Text("甲", "A"), 50.0, None), (Text("乙", "B"), 25.0, 100.0)]
    svg = charts.bars(rows, 100.0, Text("%", "%")).svg(Language.EN)
    first, second = places(svg, "rect", "width")
    assert first == 2 * second
    assert set(places(svg, "rect", "x")) == {190.0}
    assert ">50.0</text>" in svg


def test_a_workbook_holds_numbers_and_charts_and_no_formula() -> None:
    book = load_workbook(io.BytesIO(as_workbook(paper(HUBS, CHART), Language.ZH)))
    assert book.sheetnames == ["概况", "表A 各家"]
    page = book["表A 各家"]
    assert [cell.value for cell in page[1]][:5] == ["青年汇", "得分", "低", "高", "兑现"]
    assert [cell.value for cell in page[2]][:5] == ["悦读", 78.44, 75.1, 81.6, 0.8]
    assert (page["A3"].value, page["A3"].data_type, page["B3"].value) == ("=1+1", "s", None)
    assert page["E2"].number_format == "0%"
    (chart,) = page._charts
    assert chart.series[0].errBars.errValType == "cust"


def test_rows_as_csv_are_no_formulas_and_an_archive_names_the_hash_of_each_file() -> None:
    table = csv_of(("名", "值"), [("=HYPERLINK()", -1.5), ("青年汇", None)])
    assert table.decode("utf-8-sig") == "名,值\r\n'=HYPERLINK(),-1.5\r\n青年汇,\r\n"
    packed = zipped({"a.csv": table}, {"cycle": "E1"})
    assert packed == zipped({"a.csv": table}, {"cycle": "E1"})
    with ZipFile(io.BytesIO(packed)) as archive:
        assert json.loads(archive.read("manifest.json")) == {
            "cycle": "E1",
            "sha256": {"a.csv": sha256(table).hexdigest()},
        }
