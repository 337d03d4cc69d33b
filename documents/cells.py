"""What an office writes into a cell, and the plain value that it means.

A reader takes a filled cell and returns its value, or `Wrong`. `weekly.py` reads times of the week.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from difflib import get_close_matches
from typing import Any

from config.text import Text
from documents.sheets import BadCell, Cell


@dataclass(frozen=True, slots=True)
class Wrong:
    """Say what is wrong with a cell, and the nearest value that would do."""

    sentence: Text
    nearest: str | None = None


Reader = Callable[[Cell], Any]
"""From a filled cell to a value or `Wrong`."""

EXCEL_EPOCH = date(1899, 12, 30)
EXCEL_DAYS = range(1, 73_051)
"""Serial numbers of the days from 1900 to 2099."""
FIRST_YEAR, LAST_YEAR = 1900, 2099
DAY_MINUTES = 24 * 60
LONGEST_TEXT, LONGEST_CODE = 2000, 60

YES = frozenset({"是", "有", "对", "真", "√", "✓", "✔", "y", "yes", "true", "1", "x"})
NO = frozenset({"否", "无", "没有", "不是", "假", "×", "✗", "n", "no", "false", "0", "-"})

_WIDE: dict[int, int | str | None] = {
    code: code - 0xFEE0 for code in range(0xFF10, 0xFF5B) if chr(code - 0xFEE0).isalnum()
} | {0x3000: " ", 0xA0: " ", 0x200B: None, 0xFEFF: None}
_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")
_CLOCK = re.compile(
    r"(上午|下午|晚上|am|pm)?\s*(\d{1,2})\s*(?:[:点时]\s*(?:(\d{1,2})分?|(半))?)?(?::\d{2})?\s*(am|pm)?"
)
_ROUNDED = re.compile(r"\d\.\d+[eE]\+?\d+")
_PHONE = re.compile(r"\+?\d{5,15}(?:-\d{1,6})?")
_EMAIL = re.compile(r"[^\s@<>,;\"\\]+@[^\s@<>,;\"\\.]+(?:\.[^\s@<>,;\"\\.]+)+")
_SEPARATORS = re.compile(r"[、,，;；\n]+")
_AFTERNOON = {"下午", "晚上", "pm"}


def plain(cell: Cell) -> str:
    """Return a cell as it reads: half-width letters and digits, single spaces, 1001.0 as 1001.

    Chinese punctuation stays: （ and ， are right in a title.
    """
    if isinstance(cell, str):
        if not cell.isascii():
            cell = cell.translate(_WIDE)
        return cell.strip() if "\n" in cell else " ".join(cell.split())
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.read if isinstance(cell, BadCell) else str(cell)


def token(cell: Cell) -> str:
    """Return a cell as one word of a machine: every sign half-width, no stray spaces."""
    text = plain(cell)
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def is_blank(cell: Cell) -> bool:
    """Say whether there is nothing in a cell but blanks."""
    return cell is None or (isinstance(cell, str) and (not cell or cell.isspace()))


def read_text(cell: Cell) -> str | Wrong:
    """Read plain text, in one line."""
    text = " ".join(plain(cell).split())
    if len(text) > LONGEST_TEXT:
        return Wrong(
            Text(
                f"最多{LONGEST_TEXT}个字，现在有{len(text)}个",
                f"at most {LONGEST_TEXT} characters, now {len(text)}",
            )
        )
    if not text.isprintable():
        return Wrong(
            Text("里面有看不见的控制符，删掉再填", "it holds invisible control characters: remove them")
        )
    return text


def read_code(cell: Cell) -> str | Wrong:
    """Read a code: half-width, without any blanks."""
    code = token(cell).replace(" ", "")
    if len(code) > LONGEST_CODE or not code.isprintable():
        return Wrong(Text(f"编号最多{LONGEST_CODE}个字符", f"a code has at most {LONGEST_CODE} characters"))
    return code


def number(least: float, most: float, unit: Text | None = None) -> Reader:
    """Return a reader of numbers from `least` to `most`; 1,200 and "8公里" are understood."""
    wanted = _bounds(least, most)

    def read(cell: Cell) -> float | Wrong:
        value = _float(cell, unit)
        if value is None:
            return Wrong(Text("要填数字", "a number is wanted"))
        if not least <= value <= most:
            return Wrong(wanted, f"{min(max(value, least), most):g}")
        return value

    return read


def whole(least: int, most: int, unit: Text | None = None) -> Reader:
    """Return a reader of whole numbers from `least` to `most`."""
    inner = number(least, most, unit)

    def read(cell: Cell) -> int | Wrong:
        value = inner(cell)
        if isinstance(value, Wrong):
            return value
        if value != int(value):
            return Wrong(Text("要填整数", "a whole number is wanted"), str(round(value)))
        return int(value)

    return read


def read_yes_no(cell: Cell) -> bool | Wrong:
    """Read yes or no."""
    if isinstance(cell, bool):
        return cell
    word = token(cell).lower()
    if word in YES:
        return True
    if word in NO:
        return False
    return Wrong(Text("要填“是”或“否”", "yes or no is wanted"))


def read_day(cell: Cell) -> date | Wrong:
    """Read a date: one that a spreadsheet keeps as a number, or any usual notation, year first."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = token(cell)
    match = _DATE.fullmatch(
        text.removesuffix(" 00:00:00").removesuffix(" 0:00:00")
    ) or _COMPACT_DATE.fullmatch(text)
    if match is not None:
        return _day(*(int(part) for part in match.groups()))
    if text.isdecimal() and int(text) in EXCEL_DAYS:
        return EXCEL_EPOCH + timedelta(days=int(text))
    return Wrong(
        Text(
            "认不出是哪一天，年份写在前面，像2026-03-05",
            "this is no date; write the year first, as 2026-03-05",
        )
    )


def read_clock(cell: Cell) -> time | Wrong:
    """Read a time of day: 14:00, 下午2点半, 2 pm, or a part of a day as a spreadsheet keeps it."""
    if isinstance(cell, datetime):
        return cell.time().replace(second=0, microsecond=0)
    if isinstance(cell, time):
        return cell.replace(second=0, microsecond=0)
    if isinstance(cell, timedelta | float) and not isinstance(cell, bool):
        minutes = cell.total_seconds() / 60 if isinstance(cell, timedelta) else cell * DAY_MINUTES
        if 0 <= minutes < DAY_MINUTES and not (isinstance(cell, float) and cell >= 1):
            return time(round(minutes) // 60 % 24, round(minutes) % 60)
    match = _CLOCK.fullmatch(token(cell).lower())
    minutes_of_day = None if match is None else _clock_minutes(match)
    if minutes_of_day is None or minutes_of_day >= DAY_MINUTES:
        return Wrong(Text("认不出是几点，写成14:00这样", "this is no time of day; write it as 14:00"))
    return time(minutes_of_day // 60, minutes_of_day % 60)


def read_moment(cell: Cell) -> datetime | Wrong:
    """Read a local date with a time of day; without one it is the day's beginning."""
    if isinstance(cell, datetime):
        return cell.replace(second=0, microsecond=0)
    if isinstance(cell, float) and not cell.is_integer() and 1 <= cell < EXCEL_DAYS.stop:
        return datetime.combine(EXCEL_EPOCH, time()) + timedelta(minutes=round(cell * DAY_MINUTES))
    text = "" if isinstance(cell, date) else token(cell).replace("T", " ")
    match = _DATE.match(text)
    if match is None or match.end() == len(text):
        day = read_day(cell)
        return day if isinstance(day, Wrong) else datetime.combine(day, time())
    day, clock = read_day(match[0].strip()), read_clock(text[match.end() :].strip())
    if isinstance(day, Wrong):
        return day
    return clock if isinstance(clock, Wrong) else datetime.combine(day, clock)


def read_phone(cell: Cell) -> str | Wrong:
    """Read a phone number; 13800000000.0 is what a spreadsheet made of one."""
    text = re.sub(r"[\s()]|(?<=\d)-(?=\d{4})", "", token(cell)).removesuffix(".0")
    if _PHONE.fullmatch(text):
        return text
    if _ROUNDED.fullmatch(text):
        return Wrong(
            Text(
                "电话被表格软件改成了科学计数，后几位已经丢了。把这一列设成“文本”，重新填号码",
                "a spreadsheet program made this a rounded number and its last digits are lost; "
                "set the column to Text and enter the number again",
            )
        )
    return Wrong(Text("电话只能有5到15位数字", "a phone number has 5 to 15 digits"))


def read_email(cell: Cell) -> str | Wrong:
    """Read a mail address, with its domain in small letters."""
    text = token(cell).replace(" ", "")
    local, _, domain = text.rpartition("@")
    if not _EMAIL.fullmatch(text) or not local.isascii() or len(text) > 254:  # noqa: PLR2004 -- RFC 5321
        return Wrong(Text("邮箱要像name@example.org这样", "a mail address looks like name@example.org"))
    return f"{local}@{domain.lower()}"


def read_list(cell: Cell) -> tuple[str, ...]:
    """Read words that are parted by 、 , ; or a line break."""
    words = (" ".join(word.split()) for word in _SEPARATORS.split(plain(cell)))
    return tuple(dict.fromkeys(word for word in words if word))


def read_codes(cell: Cell) -> tuple[str, ...]:
    """Read a list of codes."""
    codes = (word.replace(" ", "") for word in _SEPARATORS.split(token(cell)))
    return tuple(dict.fromkeys(code for code in codes if code))


def choice(words: Mapping[str, str]) -> Reader:
    """Return a reader of one of several words; `words` maps each accepted word to its value."""
    values = {_word(word): str(value) for word, value in words.items()}
    listed = Text(
        "只能填" + "、".join(_first_words(words, ascii_only=False)),
        "it must be one of: " + ", ".join(_first_words(words, ascii_only=True)),
    )

    def read(cell: Cell) -> str | Wrong:
        word = _word(token(cell))
        value = values.get(word)
        return Wrong(listed, nearest(word, values)) if value is None else value

    return read


def choices(words: Mapping[str, str]) -> Reader:
    """Return a reader of a list of such words."""
    one = choice(words)

    def read(cell: Cell) -> tuple[str, ...] | Wrong:
        values = [one(word) for word in read_list(cell)]
        wrong = next((value for value in values if isinstance(value, Wrong)), None)
        return wrong or tuple(dict.fromkeys(values))

    return read


def nearest(word: str, known: Mapping[str, Any] | list[str]) -> str | None:
    """Return the known word that is written most like `word`, if any is."""
    found = get_close_matches(word, known, 1, 0.5)
    return found[0] if found else None


def _word(text: str) -> str:
    return text.strip().lower()


def _first_words(words: Mapping[str, str], *, ascii_only: bool) -> list[str]:
    # The first word of each value in a language is the one that we would write ourselves.
    firsts: dict[str, str] = {}
    for word, value in words.items():
        if word.isascii() == ascii_only:
            firsts.setdefault(value, word)
    return list(firsts.values())


def _bounds(least: float, most: float) -> Text:
    return Text(f"要在{least:g}到{most:g}之间", f"it must be between {least:g} and {most:g}")


def _float(cell: Cell, unit: Text | None) -> float | None:
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return float(cell)
    text = token(cell).replace(",", "").lower().removesuffix("%").strip()
    for word in (unit.zh, unit.en) if unit else ():
        text = text.removesuffix(word).strip()
    try:
        value = float(text)
    except ValueError:
        return None
    return value if abs(value) < 1e15 else None  # noqa: PLR2004 -- refuses infinity and not-a-number too


def _day(year: int, month: int, day: int) -> date | Wrong:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return Wrong(
            Text(f"年份要在{FIRST_YEAR}到{LAST_YEAR}之间", f"the year must be {FIRST_YEAR} to {LAST_YEAR}")
        )
    if not 1 <= month <= 12:  # noqa: PLR2004 -- months
        swapped = f"{year}-{day:02}-{month:02}" if 1 <= day <= 12 and 1 <= month <= 28 else None  # noqa: PLR2004 -- months
        return Wrong(Text("月份要在01到12之间", "the month must be 01 to 12"), swapped)
    last = monthrange(year, month)[1]
    if not 1 <= day <= last:
        sentence = Text(f"{year}年{month}月只有{last}天", f"{year}-{month:02} has {last} days")
        return Wrong(sentence, f"{year}-{month:02}-{min(max(day, 1), last):02}")
    return date(year, month, day)


def _clock_minutes(match: re.Match[str]) -> int | None:
    part, hour, minute, half, suffix = match.groups()
    hours, minutes = int(hour), 30 if half else int(minute or 0)
    if ({part, suffix} & _AFTERNOON) and hours < 12:  # noqa: PLR2004 -- noon
        hours += 12
    bare = match[0].isdecimal() and len(match[0]) > 2  # noqa: PLR2004 -- "1400" is no hour
    return None if minutes > 59 or bare else hours * 60 + minutes  # noqa: PLR2004 -- minutes of an hour
