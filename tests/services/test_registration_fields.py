"""What people type becomes a value or a sentence, whatever they type."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.text import Language, Text
from services.errors import HubError
from services.forms import Reader, language
from services.sign_up_form import SignUpForm, read_sign_up

TODAY = date(2026, 11, 23)
EMPTY = Text(zh="填写姓名", en="Enter a name")


@pytest.mark.parametrize(
    ("raw", "day"),
    [
        ("2009-03-15", date(2009, 3, 15)),
        ("2009/3/5", date(2009, 3, 5)),
        ("2009.3.5", date(2009, 3, 5)),
        (" 2009年3月5日 ", date(2009, 3, 5)),
        ("２００９－０３－１５", date(2009, 3, 15)),
        ("", None),
    ],
)
def test_birth_date_is_read_in_usual_notations(raw: str, day: date | None) -> None:
    read = Reader(TODAY)
    assert (read.birth_date("birth_date", raw), read.refusals) == (day, [])


@pytest.mark.parametrize("raw", ["2009-13-01", "15.3.2009", "soon", "2026-11-24", "1900-01-01"])
def test_impossible_birth_date_is_told_back(raw: str) -> None:
    read = Reader(TODAY)
    assert read.birth_date("birth_date", raw) is None
    assert f"“{raw}”" in read.refusals[0].sentence.zh


@pytest.mark.parametrize(
    ("raw", "phone"), [("138 0013 8000", "13800138000"), ("（010）6601-2345", "01066012345"), ("", "")]
)
def test_phone_is_read_without_its_decoration(raw: str, phone: str) -> None:
    read = Reader(TODAY)
    assert (read.phone("phone", raw), read.refusals) == (phone, [])


@pytest.mark.parametrize(("length", "refused"), [(59, False), (60, False), (61, True)])
def test_name_has_a_longest_length(length: int, refused: bool) -> None:
    read = Reader(TODAY)
    read.name("name", "长" * length, empty=EMPTY)
    assert bool(read.refusals) is refused


@pytest.mark.parametrize("name", ["欧阳晓岚", "阿依古丽·买买提", "Anne-Marie O'Neil", "𠮷田"])
def test_real_names_pass_unharmed(name: str) -> None:
    read = Reader(TODAY)
    assert (read.name("name", name, empty=EMPTY), read.refusals) == (name, [])


def test_invisible_signs_are_dropped_from_names() -> None:
    assert Reader(TODAY).name("name", "乔\u202e安\u3000 禾\n", empty=EMPTY) == "乔 安 禾"


def test_language_is_chinese_unless_english() -> None:
    assert [language(raw) for raw in ("en-GB", "EN", "zh-Hans", "", "fr")] == [
        Language.EN,
        Language.EN,
        Language.ZH,
        Language.ZH,
        Language.ZH,
    ]


@given(st.builds(SignUpForm, *[st.text(max_size=80)] * 9))
def test_any_form_is_read_or_refused_with_sentences(form: SignUpForm) -> None:
    try:
        said = read_sign_up(form, today=TODAY, day=TODAY)
    except HubError as error:
        said = error.refusals
    if isinstance(said, tuple):
        assert said
        assert all(one.field and one.sentence.zh and one.sentence.en for one in said)
    else:
        assert said.name
        assert "@" in said.email
