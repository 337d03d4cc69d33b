"""Invented young people who sign up, and their guardians."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from simulator.behaviour import ENGLISH_SHARE, MINORS_SHARE, Dice

SURNAMES = "沈陆顾苏叶钟段雷侯邵孟龙万秦江尹薛闫贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜"
FIRST = "安乐知若书景云清子一以可初星禾望未南北屿言亦思舟朝暮晚晴"
SECOND = "禾宁远舟川白溪野然青和月雨澄阳桐棠松石宇秋夏冬岚汐晨林"
DAYS_A_YEAR = 365.2425
NOT_ASKED = ""


@dataclass(frozen=True)
class YoungPerson:
    """Somebody who signs up for an activity, with a guardian if they are a minor."""

    name: str
    email: str
    phone: str
    birth_date: date
    language: str
    guardian_name: str = NOT_ASKED
    guardian_email: str = NOT_ASKED


def young_person(dice: Dice, hub: str, number: int, today: date) -> YoungPerson:
    """Return young person `number` of the neighbourhood of `hub`: always the same one."""
    who = ("young", hub, number)
    is_minor = dice.roll("minor", *who) < MINORS_SHARE
    age_days = DAYS_A_YEAR * (
        14.2 + 3.4 * dice.roll("age", *who) if is_minor else 18.3 + 11 * dice.roll("age", *who)
    )
    surname = SURNAMES[dice.whole(0, len(SURNAMES) - 1, "surname", *who)]
    mailbox = f"{hub.lower()}-{number:03}"
    return YoungPerson(
        name=surname + _given(dice, *who),
        email=f"{mailbox}@young.example",
        phone=f"1990000{dice.whole(0, 9999, 'phone', *who):04}",
        birth_date=today - timedelta(days=int(age_days)),
        language="en" if dice.roll("language", *who) < ENGLISH_SHARE else "zh-Hans",
        guardian_name=surname + _given(dice, "guardian", *who) if is_minor else NOT_ASKED,
        guardian_email=f"{mailbox}@family.example" if is_minor else NOT_ASKED,
    )


def _given(dice: Dice, *who: object) -> str:
    return (
        FIRST[dice.whole(0, len(FIRST) - 1, "first", *who)]
        + SECOND[dice.whole(0, len(SECOND) - 1, "second", *who)]
    )
