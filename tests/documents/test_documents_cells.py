"""One cell at a time: what an office may write, and what is meant."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.text import Text
from documents.cells import (
    EXCEL_EPOCH,
    Wrong,
    choice,
    choices,
    is_blank,
    number,
    plain,
    read_clock,
    read_code,
    read_codes,
    read_day,
    read_email,
    read_list,
    read_moment,
    read_phone,
    read_text,
    read_yes_no,
    whole,
)

DAYS = st.dates(date(1900, 3, 1), date(2099, 12, 31))
NOTATIONS = [
    "{0:%Y}-{0:%m}-{0:%d}",
    "{0:%Y}-{0.month}-{0.day}",
    "{0:%Y}/{0.month}/{0.day}",
    "{0:%Y}.{0.month}.{0.day}",
    "{0:%Y}年{0.month}月{0.day}日",
    "{0:%Y}年 {0.month}月 {0.day}日",
    "{0:%Y%m%d}",
    " {0:%Y}－{0.month}－{0.day}　",
    "{0:%Y}-{0:%m}-{0:%d} 00:00:00",
]


def full_width(text: str) -> str:
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)


@given(DAYS, st.sampled_from(NOTATIONS))
def test_date_reads_back_from_every_notation(day: date, notation: str) -> None:
    assert read_day(notation.format(day)) == day


@given(DAYS, st.sampled_from(NOTATIONS))
def test_date_reads_back_from_full_width_signs(day: date, notation: str) -> None:
    assert read_day(full_width(notation.format(day).replace("日", "日"))) == day


@given(DAYS)
def test_date_reads_back_from_what_a_spreadsheet_keeps(day: date) -> None:
    serial = (day - EXCEL_EPOCH).days
    kept = [serial, float(serial), str(serial), datetime.combine(day, time(13, 5)), day]
    assert [read_day(cell) for cell in kept] == [day] * 5


@given(st.text(max_size=20) | st.floats() | st.integers() | st.booleans())
def test_any_cell_is_read_or_refused_and_never_breaks(cell: str | float | bool) -> None:
    for read in (
        read_day,
        read_clock,
        read_moment,
        read_phone,
        read_email,
        read_yes_no,
        read_code,
        number(0, 5),
    ):
        assert read(cell) is not None


@pytest.mark.parametrize(
    ("cell", "zh", "nearest"),
    [
        ("2009-13-01", "月份要在01到12之间", "2009-01-13"),
        ("2009-02-30", "2009年2月只有28天", "2009-02-28"),
        ("1009-02-03", "年份要在1900到2099之间", None),
        ("05/03/2009", "认不出是哪一天，年份写在前面，像2026-03-05", None),
        ("去年", "认不出是哪一天，年份写在前面，像2026-03-05", None),
    ],
)
def test_date_that_is_none_says_why(cell: str, zh: str, nearest: str | None) -> None:
    wrong = read_day(cell)
    assert isinstance(wrong, Wrong)
    assert (wrong.sentence.zh, wrong.nearest) == (zh, nearest)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (13800000000.0, "13800000000"),
        ("13800000000.0", "13800000000"),
        ("１３８ ００００　００００", "13800000000"),
        ("138-0000-0000", "13800000000"),
        ("+86 138 0000 0000", "+8613800000000"),
        ("(010) 6600 0000", "01066000000"),
    ],
)
def test_phone_is_its_digits(cell: str | float, expected: str) -> None:
    assert read_phone(cell) == expected


@pytest.mark.parametrize("cell", ["1.38E+10", "1.99e10"])
def test_phone_that_a_spreadsheet_rounded_says_how_to_mend_it(cell: str) -> None:
    wrong = read_phone(cell)
    assert isinstance(wrong, Wrong)
    assert wrong.sentence.en.startswith("a spreadsheet program made this a rounded number")


@pytest.mark.parametrize("cell", ["没有", "12", "1234567890123456"])
def test_phone_that_is_none_is_refused(cell: str) -> None:
    assert read_phone(cell) == Wrong(Text("电话只能有5到15位数字", "a phone number has 5 to 15 digits"))


@pytest.mark.parametrize("cell", ["是", " 是 ", "√", "Yes", "Ｙ", 1, 1.0, True, "对"])
def test_yes_is_read(cell: str | float) -> None:
    assert read_yes_no(cell) is True


@pytest.mark.parametrize("cell", ["否", "no", "×", 0, False, "Ｎ", "-"])
def test_no_is_read(cell: str | float) -> None:
    assert read_yes_no(cell) is False


def test_maybe_is_refused() -> None:
    assert read_yes_no("也许") == Wrong(Text("要填“是”或“否”", "yes or no is wanted"))


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("14:00", time(14)),
        ("9：30", time(9, 30)),
        ("下午2点半", time(14, 30)),
        ("2 pm", time(14)),
        ("14:00:00", time(14)),
        (14.5 / 24, time(14, 30)),
        (timedelta(hours=9), time(9)),
        (datetime(2026, 1, 1, 9, 15), time(9, 15)),  # noqa: DTZ001 -- cells have no zone
        (time(9, 15, 30), time(9, 15)),
    ],
)
def test_clock_is_read(cell: str | float | time | timedelta | datetime, expected: time) -> None:
    assert read_clock(cell) == expected


@pytest.mark.parametrize("cell", ["25:00", "9:60", "1400", "中午", 2.5])
def test_clock_that_is_none_is_refused(cell: str | float) -> None:
    assert isinstance(read_clock(cell), Wrong)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2026-11-30 14:00", datetime(2026, 11, 30, 14)),  # noqa: DTZ001 -- cells have no zone
        ("2026年11月30日 下午2点", datetime(2026, 11, 30, 14)),  # noqa: DTZ001 -- cells have no zone
        ("2026-11-30T14:00", datetime(2026, 11, 30, 14)),  # noqa: DTZ001 -- cells have no zone
        ("2026/11/30", datetime(2026, 11, 30)),  # noqa: DTZ001 -- cells have no zone
        (46356.5, datetime(2026, 11, 30, 12)),  # noqa: DTZ001 -- cells have no zone
    ],
)
def test_moment_is_read(cell: str | float, expected: datetime) -> None:
    assert read_moment(cell) == expected


def test_number_understands_units_and_thousands() -> None:
    read = number(0, 5000, Text("公里", "km"))
    assert [read(cell) for cell in ("５", "1,200", "8公里", "8 km", 3, 2.5)] == [5, 1200, 8, 8, 3, 2.5]


def test_number_out_of_range_names_the_nearest() -> None:
    assert number(0.1, 200)(-3) == Wrong(Text("要在0.1到200之间", "it must be between 0.1 and 200"), "0.1")


@pytest.mark.parametrize("cell", ["nan", "inf", "-inf", "1e400", "五", True])
def test_number_that_is_none_is_refused(cell: str | bool) -> None:
    assert number(-1e12, 1e12)(cell) == Wrong(Text("要填数字", "a number is wanted"))


def test_half_a_person_is_refused() -> None:
    assert whole(0, 10)(2.5) == Wrong(Text("要填整数", "a whole number is wanted"), "2")


def test_text_keeps_chinese_punctuation_and_loses_stray_blanks() -> None:
    assert read_text("　读书会（周六）， 第１期 ") == "读书会（周六）， 第1期"


def test_text_with_control_characters_is_refused() -> None:
    assert isinstance(read_text("a\x07b"), Wrong)


def test_code_kept_as_a_number_reads_as_typed() -> None:
    assert [read_code(cell) for cell in (1001.0, " ＸＣ－００１ ", "XC 001")] == ["1001", "XC-001", "XC001"]


def test_lists_are_parted_by_any_usual_sign() -> None:
    assert read_list("阅读、音乐，手工; 编程\n骑行、阅读") == ("阅读", "音乐", "手工", "编程", "骑行")
    assert read_codes("Ｓ１，S2；S 3") == ("S1", "S2", "S3")


def test_choice_takes_words_of_both_languages_and_names_the_nearest() -> None:
    read = choice({"地域": "place", "爱好": "hobby", "place": "place", "hobby": "hobby"})
    assert [read(" 爱好 "), read("Place")] == ["hobby", "place"]
    assert read("hoby") == Wrong(Text("只能填地域、爱好", "it must be one of: place, hobby"), "hobby")


def test_choices_refuse_the_first_unknown_word() -> None:
    read = choices({"社工": "coordinator", "志愿者": "volunteer"})
    assert read("社工、志愿者、社工") == ("coordinator", "volunteer")
    assert isinstance(read("社工、校长"), Wrong)


@pytest.mark.parametrize("cell", ["a@b.example", "Ａ@b.example", "a.b+c@x.y.example"])
def test_email_is_read(cell: str) -> None:
    assert read_email(cell) == cell.replace("Ａ", "A")


@pytest.mark.parametrize(
    "cell", ["a@b", "@b.example", "a b", "a@b@c.example", "<a@b.example>", "王@b.example", "a@b..example"]
)
def test_email_that_is_none_is_refused(cell: str) -> None:
    assert isinstance(read_email(cell), Wrong)


def test_blank_is_nothing_but_blanks() -> None:
    assert [is_blank(cell) for cell in (None, "", " 　\n", 0, False, "0")] == [
        True,
        True,
        True,
        False,
        False,
        False,
    ]
    assert plain(None) == ""
