"""The sheets of what happens: series, the people they need, and activities that are over."""

from __future__ import annotations

from config.text import Text
from documents.cells import read_clock, read_codes, read_day, read_text, read_yes_no, whole
from documents.columns import Column, TableForm, choice_column
from documents.weekly import read_recurrence
from services.importing.forms_network import code, reference
from services.importing.words import GATHERED_BY, GENDERS, HELD_IN, MAKE_UP_DAYS

MINUTES = Text("分钟", "minutes")
PEOPLE = Text("人", "people")
DAYS = Text("天", "days")
TITLE = Column(
    "title_zh", "名称", "Title", read_text, required=True, also=("标题", "活动名称"), example="示例活动"
)
TITLE_EN = Column(
    "title_en", "英文名", "English title", read_text, default="", also=("英文名称",), example="Example"
)
TOPIC = Column("topic", "主题", "Topic", read_text, default="", also=("类别",), example="阅读")
HUB = reference("hub", "青年汇", "Hub", "hubs", "示例-001", required=True, also=("青年汇编号",))
VENUE = reference("venue", "场地", "Venue", "venues", "示例-V1", also=("场地编号",))
GATHERING = choice_column(
    "gathered_by", "聚合方式", "Gathered by", GATHERED_BY, default="hobby", example="爱好"
)
DURATION = Column(
    "duration_minutes",
    "时长",
    "Minutes",
    whole(5, 24 * 60, MINUTES),
    default=120,
    also=("时长分钟", "duration"),
    example="120",
)

SERIES = TableForm(
    "series",
    "系列活动",
    "Series",
    ("code",),
    (
        code("系列", "Series", "示例-S1"),
        HUB,
        TITLE,
        TITLE_EN,
        Column("summary_zh", "简介", "Summary", read_text, default=""),
        Column("summary_en", "英文简介", "English summary", read_text, default=""),
        TOPIC,
        GATHERING,
        VENUE,
        Column(
            "recurrence",
            "规律",
            "When",
            read_recurrence,
            required=True,
            also=("时间规律", "重复", "rrule"),
            example="每周六 14:00",
            note=Text(
                "每周六 14:00，隔周周日，每月第二个周六；也可以写 RRULE。",
                "Every Saturday 14:00, every other Sunday; an RRULE is fine too.",
            ),
        ),
        Column("start_time", "开始时间", "Start time", read_clock, also=("时间",), example="14:00"),
        DURATION,
        Column(
            "starts_on",
            "起始日期",
            "First day",
            read_day,
            required=True,
            also=("开始日期", "starts on"),
            example="2026-11-01",
        ),
        Column("ends_on", "结束日期", "Last day", read_day, also=("ends on",)),
        Column(
            "window_days",
            "几天之内",
            "Within days",
            whole(1, 31, DAYS),
            default=1,
            also=("弹性天数",),
            example="1",
            note=Text(
                "1是按规律里的时间；7是从那天起7天之内，时间由系统按谁有空来排，志愿者还可以改。",
                "1: at the time of the rule; 7: some time within 7 days from that day, chosen by who is free, "
                "and the volunteer may choose another.",
            ),
        ),
        Column(
            "capacity",
            "名额",
            "Capacity",
            whole(1, 100_000, PEOPLE),
            default=20,
            also=("人数",),
            example="20",
        ),
        Column(
            "has_minors", "有未成年人", "Minors", read_yes_no, default=False, words=("是", "否"), example="否"
        ),
        Column(
            "is_outdoors", "户外", "Outdoors", read_yes_no, default=False, words=("是", "否"), example="否"
        ),
        Column(
            "takes_money", "收费", "Takes money", read_yes_no, default=False, words=("是", "否"), example="否"
        ),
        Column(
            "members_only",
            "只限本汇",
            "Members only",
            read_yes_no,
            default=False,
            words=("是", "否"),
            example="否",
            note=Text("只问所属青年汇的志愿者。", "Only volunteers whose home hub this is are asked."),
        ),
        Column(
            "on_holidays",
            "节假日照常",
            "On holidays",
            read_yes_no,
            default=False,
            words=("是", "否"),
            example="否",
        ),
        choice_column(
            "make_up_days",
            "调休上班日",
            "Make-up days",
            MAKE_UP_DAYS,
            default="skip",
            example="不办",
            note=Text(
                "周末要上班的那天：不办、照办；“加办”是每个上班日都办，平日活动用。",
                "On a weekend day that is worked: skip, hold; add makes it happen on every working day.",
            ),
        ),
        choice_column(
            "held_in", "学期安排", "Held in", HELD_IN, default="always", also=("学期",), example="全年"
        ),
        Column(
            "staff",
            "带队社工",
            "Staff",
            read_codes,
            default=(),
            refers_to=("people",),
            also=("社工", "负责人"),
            note=Text(
                "在场的社工的人员编号，用、隔开；同一个人不会排在两处。",
                "Codes of the paid people who are there, parted by commas; nobody is planned at two places at once.",
            ),
        ),
    ),
    also=("活动系列", "系列"),
)
NEEDS = TableForm(
    "needs",
    "空位",
    "Needs",
    ("series", "role_zh"),
    (
        reference(
            "series", "系列编号", "Series", "series", "示例-S1", required=True, also=("系列", "系列活动")
        ),
        Column(
            "role_zh",
            "做什么",
            "Role",
            read_text,
            required=True,
            also=("角色", "分工", "岗位"),
            example="接待",
        ),
        Column("role_en", "英文", "English role", read_text, default="", example="Greeter"),
        Column(
            "minimum", "最少", "Minimum", whole(0, 1000, PEOPLE), default=1, also=("最少人数",), example="1"
        ),
        Column("desired", "希望", "Desired", whole(0, 1000, PEOPLE), also=("人数", "希望人数"), example="2"),
        Column("maximum", "最多", "Maximum", whole(0, 1000, PEOPLE), also=("最多人数",), example="3"),
        reference("skill", "技能", "Skill", "skills", "示例-急救", also=("技能编号",)),
        Column(
            "min_age", "最小年龄", "Minimum age", whole(0, 99, Text("岁", "years")), default=14, example="16"
        ),
        Column(
            "needs_check",
            "要核查",
            "Needs check",
            read_yes_no,
            default=False,
            words=("是", "否"),
            example="否",
        ),
        Column(
            "needs_experience",
            "要有经验",
            "Needs experience",
            read_yes_no,
            default=False,
            words=("是", "否"),
            example="否",
        ),
        choice_column("gender", "性别要求", "Gender", GENDERS, default="", also=("性别",)),
        Column(
            "language",
            "语言要求",
            "Language",
            read_text,
            default="",
            also=("要会的语言",),
            note=Text("如英语、藏语、手语；不填就不限。", "Such as English or Tibetan; empty asks for none."),
        ),
    ),
    also=("需求", "岗位"),
)
USES = TableForm(
    "uses",
    "系列用具",
    "Series equipment",
    ("series", "equipment"),
    (
        reference(
            "series", "系列编号", "Series", "series", "示例-S1", required=True, also=("系列", "系列活动")
        ),
        reference(
            "equipment", "设备编号", "Equipment", "equipment", "示例-E1", required=True, also=("设备", "用具")
        ),
        Column("quantity", "数量", "Quantity", whole(1, 1_000_000), default=1, also=("件数",), example="1"),
    ),
    also=("用具", "活动用具"),
)
ACTIVITIES = TableForm(
    "activities",
    "往期活动",
    "Past activities",
    ("code",),
    (
        code("活动", "Activity", "示例-A1"),
        HUB,
        TITLE,
        TITLE_EN,
        TOPIC,
        GATHERING,
        Column("on_date", "日期", "Date", read_day, required=True, example="2026-09-12"),
        Column(
            "start_time", "开始时间", "Start time", read_clock, required=True, also=("时间",), example="14:00"
        ),
        DURATION,
        Column("capacity", "名额", "Capacity", whole(1, 100_000, PEOPLE), default=20, example="20"),
    ),
    also=("活动", "活动记录"),
    note=Text(
        "已经办过的活动，用来知道青年汇服务过谁。",
        "Activities that are over; they say whom a hub has served.",
    ),
)
