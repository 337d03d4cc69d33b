"""A bad file: every problem at once, each where its author finds it, and nothing written."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlmodel import Session, select

from documents.sheets import Sheet
from models import Unit
from services.importing.network import NOTHING, import_tables

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
SOUND: dict[str, list[list[Any]]] = {
    "单位": [["编号", "名称", "上级"], ["XC", "西城区", None], ["DS", "德胜街道", "XC"]],
    "技能": [["编号", "名称", "包含"], ["aid", "急救", None]],
    "青年汇": [["编号", "名称", "街道"], ["H1", "悦读时光书城", "DS"]],
    "人员": [["编号", "姓名", "所属青年汇"], ["P1", "沈之槐", "H1"]],
    "系列活动": [
        ["编号", "青年汇", "名称", "规律", "起始日期"],
        ["S1", "H1", "修理角", "每周六 14:00", "2026-11-01"],
    ],
}


def problems(session: Session, **sheets: list[list[Any]]) -> list[str]:
    whole = {**SOUND, **sheets}
    report = import_tables(session, [Sheet(name, rows) for name, rows in whole.items()], now=NOW)
    assert (report.tables, session.exec(select(Unit)).all()) == ((), [])
    return [problem.sentence.zh for problem in report.problems]


def test_everything_wrong_with_a_file_is_said_at_once(session: Session) -> None:
    found = problems(
        session,
        单位=[["西城区单位登记表"], ["编号", "名称", "上级"], ["XC", "西城区", None], ["DS", None, "XD"]],
        青年汇=[
            ["编号", "名称", "街道", "示范", "经度"],
            ["H1", "悦读时光书城", "DS", "大概", 1160],
            ["H1", "晨光里", "德胜街", "是", None],
        ],
        人员=[
            ["编号", "姓名", "电话", "邮箱", "出生日期", "所属青年汇", "技能", "空闲时间"],
            ["P1", "沈之槐", "没有", "a@b", "2009-13-01", "H2", "急究", "有空就来"],
            ["P2", "乔安禾", 19900000002.0, None, "2030-01-01", "悦读时光书城", "aid", "周末"],
        ],
    )
    assert found == [
        "“单位”表第4行“名称”：这一格必须填",
        "“单位”表第4行“上级”填的是“XD”：文件和数据库的“单位”里都没有XD。是不是“XC”？",
        "“青年汇”表第2行“示范”填的是“大概”：要填“是”或“否”",
        "“青年汇”表第2行“经度”填的是“1160”：要在-180到180之间。是不是“180”？",
        "“青年汇”表第3行“编号”填的是“H1”：和第2行重复",
        "“青年汇”表第3行“街道”填的是“德胜街”：文件和数据库的“单位”里都没有德胜街",
        "“人员”表第2行“电话”填的是“没有”：电话只能有5到15位数字",
        "“人员”表第2行“邮箱”填的是“a@b”：邮箱要像name@example.org这样",
        "“人员”表第2行“出生日期”填的是“2009-13-01”：月份要在01到12之间。是不是“2009-01-13”？",
        "“人员”表第2行“所属青年汇”填的是“H2”：文件和数据库的“青年汇”里都没有H2。是不是“H1”？",
        "“人员”表第2行“技能”填的是“急究”：文件和数据库的“技能”里都没有急究。是不是“急救”？",
        "“人员”表第2行“空闲时间”填的是“有空就来”：认不出时间，写成“周六 9:00-12:00；周日下午”",
        "“人员”表第3行“出生日期”填的是“2030-01-01”：这一天还没到",
    ]


@pytest.mark.parametrize(
    ("sheet", "rows", "expected"),
    [
        (
            "单位",
            [["编号", "名称", "上级"], ["XC", "西城区", "DS"], ["DS", "德胜街道", "XC"]],
            [
                "“单位”表第2行“上级”填的是“DS”：绕了一圈又回到自己",
                "“单位”表第3行“上级”填的是“XC”：绕了一圈又回到自己",
            ],
        ),
        (
            "单位",
            [
                ["编号", "名称", "上级"],
                ["XC", "西城区", "DS"],
                ["DS", "德胜街道", "XC"],
                ["XC", "西城", None],
            ],
            [
                "“单位”表第2行“上级”填的是“DS”：绕了一圈又回到自己",
                "“单位”表第3行“上级”填的是“XC”：绕了一圈又回到自己",
                "“单位”表第4行“编号”填的是“XC”：和第2行重复",
            ],
        ),
        (
            "技能",
            [["编号", "名称", "包含"], ["aid", "急救", "aid"]],
            ["“技能”表第2行“包含”填的是“aid”：绕了一圈又回到自己"],
        ),
        (
            "工作人员",
            [["编号", "姓名", "角色", "负责范围"], ["C1", "顾念舟", "社工", None]],
            ["“工作人员”表第2行“负责范围”：社工、管理者和督查要填负责的青年汇或单位"],
        ),
        (
            "工作人员",
            [["编号", "姓名", "角色"], ["C1", "顾念舟", "志愿者"]],
            ["“工作人员”表第2行“所属青年汇”：志愿者要填所属青年汇"],
        ),
        (
            "志愿者",
            [
                ["编号", "姓名", "核查日期", "核查有效期"],
                ["P2", "乔安禾", "2026-01-01", None],
                ["P3", "薛一禾", "2026-01-01", "2025-01-01"],
            ],
            [
                "“志愿者”表第2行“核查有效期”：核查日期和有效期要一起填",
                "“志愿者”表第3行“核查有效期”填的是“2025-01-01”：结束要晚于开始",
            ],
        ),
        (
            "志愿者",
            [["编号", "姓名"], ["P1", "沈之槐"]],
            ["“志愿者”表第2行“编号”填的是“P1”：和“人员”第2行重复"],
        ),
        (
            "监护人",
            [
                ["未成年人编号", "姓名", "邮箱", "是否同意", "答复日期"],
                ["P1", "沈", "g@f.example", "同意", None],
                ["P9", "沈", "g@f.example", None, None],
            ],
            [
                "“监护人”表第2行“答复日期”：填了答复就要填答复日期",
                "“监护人”表第3行“未成年人编号”填的是“P9”：文件和数据库的“人员”、“参与者”里都没有P9。是不是“P1”？",
            ],
        ),
        (
            "不便时间",
            [["人员", "开始", "结束"], ["P1", "2026-12-03", "2026-12-01"]],
            ["“不便时间”表第2行“结束”填的是“2026-12-01”：结束要晚于开始"],
        ),
        (
            "系列活动",
            [["编号", "青年汇", "名称", "规律", "起始日期"], ["S1", "H1", "修理角", "每周六", "2026-11-01"]],
            ["“系列活动”表第2行“开始时间”：缺开始时间，填这一格，或写进规律，如“每周六 14:00”"],
        ),
        (
            "空位",
            [
                ["系列编号", "做什么", "最少", "希望", "最多"],
                ["S1", "接待", 3, 2, 5],
                ["S1", "师傅", 1, 3, 2],
            ],
            [
                "“空位”表第2行“希望”填的是“2”：不合“最少 ≤ 希望 ≤ 最多”",
                "“空位”表第3行“最多”填的是“2”：不合“最少 ≤ 希望 ≤ 最多”",
            ],
        ),
        (
            "往期活动",
            [["编号", "青年汇", "名称", "日期", "开始时间"], ["O1", "H1", "修理角", "2026-11-23", "8:00"]],
            ["“往期活动”表第2行“日期”填的是“2026-11-23”：往期活动只填已经办完的"],
        ),
    ],
)
def test_rule_between_cells_or_rows_is_held(
    session: Session, sheet: str, rows: list[list[Any]], expected: list[str]
) -> None:
    assert problems(session, **{sheet: rows}) == expected


def test_name_that_two_rows_share_is_no_reference(session: Session) -> None:
    units = [*SOUND["单位"], ["DS2", "德胜街道", "XC"]]
    hubs = [["编号", "名称", "街道"], ["H1", "悦读时光书城", "德胜街道"]]
    assert problems(session, 单位=units, 青年汇=hubs) == [
        "“青年汇”表第2行“街道”填的是“德胜街道”：有几行都叫德胜街道，填编号"
    ]


def test_file_with_no_known_sheet_says_how_to_get_the_template(session: Session) -> None:
    report = import_tables(session, [Sheet("工资", [["工号", "金额"], ["1", "2"]])], now=NOW)
    assert report.problems == (NOTHING,)


def test_thousands_of_bad_rows_are_all_kept(session: Session) -> None:
    people = [["编号", "姓名", "所属青年汇"], *([f"P{n}", "沈之槐", f"X{n}"] for n in range(3000))]
    assert len(problems(session, 人员=people)) == 3000
