"""What must hold between the cells of a row, and between rows; each rule yields its problems."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime

from sqlmodel import Session, select

from config.text import Text, plural
from documents.parsing import Record, Tables
from documents.sheets import CellProblem
from models import RoleKind, Skill, Unit
from services.importing.forms import FORMS
from services.minors import is_minor
from services.wording import local_day

OLDEST_YEARS = 120
ZONE = "Asia/Shanghai"
NEEDS_SCOPE = frozenset({RoleKind.COORDINATOR, RoleKind.MANAGER, RoleKind.AUDITOR})

IN_FUTURE = Text("这一天还没到", "this day is still to come")
BEFORE_START = Text("结束要晚于开始", "the end must be after the beginning")
NO_SCOPE = Text(
    "社工、管理者和督查要填负责的青年汇或单位", "a coordinator, manager or auditor needs a hub or unit"
)
NO_HOME = Text("志愿者要填所属青年汇", "a volunteer needs a home hub")
HALF_A_CHECK = Text("核查日期和有效期要一起填", "a check needs both its date and until when it is valid")
NO_ANSWER_DAY = Text("填了答复就要填答复日期", "an answer needs its date")
NO_START_TIME = Text(
    "缺开始时间，填这一格，或写进规律，如“每周六 14:00”",
    "the start time is missing; enter it, or write “every Saturday 14:00”",
)
PLACES = Text("不合“最少 ≤ 希望 ≤ 最多”", "this breaks “minimum ≤ desired ≤ maximum”")
TOO_OLD = Text(
    f"出生日期早了{OLDEST_YEARS}年以上，检查年份",
    f"this is more than {OLDEST_YEARS} years ago: check the year",
)
STILL_OPEN = Text("往期活动只填已经办完的", "past activities are those that are over")


def check(session: Session, tables: Tables, *, now: datetime) -> list[CellProblem]:
    """Return everything that does not hold."""
    today = local_day(now, ZONE)
    return [
        *_duplicates(tables),
        *_circles(tables, "units", "parent", _codes_above(session, Unit, "parent_id")),
        *_circles(tables, "skills", "covers", _codes_above(session, Skill, "covers_id")),
        *(problem for record in tables.of("people") for problem in _person(record, today)),
        *(problem for record in tables.of("participants") for problem in _birth_date(record, today)),
        *(problem for record in tables.of("guardians") for problem in _guardian(record, today)),
        *(problem for record in tables.of("block_outs") for problem in _block_out(record)),
        *(problem for record in tables.of("terms") for problem in _days_in_order(record)),
        *(problem for record in tables.of("series") for problem in _series(record)),
        *(problem for record in tables.of("needs") for problem in _need(record)),
        *(problem for record in tables.of("activities") for problem in _activity(record, today)),
    ]


def remarks(tables: Tables, *, now: datetime) -> list[Text]:
    """Return what the office should know although it keeps nothing out: minors without a guardian."""
    today = local_day(now, ZONE)
    guarded = {record.values.get("minor") for record in tables.of("guardians")}
    alone = [
        record
        for key in ("people", "participants")
        for record in tables.of(key)
        if is_minor(record.values.get("birth_date"), record.values.get("age_band") or "", today)
        and record.values.get("code") not in guarded
    ]
    if not alone:
        return []
    return [
        Text(
            f"{len(alone)}名未成年人没有填监护人，监护人同意之前不会安排。",
            f"{len(alone)} {plural(len(alone), 'minor has', 'minors have')} no guardian in the file; nobody under 18 is "
            "placed before a guardian consents.",
        )
    ]


def _duplicates(tables: Tables) -> Iterator[CellProblem]:
    for form in FORMS:
        first: dict[tuple[object, ...], Record] = {}
        for record in tables.of(form.key):
            identity = tuple(record.values.get(key) for key in form.identity)
            if None in identity or first.setdefault(identity, record) is record:
                continue
            before = first[identity]
            sheet = "" if before.layout.sheet == record.layout.sheet else f"“{before.layout.sheet}”"
            yield record.problem(
                form.identity[0], Text(f"和{sheet}第{before.row}行重复", f"this repeats row {before.row}")
            )


def _circles(tables: Tables, table: str, key: str, stored: Mapping[str, str]) -> Iterator[CellProblem]:
    above = dict(stored)
    for record in reversed(tables.of(table)):  # of rows that repeat a code the first one counts
        if key in record.values:
            above[record.values.get("code") or ""] = record.values[key] or ""
    for record in tables.of(table):
        code = record.values.get("code")
        if code and record.values.get(key) and _comes_back(code, above):
            yield record.problem(
                key, Text("绕了一圈又回到自己", "this leads around in a circle, back to itself")
            )


def _comes_back(code: str, above: Mapping[str, str]) -> bool:
    seen: set[str] = set()
    step = above.get(code, "")
    while step and step not in seen:
        if step == code:
            return True
        seen.add(step)
        step = above.get(step, "")
    return False


def _codes_above(session: Session, model: type[Unit | Skill], column: str) -> dict[str, str]:
    rows = session.execute(select(model.id, model.code, getattr(model, column))).all()
    codes = {row[0]: row[1] for row in rows}
    return {row[1]: codes[row[2]] for row in rows if row[2] is not None}


def _person(record: Record, today: date) -> Iterator[CellProblem]:
    values = record.values
    roles = values.get("roles") or ()
    yield from _birth_date(record, today)
    if NEEDS_SCOPE & set(roles) and not values.get("scope") and not _is_wrong(record, "scope"):
        yield record.problem("scope", NO_SCOPE)
    if RoleKind.VOLUNTEER in roles and not values.get("home_hub") and not _is_wrong(record, "home_hub"):
        yield record.problem("home_hub", NO_HOME)
    checked, expires = values.get("checked_on"), values.get("check_expires_on")
    if (checked is None) != (expires is None):
        yield record.problem("checked_on" if checked is None else "check_expires_on", HALF_A_CHECK)
    elif checked is not None and expires is not None and expires < checked:
        yield record.problem("check_expires_on", BEFORE_START)


def _is_wrong(record: Record, key: str) -> bool:
    # What was filled in and could not be read or found has its own problem already.
    position = record.layout.positions.get(key)
    return position is not None and position < len(record.cells) and bool(record.cells[position])


def _birth_date(record: Record, today: date) -> Iterator[CellProblem]:
    born = record.values.get("birth_date")
    if born is not None and born > today:
        yield record.problem("birth_date", IN_FUTURE)
    elif born is not None and born.year < today.year - OLDEST_YEARS:
        yield record.problem("birth_date", TOO_OLD)


def _guardian(record: Record, today: date) -> Iterator[CellProblem]:
    answered = record.values.get("agreed_on")
    if record.values.get("consent") and answered is None and not _is_wrong(record, "agreed_on"):
        yield record.problem("agreed_on", NO_ANSWER_DAY)
    if answered is not None and answered > today:
        yield record.problem("agreed_on", IN_FUTURE)
    until = record.values.get("expires_on")
    if until is not None and answered is not None and until < answered:
        yield record.problem("expires_on", BEFORE_START)


def _block_out(record: Record) -> Iterator[CellProblem]:
    start, end = record.values.get("starts_at"), record.values.get("ends_at")
    if start is not None and end is not None and end <= start:
        yield record.problem("ends_at", BEFORE_START)


def _series(record: Record) -> Iterator[CellProblem]:
    values = record.values
    recurrence = values.get("recurrence")
    if (
        recurrence
        and recurrence[1] is None
        and values.get("start_time") is None
        and not _is_wrong(record, "start_time")
    ):
        yield record.problem("start_time", NO_START_TIME)
    yield from _days_in_order(record)


def _days_in_order(record: Record) -> Iterator[CellProblem]:
    first, last = record.values.get("starts_on"), record.values.get("ends_on")
    if first is not None and last is not None and last < first:
        yield record.problem("ends_on", BEFORE_START)


def _need(record: Record) -> Iterator[CellProblem]:
    minimum, desired, maximum = places(record)
    if not minimum <= desired <= maximum:
        yield record.problem("maximum" if desired > maximum else "desired", PLACES)


def places(record: Record) -> tuple[int, int, int]:
    """Return minimum, desired and maximum; what is left out follows from what is given."""
    minimum = int(record.values.get("minimum", 1))
    desired = record.values.get("desired")
    maximum = record.values.get("maximum")
    desired = desired if desired is not None else min(max(minimum, 1), maximum or max(minimum, 1))
    return minimum, int(desired), int(maximum if maximum is not None else desired)


def _activity(record: Record, today: date) -> Iterator[CellProblem]:
    day = record.values.get("on_date")
    if day is not None and day >= today:
        yield record.problem("on_date", STILL_OPEN)
