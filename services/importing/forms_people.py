"""The sheets of people: those who work for the network, the young people served, and guardians."""

from __future__ import annotations

from config.text import Language, Text
from documents.cells import (
    number,
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
from documents.columns import Column, TableForm, choice_column
from documents.weekly import read_windows
from services.importing.forms_network import LAT, LON, code, reference
from services.importing.forms_rules import read_attributes
from services.importing.words import AGE_BANDS, CONSENTS, GENDERS, LANGUAGES, PRESENCES, ROLES

PERSON_NAME = Column("name", "姓名", "Name", read_text, required=True, example="示例")
EMAIL = Column(
    "email",
    "邮箱",
    "Email",
    read_email,
    default="",
    also=("电子邮箱", "邮件", "e-mail", "mail"),
    example="name@example.org",
)
PHONE = Column(
    "phone",
    "电话",
    "Phone",
    read_phone,
    default="",
    also=("手机", "手机号", "联系电话", "电话号码"),
    example="19900000000",
)
LANGUAGE = choice_column("language", "语言", "Language", LANGUAGES, default=Language.ZH, example="中文")
BIRTH_DATE = Column(
    "birth_date", "出生日期", "Birth date", read_day, also=("生日", "date of birth"), example="2001-03-05"
)
INTERESTS = Column(
    "interests", "兴趣", "Interests", read_list, default=(), also=("爱好", "兴趣爱好"), example="阅读、音乐"
)

PEOPLE = TableForm(
    "people",
    "人员",
    "People",
    ("code",),
    (
        code("人员", "Person", "示例-P1", "志愿者编号", "工号"),
        PERSON_NAME,
        Column("form_of_address", "称呼", "Form of address", read_text, default=""),
        EMAIL,
        PHONE,
        LANGUAGE,
        BIRTH_DATE,
        choice_column("gender", "性别", "Gender", GENDERS, default="", example="女"),
        reference("partner", "所属机构", "Employer", "partners", also=("机构", "雇主")),
        choice_column(
            "roles",
            "角色",
            "Roles",
            ROLES,
            many=True,
            default=(),
            also=("职务", "role"),
            example="志愿者",
            note=Text(
                "社工、管理者、评估人、督查、志愿者；可以填几个，用、隔开。",
                "coordinator, manager, assessor, auditor, volunteer; several are parted by commas.",
            ),
        ),
        Column(
            "scope",
            "负责范围",
            "Scope",
            read_codes,
            default=(),
            refers_to=("hubs", "units"),
            also=("范围", "管辖"),
            note=Text(
                "负责的青年汇或单位的编号；评估人和志愿者可以不填。",
                "Codes of the hubs or units that the person answers for; assessors and volunteers need none.",
            ),
        ),
        reference("home_hub", "所属青年汇", "Home hub", "hubs", "示例-001", also=("青年汇", "常去青年汇")),
        LON,
        LAT,
        Column(
            "radius_km",
            "最远距离",
            "Radius",
            number(0.1, 200, Text("公里", "km")),
            default=5.0,
            also=("距离", "radius km"),
            example="5",
        ),
        Column(
            "hours_per_week",
            "每周小时",
            "Hours a week",
            number(0, 80, Text("小时", "h")),
            default=4.0,
            also=("每周时数",),
            example="4",
        ),
        Column(
            "offers_per_week",
            "每周邀请",
            "Offers a week",
            whole(0, 50, Text("次", "times")),
            default=3,
            example="3",
        ),
        Column(
            "is_experienced",
            "有经验",
            "Experienced",
            read_yes_no,
            default=False,
            words=("是", "否"),
            example="否",
        ),
        INTERESTS,
        Column(
            "languages",
            "会的语言",
            "Languages",
            read_list,
            default=(),
            also=("服务语言",),
            example="英语",
            note=Text(
                "能用来服务的语言，用、隔开。", "Languages that the person can serve in, parted by commas."
            ),
        ),
        Column(
            "attributes",
            "属性",
            "Attributes",
            read_attributes,
            default=(),
            also=("其他属性",),
            note=Text(
                "配人规则里用到的，写成 驾照=C1；方言=粤语。",
                "What matching rules ask for: licence=C1; dialect=Cantonese.",
            ),
        ),
        Column(
            "skills", "技能", "Skills", read_codes, default=(), refers_to=("skills",), example="示例-急救"
        ),
        Column(
            "free",
            "空闲时间",
            "Free times",
            read_windows,
            default=(),
            also=("可服务时间", "availability"),
            example="周六 9:00-12:00；周日下午",
        ),
        Column(
            "checked_on", "核查日期", "Checked on", read_day, also=("背景核查日期",), example="2026-01-10"
        ),
        Column(
            "check_expires_on",
            "核查有效期",
            "Check valid until",
            read_day,
            also=("核查有效期至", "有效期至"),
            example="2028-01-09",
        ),
    ),
    also=("志愿者", "工作人员", "社工", "评估人", "管理人员", "volunteers", "staff"),
)
BLOCK_OUTS = TableForm(
    "block_outs",
    "不便时间",
    "Block-outs",
    ("person", "starts_at"),
    (
        reference(
            "person",
            "人员",
            "Person",
            "people",
            "示例-P1",
            required=True,
            also=("人员编号", "志愿者", "志愿者编号"),
        ),
        Column("starts_at", "开始", "From", read_moment, required=True, example="2026-12-24 00:00"),
        Column("ends_at", "结束", "Until", read_moment, required=True, example="2026-12-27 00:00"),
    ),
)
PARTICIPANTS = TableForm(
    "participants",
    "参与者",
    "Participants",
    ("code",),
    (
        code("参与者", "Participant", "示例-Y1"),
        reference(
            "hub", "青年汇", "Hub", "hubs", "示例-001", required=True, also=("青年汇编号", "所属青年汇")
        ),
        PERSON_NAME,
        EMAIL,
        PHONE,
        LANGUAGE,
        BIRTH_DATE,
        choice_column(
            "age_band",
            "年龄段",
            "Age band",
            AGE_BANDS,
            default="",
            note=Text("不知道出生日期时填。", "Where the birth date is not known."),
        ),
        INTERESTS,
    ),
    also=("青少年", "服务对象"),
)
GUARDIANS = TableForm(
    "guardians",
    "监护人",
    "Guardians",
    ("minor", "email"),
    (
        Column(
            "minor",
            "未成年人编号",
            "Minor",
            read_code,
            required=True,
            refers_to=("people", "participants"),
            also=("未成年人", "被监护人"),
            example="示例-P1",
            note=Text("未成年志愿者或参与者的编号。", "The code of the young volunteer or participant."),
        ),
        Column(
            "name", "姓名", "Name", read_text, required=True, also=("监护人", "监护人姓名"), example="示例"
        ),
        Column(
            "email",
            "邮箱",
            "Email",
            read_email,
            required=True,
            also=("电子邮箱", "监护人邮箱"),
            example="guardian@example.org",
        ),
        PHONE,
        LANGUAGE,
        choice_column("consent", "是否同意", "Consent", CONSENTS, also=("同意", "答复"), example="同意"),
        Column("agreed_on", "答复日期", "Answered on", read_day, also=("同意日期",), example="2026-09-01"),
        Column("expires_on", "有效期至", "Valid until", read_day, also=("同意有效期",)),
    ),
)
PARTICIPATIONS = TableForm(
    "participations",
    "参加记录",
    "Participation",
    ("activity", "participant"),
    (
        reference("activity", "活动编号", "Activity", "activities", "示例-A1", required=True, also=("活动",)),
        reference(
            "participant",
            "参与者编号",
            "Participant",
            "participants",
            "示例-Y1",
            required=True,
            also=("参与者",),
        ),
        choice_column(
            "presence", "到场", "Presence", PRESENCES, default="present", also=("出席",), example="来了"
        ),
    ),
    also=("签到",),
)
