"""What an office says about when and with what series happen: terms, make-up days, staff, equipment."""

from __future__ import annotations

from datetime import date

from sqlmodel import Session, col, select

from documents.sheets import Sheet
from models import Equipment, Person, Series, SeriesStaff, SeriesUse, Term, Venue
from services.importing.network import import_tables
from tests.factories import NOW, make_coordinator, make_hub, make_unit, save


def take_in(session: Session, **sheets: list[list[object]]) -> dict[str, tuple[int, int, int]]:
    report = import_tables(session, [Sheet(name, rows) for name, rows in sheets.items()], now=NOW)
    assert [problem.sentence.en for problem in report.problems] == []
    return {table.table: (table.added, table.changed, table.unchanged) for table in report.tables}


def series_sheet(code: str, hub: str, **more: object) -> list[list[object]]:
    row = {
        "编号": code,
        "青年汇": hub,
        "名称": "放学来写作业",
        "规律": "每周三 16:00",
        "起始日期": "2026-09-01",
    }
    row |= more
    return [list(row), list(row.values())]


def staff(session: Session) -> list[str]:
    question = select(Person.code).join(SeriesStaff, col(SeriesStaff.person_id) == Person.id)
    return sorted(session.exec(question))


def test_terms_and_the_part_of_the_year_go_in(session: Session) -> None:
    unit = make_unit(session, code="DS")
    hub = make_hub(session, unit=unit)
    terms = [
        ["编号", "名称", "适用单位", "开学日期", "放假日期"],
        ["2026秋", "秋季学期", "DS", "2026-09-01", "2027-01-22"],
    ]
    sheet = series_sheet("S1", hub.code, 学期安排="学期", 调休上班日="加办")
    assert take_in(session, 学期=terms, 系列活动=sheet)["terms"] == (1, 0, 0)
    term, series = session.exec(select(Term)).one(), session.exec(select(Series)).one()
    assert (term.unit_id, term.starts_on, term.ends_on) == (unit.id, date(2026, 9, 1), date(2027, 1, 22))
    assert (series.held_in, series.make_up_days) == ("term", "add")


def test_term_that_ends_before_it_begins_is_refused(session: Session) -> None:
    rows = [["编号", "名称", "开学日期", "放假日期"], ["2026秋", "秋季学期", "2026-09-01", "2026-08-22"]]
    report = import_tables(session, [Sheet("学期", rows)], now=NOW)
    assert [problem.sentence.zh for problem in report.problems] != []
    assert session.exec(select(Term)).all() == []


def test_staff_of_a_series_become_those_that_the_file_names(session: Session) -> None:
    hub = make_hub(session)
    for code in ("C1", "C2"):
        make_coordinator(session, hub, code=code)
    assert take_in(session, 系列活动=series_sheet("S1", hub.code, 带队社工="C1、C2"))["series"] == (1, 0, 0)
    assert staff(session) == ["C1", "C2"]
    assert take_in(session, 系列活动=series_sheet("S1", hub.code, 带队社工="C2"))["series"] == (0, 1, 0)
    assert staff(session) == ["C2"]
    assert take_in(session, 系列活动=series_sheet("S1", hub.code))["series"] == (0, 0, 1)
    assert staff(session) == ["C2"]
    take_in(session, 系列活动=series_sheet("S1", hub.code, 带队社工=""))
    assert staff(session) == []


def test_equipment_of_a_series_goes_in_and_is_taken_away_again(session: Session) -> None:
    hub = make_hub(session)
    for code in ("E1", "E2"):
        save(session, Equipment(code=code, hub_id=hub.id, name="折叠桌", quantity=8))
    uses = [["系列编号", "设备编号", "数量"], ["S1", "E1", 6], ["S1", "E2", 1]]
    take_in(session, 系列活动=series_sheet("S1", hub.code), 系列用具=uses)
    assert sorted(use.quantity for use in session.exec(select(SeriesUse))) == [1, 6]
    take_in(session, 系列用具=uses[:2])
    assert [use.quantity for use in session.exec(select(SeriesUse))] == [6]


def test_venue_away_from_its_hub_has_its_own_place(session: Session) -> None:
    hub = make_hub(session)
    rows = [["编号", "青年汇", "名称", "经度", "纬度"], ["V1", hub.code, "月坛公园", 116.341, 39.915]]
    take_in(session, 场地=rows)
    venue = session.exec(select(Venue)).one()
    assert (venue.lon, venue.lat) == (116.341, 39.915)
