"""The sheets of the network itself: units, partners, skills, hubs, and what stands in them."""

from __future__ import annotations

import re
from typing import Any

from config.text import Text
from documents.cells import (
    Wrong,
    choice,
    nearest,
    number,
    read_code,
    read_day,
    read_text,
    read_yes_no,
    token,
    whole,
)
from documents.columns import Column, TableForm, choice_column
from documents.sheets import Cell
from services.importing.words import FACTS, GATHERED_BY, PARTNER_KINDS, UNIT_KINDS

FACT_CODE = re.compile(r"[a-z][a-z0-9_.]{1,40}")


def code(zh: str, en: str, example: str, *also: str) -> Column:
    """Describe the column that identifies a row."""
    return Column(
        "code",
        f"{zh}编号",
        f"{en} code",
        read_code,
        required=True,
        also=("编号", "编码", "代码", "code", *also),
        example=example,
    )


def reference(key: str, zh: str, en: str, to: str, example: str = "", **more: Any) -> Column:
    """Describe a column that names a row of another table by its code."""
    return Column(key, zh, en, read_code, refers_to=(to,), example=example, **more)


def read_fact(cell: Cell) -> str | Wrong:
    """Read which number about a hub is given: a known one by its words, another by its code."""
    word = token(cell).lower()
    if word in FACTS.values() or FACT_CODE.fullmatch(word):
        return word
    found = choice(FACTS)(cell)
    if not isinstance(found, Wrong):
        return str(found)
    sentence = Text("只能填" + "、".join(FACTS), "it must be one of: " + ", ".join(FACTS.values()))
    return Wrong(sentence, nearest(word, FACTS))


NAME = Column(
    "name_zh", "名称", "Name", read_text, required=True, also=("中文名", "中文名称", "名字"), example="示例"
)
NAME_EN = Column(
    "name_en", "英文名", "English name", read_text, also=("英文名称",), default="", example="Example"
)
LON = Column("lon", "经度", "Longitude", number(-180, 180), example="116.366")
LAT = Column("lat", "纬度", "Latitude", number(-90, 90), example="39.913")

UNITS = TableForm(
    "units",
    "单位",
    "Units",
    ("code",),
    (
        code("单位", "Unit", "示例-街道"),
        NAME,
        NAME_EN,
        choice_column(
            "kind", "级别", "Kind", UNIT_KINDS, default="sub_district", also=("类型",), example="街道"
        ),
        reference("parent", "上级单位", "Parent unit", "units", "XC", also=("上级", "上级编号")),
    ),
    also=("街道", "组织", "sub-districts"),
)
PARTNERS = TableForm(
    "partners",
    "合作机构",
    "Partners",
    ("code",),
    (
        code("机构", "Partner", "示例-事务所"),
        NAME,
        NAME_EN,
        choice_column("kind", "类型", "Kind", PARTNER_KINDS, default="agency", example="社工事务所"),
    ),
    also=("机构", "社工事务所", "事务所"),
)
SKILLS = TableForm(
    "skills",
    "技能",
    "Skills",
    ("code",),
    (
        code("技能", "Skill", "示例-急救"),
        NAME,
        NAME_EN,
        reference(
            "covers",
            "包含",
            "Covers",
            "skills",
            note=Text(
                "会这一项的人也会的那一项，比如“急救师”包含“急救”。",
                "The lower skill that this one includes, as a first-aid trainer's includes first aid.",
            ),
            also=("包含技能",),
        ),
    ),
)
HUBS = TableForm(
    "hubs",
    "青年汇",
    "Hubs",
    ("code",),
    (
        code("青年汇", "Hub", "示例-001", "hub"),
        NAME,
        NAME_EN,
        reference(
            "unit", "所属单位", "Unit", "units", "示例-街道", required=True, also=("街道", "所属街道", "单位")
        ),
        reference(
            "partner", "合作机构", "Partner", "partners", "示例-事务所", also=("机构", "社工事务所", "事务所")
        ),
        Column(
            "is_demonstration",
            "示范",
            "Demonstration",
            read_yes_no,
            default=False,
            also=("示范青年汇", "市级示范"),
            words=("是", "否"),
            example="否",
        ),
        Column("peer_group", "同类组", "Peer group", read_text, default=""),
        choice_column("gathered_by", "聚合方式", "Gathered by", GATHERED_BY, default="place", example="地域"),
        Column("address", "地址", "Address", read_text, default="", example="示例胡同1号"),
        LON,
        LAT,
        Column(
            "is_open",
            "开放",
            "Open",
            read_yes_no,
            default=True,
            also=("在用",),
            words=("是", "否"),
            example="是",
        ),
    ),
    also=("社区青年汇",),
)
FACT_ROWS = TableForm(
    "facts",
    "青年汇数据",
    "Hub facts",
    ("hub", "fact", "as_of"),
    (
        reference("hub", "青年汇", "Hub", "hubs", "示例-001", required=True, also=("青年汇编号", "hubcode")),
        Column("fact", "指标", "Fact", read_fact, required=True, words=tuple(FACTS), example="室内面积"),
        Column("value", "数值", "Value", number(-1e12, 1e12), required=True, example="88"),
        Column("as_of", "截至日期", "As of", read_day, required=True, also=("日期",), example="2026-06-30"),
    ),
    also=("数据",),
)
VENUES = TableForm(
    "venues",
    "场地",
    "Venues",
    ("code",),
    (
        code("场地", "Venue", "示例-V1"),
        reference("hub", "青年汇", "Hub", "hubs", "示例-001", required=True, also=("青年汇编号",)),
        Column("name", "名称", "Name", read_text, required=True, example="活动室"),
        Column(
            "capacity",
            "容纳人数",
            "Capacity",
            whole(0, 100_000, Text("人", "people")),
            default=0,
            also=("人数",),
            example="30",
        ),
        Column("area_m2", "面积", "Area", number(0, 1_000_000, Text("平方米", "m2")), example="60"),
        LON,
        LAT,
    ),
)
TERMS = TableForm(
    "terms",
    "学期",
    "Terms",
    ("code",),
    (
        code("学期", "Term", "示例-2026秋"),
        NAME,
        NAME_EN,
        reference(
            "unit",
            "适用单位",
            "Unit",
            "units",
            also=("单位",),
            note=Text("不填就是整个网络。", "Without one it is that of the whole network."),
        ),
        Column(
            "starts_on",
            "开学日期",
            "First day",
            read_day,
            required=True,
            also=("开始日期",),
            example="2026-09-01",
        ),
        Column(
            "ends_on",
            "放假日期",
            "Last day",
            read_day,
            required=True,
            also=("结束日期",),
            example="2027-01-22",
        ),
    ),
)
EQUIPMENT = TableForm(
    "equipment",
    "设备",
    "Equipment",
    ("code",),
    (
        code("设备", "Equipment", "示例-E1"),
        reference("hub", "青年汇", "Hub", "hubs", "示例-001", required=True, also=("青年汇编号",)),
        Column("name", "名称", "Name", read_text, required=True, example="投影仪"),
        Column("quantity", "数量", "Quantity", whole(0, 1_000_000), default=1, example="1"),
    ),
)
