"""Files in and out: workbooks, folders of tables, what is broken, and marked copies."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from config.text import Refusal, Text
from documents.cells import read_code, read_day, read_text
from documents.columns import Column, TableForm, choice_column
from documents.formulas import ERROR, NOT_CALCULATED
from documents.parsing import read_tables
from documents.reading import EMPTY, NO_CSV, NOT_A_WORKBOOK, decode, read_csv_files, read_workbook
from documents.sheets import BadCell, CellProblem, Sheet, column_letter
from documents.workbooks import PROBLEM_LIST, marked_copy, template, workbook_of

THINGS = TableForm(
    "things",
    "东西",
    "Things",
    ("code",),
    (
        Column("code", "编号", "Code", read_code, required=True, example="示例-1"),
        Column("name", "名称", "Name", read_text, required=True, example="=示例"),
        Column("bought_on", "买来日期", "Bought on", read_day, also=("日期",)),
        choice_column("colour", "颜色", "Colour", {"红": "red", "蓝": "blue", "red": "red"}, default="red"),
        Column("owner", "主人", "Owner", read_code, refers_to=("things",)),
    ),
)


def workbook(rows: list[list[Any]], name: str = "东西") -> bytes:
    book = Workbook()
    page = book.active
    page.title = name
    for row in rows:
        page.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def sheets(content: bytes) -> list[Sheet]:
    found = read_workbook(content)
    assert not isinstance(found, Refusal)
    return found


def values(*found: Sheet) -> list[dict[str, Any]]:
    return [dict(record.values) for record in read_tables(found, [THINGS]).of("things")]


def test_workbook_gives_values_and_real_row_numbers() -> None:
    content = workbook([["清单"], [], ["编号", "名称"], ["A", "甲"], [None, None], ["B", 2.0], [None, " "]])
    tables = read_tables(sheets(content), [THINGS])
    assert [(r.row, r.values["code"], r.values["name"]) for r in tables.of("things")] == [
        (4, "A", "甲"),
        (6, "B", "2"),
    ]
    assert tables.problems == []


def test_cell_over_several_rows_says_the_same_of_each() -> None:
    book = Workbook()
    page = book.active
    page.title = "东西"
    for row in (["编号", "基本信息", None], [None, "名称", "颜色"], ["A", "甲", "蓝"], ["B", "乙", None]):
        page.append(row)
    for place in ("A1:A2", "B1:C1", "C3:C4"):
        page.merge_cells(place)
    target = io.BytesIO()
    book.save(target)
    assert values(*sheets(target.getvalue())) == [
        {"code": "A", "name": "甲", "colour": "blue"},
        {"code": "B", "name": "乙", "colour": "blue"},
    ]


def test_row_of_totals_is_no_row_of_the_table() -> None:
    content = workbook([["编号", "名称"], ["A", "甲"], ["合　计：", 1]])
    tables = read_tables(sheets(content), [THINGS])
    assert [record.values["code"] for record in tables.of("things")] == ["A"]
    assert [note.en for note in tables.notes] == ["Sheet “东西”: 1 row of totals was left out."]


def test_cell_in_the_last_corner_of_a_sheet_is_refused_before_memory_is_taken() -> None:
    corner = b'<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row></sheetData>'
    styled = b'<row r="1048576"><c r="XFD1048576" s="1"/></row></sheetData>'
    content = workbook([["编号", "名称"], ["A", "甲"]])
    refused = read_workbook(with_xml(content, b"</sheetData>", corner))
    assert isinstance(refused, Refusal)
    assert refused.sentence.en.startswith("The sheet “东西” reaches as far as XFD1048576 and is mostly empty")
    assert values(*sheets(with_xml(content, b"</sheetData>", styled))) == [{"code": "A", "name": "甲"}]


def test_control_characters_do_not_keep_a_copy_from_being_marked() -> None:
    content = with_xml(workbook([["编号", "名称"], ["A", "MARK"]]), b"MARK", b"x_x0001_y")
    found = sheets(content)
    problems = read_tables(found, [THINGS]).problems
    assert [problem.wrong.en for problem in problems] == [
        "it holds invisible control characters: remove them"
    ]
    book = load_workbook(io.BytesIO(marked_copy(content, found, problems)))
    # The cell stays as its author's file spells it; our own list shows a sign in its place.
    assert (book["东西"]["B2"].value, book[PROBLEM_LIST]["D2"].value) == ("x_x0001_y", "x\ufffdy")


def with_xml(content: bytes, old: bytes, new: bytes) -> bytes:
    """Return a workbook with something changed in its XML that no program of ours would write."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(target, "w") as after:
        for name in before.namelist():
            after.writestr(name, before.read(name).replace(old, new))
    return target.getvalue()


def test_merged_titles_above_the_header_are_skipped() -> None:
    book = Workbook()
    page = book.active
    page.title = "东西"
    page.append(["2026年东西登记表（名称、编号齐全）"])
    page.merge_cells("A1:C1")
    page.append(["填表人：", "名称"])
    page.append(["编号\nCode", "名称*", "日期（年月日）"])
    page.append(["A", "甲", date(2026, 3, 5)])
    target = io.BytesIO()
    book.save(target)
    assert values(*sheets(target.getvalue())) == [{"code": "A", "name": "甲", "bought_on": date(2026, 3, 5)}]


def test_formula_is_its_last_value_or_says_that_there_is_none() -> None:
    content = workbook([["编号", "名称"], ["A", '=HYPERLINK("http://x.example","甲")']])
    assert sheets(content)[0].rows[1][1] == BadCell("=", NOT_CALCULATED)
    calculated = content.replace(b"", b"")
    with zipfile.ZipFile(io.BytesIO(calculated)) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    page = parts["xl/worksheets/sheet1.xml"]
    start, end = page.index(b'<c r="B2"'), page.index(b"</c>", page.index(b'<c r="B2"'))
    parts["xl/worksheets/sheet1.xml"] = page[:start] + b'<c r="B2" t="str"><f>1+1</f><v>2</v>' + page[end:]
    again = io.BytesIO()
    with zipfile.ZipFile(again, "w") as new:
        for name, part in parts.items():
            new.writestr(name, part)
    assert sheets(again.getvalue())[0].rows[1][1] == "2"


def test_error_cell_is_a_problem_with_its_name() -> None:
    book = Workbook()
    page = book.active
    page.title = "东西"
    page.append(["编号", "名称"])
    page.append(["A", "甲"])
    page["B2"].value = "#N/A"
    page["B2"].data_type = "e"
    target = io.BytesIO()
    book.save(target)
    problems = read_tables(sheets(target.getvalue()), [THINGS]).problems
    assert problems == [CellProblem("东西", 2, "名称", "#N/A", ERROR, None, 1)]


@pytest.mark.parametrize("content", [b"hello", b"PK\x03\x04junk", workbook([["编号"]])[:900], b"\x00" * 50])
def test_what_is_no_workbook_is_refused(content: bytes) -> None:
    assert read_workbook(content) == NOT_A_WORKBOOK


def test_zip_without_a_workbook_is_refused() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("a.txt", "x")
    assert read_workbook(target.getvalue()) == NOT_A_WORKBOOK


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_and_never_break(content: bytes) -> None:
    assert read_workbook(content) in (EMPTY, NOT_A_WORKBOOK)
    assert isinstance(read_csv_files({"a": content}), list | Refusal)


SOUND = workbook([["编号", "名称"], ["A", "甲"]])


@settings(max_examples=50, deadline=None)
@given(st.integers(0, len(SOUND) - 1), st.binary(min_size=1, max_size=4))
def test_damaged_workbook_is_read_or_refused(place: int, damage: bytes) -> None:
    damaged = SOUND[:place] + damage + SOUND[place + len(damage) :]
    assert isinstance(read_workbook(damaged), list | Refusal)


def test_empty_file_is_refused() -> None:
    assert read_workbook(b"") == EMPTY


def test_workbook_that_unpacks_to_too_much_is_refused() -> None:
    refused = read_workbook(workbook([["编号"]]), largest=1000)
    assert isinstance(refused, Refusal)
    assert refused.code == "too_large"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_of_every_usual_kind_is_read(encoding: str, delimiter: str) -> None:
    lines = [["编号", "名称"], ["Ａ", '甲 "一"'], ["B", "悦读时光书城"]]
    text = "\r\n".join(
        delimiter.join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in line) for line in lines
    )
    found = read_csv_files({"东西": text.encode(encoding)})
    assert isinstance(found, list)
    assert values(*found) == [{"code": "A", "name": '甲 "一"'}, {"code": "B", "name": "悦读时光书城"}]


def test_csv_that_no_encoding_explains_is_refused() -> None:
    found = read_csv_files({"a": b"\x81\x30\x81"})
    assert isinstance(found, Refusal)
    assert (found.code, found.field) == ("unknown_encoding", "a")


def test_bytes_that_are_no_writing_are_not_taken_for_gb18030() -> None:
    assert decode(bytes(range(1, 9)) * 4) is None


def test_csv_with_an_unpaired_quote_is_refused() -> None:
    found = read_csv_files({"a": '编号,名称\nA,"甲\n'.encode()})
    assert isinstance(found, Refusal)
    assert found.code == "broken_csv"


def test_folder_without_csv_is_refused() -> None:
    assert read_csv_files({}) == NO_CSV


@pytest.mark.parametrize("name", ["东西", "things", "01-东西", "2. Things", " 东西 "])
def test_sheet_is_known_by_its_name(name: str) -> None:
    assert values(Sheet(name, [["编号", "名称"], ["A", "甲"]])) == [{"code": "A", "name": "甲"}]


def test_sheet_is_known_by_its_header_when_its_name_says_nothing() -> None:
    assert values(Sheet("Sheet1", [["Code", "Name"], ["A", "甲"]])) == [{"code": "A", "name": "甲"}]


def test_unknown_sheets_and_columns_are_named_with_the_likely_one() -> None:
    found = [
        Sheet("东西", [["编号", "名称", "买来日", "备注"], ["A", "甲", "x", "y"]]),
        Sheet("东酉", [["一"], ["二"]]),
    ]
    assert [note.zh for note in read_tables(found, [THINGS]).notes] == [
        "“东西”表的“买来日”列不认识，没有读，是不是“买来日期”？",
        "“东西”表的“备注”列不认识，没有读。",
        "“东酉”表不认识，没有读，是不是“东西”？",
    ]


def test_every_bad_cell_is_collected_with_its_place() -> None:
    rows = [["编号", "名称", "日期", "颜色"], ["A", None, "2026-02-30", "紅"], [None, "乙", None, "blu"]]
    found = read_tables([Sheet("东西", rows)], [THINGS]).problems
    assert [(p.row, p.column, p.read, p.wrong.zh, p.nearest, p.position) for p in found] == [
        (2, "名称", "", "这一格必须填", None, 1),
        (2, "日期", "2026-02-30", "2026年2月只有28天", "2026-02-28", 2),
        (2, "颜色", "紅", "只能填红、蓝", None, 3),
        (3, "编号", "", "这一格必须填", None, 0),
        (3, "颜色", "blu", "只能填红、蓝", None, 3),
    ]


def test_missing_required_column_is_one_problem() -> None:
    found = read_tables([Sheet("东西", [["编号", "颜色"], ["A", "红"], ["B", "红"]])], [THINGS]).problems
    assert [(p.row, p.wrong.zh) for p in found] == [(1, "少了“名称”这一列")]


def test_sheet_without_a_header_says_which_columns_are_needed() -> None:
    found = read_tables([Sheet("东西", [["A", "甲"], ["B", "乙"]])], [THINGS]).problems
    assert [(p.row, p.wrong.zh) for p in found] == [(0, "前10行里找不到表头，至少要有：编号、名称")]


def test_template_read_back_is_empty_and_only_says_so() -> None:
    tables = read_tables(sheets(template([THINGS])), [THINGS])
    assert (tables.of("things"), tables.problems) == ([], [])
    assert [note.en for note in tables.notes] == ["Sheet “东西”: 1 example row was left out."]


def test_template_offers_words_and_codes_as_drop_downs() -> None:
    page = load_workbook(io.BytesIO(template([THINGS])))["东西"]
    rules = {str(rule.sqref): rule.formula1 for rule in page.data_validations.dataValidation}
    assert rules == {"D2:D20000": '"红,蓝"', "E2:E20000": "='东西'!$A$2:$A$20000"}
    assert page["B1"].value == "名称\nName"


@pytest.mark.parametrize("text", ["=1+1", '=HYPERLINK("http://x.example")', "+1", "-1", "@SUM(A1)"])
def test_text_that_looks_like_a_formula_is_written_as_text(text: str) -> None:
    content = workbook_of([Sheet("东西", [["编号", "名称"], ["A", text]])])
    cell = load_workbook(io.BytesIO(content))["东西"]["B2"]
    assert (cell.value, cell.data_type, bool(cell.quotePrefix)) == (text, "s", True)
    assert values(*sheets(content)) == [{"code": "A", "name": text}]


PROBLEM = CellProblem("东西", 2, "日期", "=x", Text("认不出", "no date"), "2026-03-05", 2)


def test_marked_copy_fills_and_comments_the_bad_cell_and_lists_it() -> None:
    content = workbook([["编号", "名称", "日期"], ["A", "甲", "昨天"]])
    book = load_workbook(io.BytesIO(marked_copy(content, sheets(content), [PROBLEM])))
    cell = book["东西"]["C2"]
    assert cell.comment.text == "认不出。是不是“2026-03-05”？\nno date. Is it “2026-03-05”?"
    assert (cell.fill.fgColor.rgb, cell.value) == ("00F8B4B4", "昨天")
    listed = [cell.value for cell in book[PROBLEM_LIST][2]]
    assert listed == ["东西", 2, "日期", "=x", "认不出\nno date", "2026-03-05"]
    assert book[PROBLEM_LIST]["D2"].data_type == "s"


def test_marked_copy_can_be_mended_and_read_again() -> None:
    content = workbook([["编号", "名称", "日期"], ["A", "甲", "昨天"]])
    book = load_workbook(io.BytesIO(marked_copy(content, sheets(content), [PROBLEM])))
    book["东西"]["C2"].value = "2026-03-05"
    mended = io.BytesIO()
    book.save(mended)
    assert values(*sheets(mended.getvalue())) == [{"code": "A", "name": "甲", "bought_on": date(2026, 3, 5)}]


def test_marked_copy_of_tables_is_a_workbook() -> None:
    found = [Sheet("东西", [["编号", "名称", "日期"], ["A", "=甲", "昨天"]])]
    book = load_workbook(io.BytesIO(marked_copy(None, found, [PROBLEM])))
    assert (book["东西"]["C2"].comment is not None, book["东西"]["B2"].value) == (True, "=甲")


def test_columns_have_letters() -> None:
    assert [column_letter(position) for position in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


def test_problem_reads_as_one_sentence_in_both_languages() -> None:
    assert PROBLEM.sentence.zh == "“东西”表第2行“日期”填的是“=x”：认不出。是不是“2026-03-05”？"
    assert PROBLEM.sentence.en == "Sheet “东西”, row 2, “日期” is “=x”: no date. Is it “2026-03-05”?"
