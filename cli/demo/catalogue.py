"""What a plausible Xicheng is made of: its real sub-districts, invented hubs, skills and activities."""

from __future__ import annotations

from dataclasses import dataclass

DISTRICT = ("XC", "西城区", "Xicheng District")
SUB_DISTRICTS: tuple[tuple[str, str, str, float, float], ...] = (
    ("XC-DS", "德胜街道", "Desheng", 116.375, 39.957),
    ("XC-SCH", "什刹海街道", "Shichahai", 116.386, 39.938),
    ("XC-XCA", "西长安街街道", "West Chang'an Avenue", 116.374, 39.909),
    ("XC-DSL", "大栅栏街道", "Dashilan", 116.391, 39.895),
    ("XC-TQ", "天桥街道", "Tianqiao", 116.394, 39.883),
    ("XC-XJK", "新街口街道", "Xinjiekou", 116.367, 39.940),
    ("XC-JRJ", "金融街街道", "Financial Street", 116.360, 39.917),
    ("XC-CS", "椿树街道", "Chunshu", 116.375, 39.895),
    ("XC-TRT", "陶然亭街道", "Taoranting", 116.377, 39.876),
    ("XC-ZLL", "展览路街道", "Zhanlan Road", 116.345, 39.932),
    ("XC-YT", "月坛街道", "Yuetan", 116.342, 39.913),
    ("XC-GN", "广安门内街道", "Guang'anmennei", 116.362, 39.893),
    ("XC-NJ", "牛街街道", "Niujie", 116.362, 39.884),
    ("XC-BZF", "白纸坊街道", "Baizhifang", 116.352, 39.877),
    ("XC-GW", "广安门外街道", "Guang'anmenwai", 116.331, 39.890),
)
"""Code, name, English name, and about the middle of it (longitude, latitude)."""

FIRST_HUB = ("悦读时光书城", "Joyful Reading Book City")
"""The first hub of the real network, which the field report names; all others are invented."""
HUB_WORDS: tuple[tuple[str, str], ...] = (
    ("晨光里", "Dawn Lane"),
    ("梧桐", "Plane Tree"),
    ("青砖", "Grey Brick"),
    ("槐荫", "Locust Shade"),
    ("银杏", "Ginkgo"),
    ("石榴院", "Pomegranate Court"),
    ("鸽哨", "Pigeon Whistle"),
    ("云窗", "Cloud Window"),
    ("小满", "Grain Full"),
    ("知了", "Cicada"),
    ("向阳", "Sunny Side"),
    ("长亭", "Long Pavilion"),
    ("微光", "Glimmer"),
    ("拾光", "Gleaned Light"),
    ("同窗", "Classmates"),
    ("栖木", "Perch"),
    ("晴川", "Clear River"),
    ("半亩", "Half Acre"),
)
HUB_KINDS: tuple[tuple[str, str, str, str], ...] = (
    ("书店", "Bookshop", "hobby", "文化空间"),
    ("咖啡馆", "Café", "work", "文化空间"),
    ("社区小院", "Courtyard", "place", "社区院落"),
    ("手作坊", "Workshop", "hobby", "手作空间"),
    ("自习室", "Study Room", "place", "社区院落"),
    ("画室", "Studio", "hobby", "文化空间"),
    ("修理铺", "Repair Shop", "hobby", "手作空间"),
    ("运动角", "Sports Corner", "hobby", "运动空间"),
    ("楼宇驿站", "Office Stop", "work", "楼宇空间"),
    ("共享厨房", "Shared Kitchen", "place", "社区院落"),
)
"""Name, English name, what gathers people there, and the group that the hub is compared within."""

AGENCIES: tuple[tuple[str, str, str], ...] = (
    ("P-TZ", "同舟里社工事务所", "Tongzhouli Social Work Agency"),
    ("P-QH", "青禾社工事务所", "Qinghe Social Work Agency"),
    ("P-CX", "晨溪社工事务所", "Chenxi Social Work Agency"),
    ("P-BL", "伴邻社工事务所", "Banlin Social Work Agency"),
    ("P-YM", "一木社工事务所", "Yimu Social Work Agency"),
    ("P-HT", "合堂社工事务所", "Hetang Social Work Agency"),
    ("P-WY", "微屿社工事务所", "Weiyu Social Work Agency"),
    ("P-NS", "暖树社工事务所", "Nuanshu Social Work Agency"),
)
OUTSIDE: tuple[tuple[str, str, str], ...] = (
    ("P-ZX", "知行评估中心", "Zhixing Assessment Centre"),
    ("P-QY", "青年研究所", "Institute of Youth Studies"),
)

SKILLS: tuple[tuple[str, str, str, str, float], ...] = (
    ("aid", "急救", "First aid", "", 0.10),
    ("aid-trainer", "急救师资", "First-aid training", "aid", 0.02),
    ("english", "英语会话", "English conversation", "", 0.22),
    ("english-teacher", "英语教学", "English teaching", "english", 0.05),
    ("mandarin", "普通话角主持", "Mandarin corner", "", 0.12),
    ("repair", "家电修理", "Appliance repair", "", 0.07),
    ("bicycle", "自行车修理", "Bicycle repair", "", 0.05),
    ("photo", "摄影", "Photography", "", 0.12),
    ("music", "乐器", "Music", "", 0.10),
    ("sport", "运动指导", "Sports coaching", "", 0.12),
    ("reading", "阅读推广", "Reading circles", "", 0.16),
    ("craft", "手工", "Crafts", "", 0.14),
    ("coding", "编程", "Coding", "", 0.10),
    ("coding-teacher", "编程教学", "Teaching coding", "coding", 0.03),
    ("listening", "倾听陪伴", "Listening", "", 0.09),
    ("law", "法律咨询", "Legal advice", "", 0.03),
    ("cooking", "烹饪", "Cooking", "", 0.08),
)
"""Code, name, English name, the skill that it covers, and what share of volunteers has it."""


@dataclass(frozen=True)
class Theme:
    """Hold a kind of activity: what it is called, what it is about, and whom it needs."""

    topic: str
    title_zh: str
    title_en: str
    summary_zh: str
    summary_en: str
    skill: str
    role_zh: str
    role_en: str
    has_minors: bool = False
    is_outdoors: bool = False


THEMES: tuple[Theme, ...] = (
    Theme(
        "阅读",
        "共读一小时",
        "An hour of reading",
        "读一章，聊一章，不用提前看完。",
        "Read a chapter, talk about it; no homework.",
        "reading",
        "领读",
        "Reading host",
    ),
    Theme(
        "英语",
        "英语角",
        "English corner",
        "三人一桌，每桌一个话题。",
        "Tables of three, one topic each.",
        "english",
        "桌长",
        "Table host",
    ),
    Theme(
        "普通话",
        "普通话角",
        "Mandarin corner",
        "新来北京的朋友一起练口语。",
        "Practise with neighbours new to Beijing.",
        "mandarin",
        "主持",
        "Host",
    ),
    Theme(
        "修理",
        "老物件修理角",
        "Repair corner",
        "带一样坏了的东西来，一起修。",
        "Bring something broken and mend it together.",
        "repair",
        "师傅",
        "Fixer",
    ),
    Theme(
        "骑行",
        "自行车体检",
        "Bicycle check-up",
        "刹车、链条、补胎，自己动手。",
        "Brakes, chains, tyres: do it yourself.",
        "bicycle",
        "技师",
        "Mechanic",
    ),
    Theme(
        "摄影",
        "胡同拍照散步",
        "Photo walk",
        "两小时，走三条胡同。",
        "Two hours, three lanes.",
        "photo",
        "领拍",
        "Photo lead",
        is_outdoors=True,
    ),
    Theme(
        "音乐",
        "合奏试试看",
        "Play together",
        "会一点就能来，谱子现场发。",
        "A little is enough; sheet music is there.",
        "music",
        "领奏",
        "Lead player",
    ),
    Theme(
        "运动",
        "下班动一动",
        "Move after work",
        "热身、打球、拉伸。",
        "Warm up, play, stretch.",
        "sport",
        "教练",
        "Coach",
    ),
    Theme(
        "手工",
        "手作课堂",
        "Craft table",
        "做一件能带走的小东西。",
        "Make something small to take home.",
        "craft",
        "老师",
        "Craft teacher",
        has_minors=True,
    ),
    Theme(
        "编程",
        "少年编程",
        "Young coders",
        "两人一台电脑，做一个小游戏。",
        "Two to a computer, one small game.",
        "coding",
        "辅导",
        "Coding helper",
        has_minors=True,
    ),
    Theme(
        "作业",
        "放学来写作业",
        "Homework club",
        "先写完，再玩半小时。",
        "Homework first, then half an hour of play.",
        "",
        "陪写",
        "Homework helper",
        has_minors=True,
    ),
    Theme(
        "急救",
        "急救学一招",
        "One step of first aid",
        "心肺复苏和包扎，人人动手。",
        "CPR and bandages, hands on.",
        "aid",
        "示范",
        "Demonstrator",
    ),
    Theme(
        "职场",
        "职场夜聊",
        "Work talk",
        "改简历，聊跳槽，也聊加班。",
        "CVs, changing jobs, overtime.",
        "listening",
        "主持",
        "Host",
    ),
    Theme(
        "厨艺",
        "一锅好菜",
        "One-pot dinner",
        "一起做，一起吃，一起洗碗。",
        "Cook, eat and wash up together.",
        "cooking",
        "掌勺",
        "Cook",
    ),
)
INTERESTS = tuple(theme.topic for theme in THEMES)
GREETER = ("接待", "Greeter")
