"""The words that offices write in choice columns, and the values that the tables keep for them.

The first Chinese and the first English word of a value are the ones that we write ourselves.
"""

from __future__ import annotations

from config.text import Language
from models import GatheredBy, RoleKind
from models.states import ConsentState, Presence
from scheduling.recurrence import HeldIn, MakeUpDays

LANGUAGES = {
    "中文": Language.ZH,
    "汉语": Language.ZH,
    "Chinese": Language.ZH,
    "zh": Language.ZH,
    "zh-Hans": Language.ZH,
    "zh-CN": Language.ZH,
    "英文": Language.EN,
    "英语": Language.EN,
    "English": Language.EN,
    "en": Language.EN,
}
UNIT_KINDS = {
    "市": "city",
    "区": "district",
    "街道": "sub_district",
    "社区": "community",
    "其他": "other",
    "city": "city",
    "district": "district",
    "sub-district": "sub_district",
    "sub_district": "sub_district",
    "community": "community",
    "other": "other",
}
PARTNER_KINDS = {
    "社工事务所": "agency",
    "专业队伍": "pool",
    "单位": "organisation",
    "其他": "other",
    "agency": "agency",
    "pool": "pool",
    "organisation": "organisation",
    "other": "other",
}
GATHERED_BY = {
    "地域": GatheredBy.PLACE,
    "爱好": GatheredBy.HOBBY,
    "工作": GatheredBy.WORK,
    "工作性质": GatheredBy.WORK,
    "place": GatheredBy.PLACE,
    "hobby": GatheredBy.HOBBY,
    "work": GatheredBy.WORK,
}
MAKE_UP_DAYS = {
    "不办": MakeUpDays.SKIP,
    "照办": MakeUpDays.HOLD,
    "加办": MakeUpDays.ADD,
    "skip": MakeUpDays.SKIP,
    "hold": MakeUpDays.HOLD,
    "add": MakeUpDays.ADD,
}
HELD_IN = {
    "全年": HeldIn.ALWAYS,
    "学期": HeldIn.TERM,
    "学期中": HeldIn.TERM,
    "寒暑假": HeldIn.VACATION,
    "假期": HeldIn.VACATION,
    "always": HeldIn.ALWAYS,
    "term": HeldIn.TERM,
    "vacation": HeldIn.VACATION,
}
ROLES = {
    "社工": RoleKind.COORDINATOR,
    "总干事": RoleKind.COORDINATOR,
    "专职社工": RoleKind.COORDINATOR,
    "协调员": RoleKind.COORDINATOR,
    "志愿者": RoleKind.VOLUNTEER,
    "管理者": RoleKind.MANAGER,
    "管理员": RoleKind.MANAGER,
    "评估人": RoleKind.ASSESSOR,
    "督查": RoleKind.AUDITOR,
    "coordinator": RoleKind.COORDINATOR,
    "social worker": RoleKind.COORDINATOR,
    "volunteer": RoleKind.VOLUNTEER,
    "manager": RoleKind.MANAGER,
    "assessor": RoleKind.ASSESSOR,
    "auditor": RoleKind.AUDITOR,
}
GENDERS = {"女": "female", "男": "male", "female": "female", "male": "male", "f": "female", "m": "male"}
AGE_BANDS = {
    "14岁以下": "under_14",
    "14-17岁": "14_17",
    "18-24岁": "18_24",
    "25-35岁": "25_35",
    "under 14": "under_14",
    "14-17": "14_17",
    "18-24": "18_24",
    "25-35": "25_35",
    "under_14": "under_14",
    "14_17": "14_17",
    "18_24": "18_24",
    "25_35": "25_35",
}
CONSENTS = {
    "同意": ConsentState.GRANTED,
    "已同意": ConsentState.GRANTED,
    "不同意": ConsentState.REFUSED,
    "granted": ConsentState.GRANTED,
    "refused": ConsentState.REFUSED,
}
PRESENCES = {
    "来了": Presence.PRESENT,
    "到": Presence.PRESENT,
    "请假": Presence.EXCUSED,
    "没来": Presence.NO_SHOW,
    "不清楚": Presence.UNKNOWN,
    "came": Presence.PRESENT,
    "present": Presence.PRESENT,
    "excused": Presence.EXCUSED,
    "did not come": Presence.NO_SHOW,
    "not known": Presence.UNKNOWN,
}
FACTS = {
    "室内面积": "venue_area_m2",
    "每周开放小时": "open_hours_week",
    "专职社工人数": "social_workers",
    "持证社工比例": "certified_share_pct",
    "项目申报数": "applications_submitted",
    "项目获批数": "applications_approved",
    "经费按期执行率": "funds_used_on_time_pct",
    "辖区青年人数": "youth_population",
}
"""Numbers about a hub that the framework knows; another may be given by its code, such as books_count."""
