"""The sheet of the network's own rules of matching, and what people are recorded to be for them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from config.text import Refusal, Text
from documents.cells import Reader, Wrong, read_day, token, whole
from documents.columns import Column, TableForm
from documents.sheets import Cell
from matching.rules import ACTIVITY_NAMES, PERSON_NAMES, plain, read_conditions
from services.importing.forms_network import NAME, NAME_EN, code

_NOT_A_PAIR = Text("写成 名称=值，用；隔开，比如 驾照=C1；方言=粤语", "write name=value, parted by ;")
_TAKEN = Text("“{name}”人人都有，不能再填一次", "“{name}” is known of everybody and cannot be given again")


def read_attributes(cell: Cell) -> tuple[tuple[str, str], ...] | Wrong:
    """Read attributes as name=value, several values parted by "/"."""
    found: list[tuple[str, str]] = []
    for part in re.split("[;；\n]", token(cell).replace("＝", "=")):
        if not part.strip():
            continue
        name, is_pair, values = part.partition("=")
        if not (is_pair and name.strip() and values.strip()):
            return Wrong(_NOT_A_PAIR)
        if PERSON_NAMES.get(name.strip(), name.strip().lower()) in PERSON_NAMES.values():
            return Wrong(_TAKEN.format(name=name.strip()))
        found += [
            (name.strip().lower(), plain(value)) for value in re.split("[/、]", values) if value.strip()
        ]
    return tuple(dict.fromkeys(found))


def _reader(names: Mapping[str, str], *, closed: bool) -> Reader:
    def read(cell: Cell) -> str | Wrong:
        text = token(cell)
        found = read_conditions(text, names, closed=closed)
        return Wrong(found.sentence) if isinstance(found, Refusal) else text

    return read


MATCH_RULES = TableForm(
    "match_rules",
    "配人规则",
    "Matching rules",
    ("code",),
    (
        code("规则", "Rule", "示例-R1"),
        NAME,
        NAME_EN,
        Column(
            "who",
            "什么人",
            "Who",
            _reader(PERSON_NAMES, closed=False),
            required=True,
            also=("人要", "条件"),
            example="年龄>=18；驾照=C1/B2",
            note=Text(
                "人要合的条件，用；隔开。人人都有的：年龄、性别、语言、技能、青年汇、有经验、新手、时长、兴趣；"
                "别的先在“人员”的“属性”里填。= 是其中一个，!= 都不是，>= <= 比大小。",
                "What people must be, parted by ;. Known of everybody: age, gender, language, skill, hub, experienced, "
                "newcomer, hours, interest; anything else stands in the attributes of people.",
            ),
        ),
        Column(
            "place",
            "哪些活动",
            "Where",
            _reader(ACTIVITY_NAMES, closed=True),
            default="",
            also=("活动条件",),
            example="主题=接送",
            note=Text(
                "不填就是所有活动。可以用：主题、青年汇、系列、角色、有未成年人、星期（1到7）、几点。",
                "Empty is every activity. Known: topic, hub, series, role, minors, weekday (1 to 7), hour.",
            ),
        ),
        Column(
            "points",
            "加分",
            "Points",
            whole(-1000, 300),
            default=0,
            example="0",
            note=Text(
                "0或不填：不合就不排。别的数：合的人加这么多分。",
                "0: nobody is placed against it. Else a wish.",
            ),
        ),
        Column("valid_from", "起", "From", read_day, also=("生效日期", "from"), example="2026-12-01"),
        Column("valid_until", "止", "Until", read_day, also=("失效日期", "until")),
    ),
    also=("自定规则",),
)
