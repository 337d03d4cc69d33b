"""Invented people: names put together by chance from plain characters, and addresses that reach nobody."""

from __future__ import annotations

from random import Random

SURNAMES = (
    "沈陆顾苏叶钟段雷侯邵孟龙万秦江尹薛闫贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜"
    "方石姚谭廖邹熊金戴夏范潘田董袁邓许傅曾彭吕卢蒋蔡贾丁魏余杜程冯梁宋郑谢韩唐"
)
COMPOUND_SURNAMES = ("欧阳", "司徒", "上官", "诸葛", "令狐")
FIRST = "安乐知若书景云清子一以可初星禾望未南北屿言亦思舟朝暮晚晴予念修远闻松竹"
SECOND = "禾宁远舟川白溪野然青和月雨澄阳桐棠松石宇秋夏冬岚汐晨林荞苇柏蓝杉遥朗"
LATIN_FIRST = (
    "Mira",
    "Jonas",
    "Alva",
    "Tomas",
    "Lena",
    "Omar",
    "Nadia",
    "Felix",
    "Ines",
    "Pavel",
    "Runa",
    "Silas",
)
LATIN_LAST = (
    "Holtby",
    "Marsh",
    "Okafor",
    "Lindqvist",
    "Varga",
    "Tamm",
    "Rosales",
    "Keane",
    "Dubrovin",
    "Achterberg",
)

COMPOUND_SHARE = 0.01
LATIN_SHARE = 0.3
"""Of those who read English, how many have a name in Latin letters."""


def chinese_name(dice: Random, surname: str | None = None) -> str:
    """Return a surname and a given name of two characters that nobody in particular bears."""
    return (surname or _surname(dice)) + dice.choice(FIRST) + dice.choice(SECOND)


def name(dice: Random, *, english: bool) -> str:
    """Return the name of somebody who reads Chinese or English."""
    if english and dice.random() < LATIN_SHARE:
        return f"{dice.choice(LATIN_FIRST)} {dice.choice(LATIN_LAST)}"
    return chinese_name(dice)


def guardian_name(dice: Random, minor: str) -> str:
    """Return the name of a minor's guardian, who shares the surname."""
    if minor.isascii():
        return f"{dice.choice(LATIN_FIRST)} {minor.rsplit(maxsplit=1)[-1]}"
    return chinese_name(dice, minor[:-2])


def phone(dice: Random) -> str:
    """Return a number of the range 199 00..., which the demo keeps for invented people."""
    return f"19900{dice.randrange(1_000_000):06}"


def _surname(dice: Random) -> str:
    return dice.choice(COMPOUND_SURNAMES if dice.random() < COMPOUND_SHARE else SURNAMES)
