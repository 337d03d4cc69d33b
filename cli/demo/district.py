"""A plausible Xicheng from a seed: its real sub-districts, and hubs, people and activities that nobody knows.

It is written as an office would hand it in, and goes in by the same import as any other network.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

from cli.demo import happenings, people
from cli.demo.catalogue import (
    AGENCIES,
    DISTRICT,
    FIRST_HUB,
    HUB_KINDS,
    HUB_WORDS,
    OUTSIDE,
    SKILLS,
    SUB_DISTRICTS,
)
from cli.demo.people import HubPlace, Row
from documents.columns import TableForm
from documents.sheets import Sheet
from documents.workbooks import workbook_of
from services.importing.forms import FORMS

DEMONSTRATION_HUBS = 5
WITHOUT_A_FACT = 0.03
FACTS: tuple[tuple[str, float, float, int], ...] = (
    ("室内面积", 38, 165, 0),
    ("每周开放小时", 10, 48, 0),
    ("专职社工人数", 1, 4, 0),
    ("持证社工比例", 20, 100, 0),
    ("项目申报数", 0, 6, 0),
    ("经费按期执行率", 58, 100, 1),
    ("辖区青年人数", 300, 2600, 0),
)
"""What an office counts, from how much to how much, and with how many decimals."""


def write_district(
    path: Path,
    *,
    seed: int,
    hubs: int = 177,
    volunteers: int = 20_000,
    participants_per_hub: int = 40,
    start: date,
) -> None:
    """Write a district to an .xlsx workbook or, for any other name, a folder of .csv files.

    The same arguments give the same bytes of .csv. `start` is the demo's first day.
    """
    sheets = district(
        seed=seed, hubs=hubs, volunteers=volunteers, participants_per_hub=participants_per_hub, start=start
    )
    if path.suffix.lower() == ".xlsx":
        path.write_bytes(workbook_of(sheets))
        return
    path.mkdir(parents=True, exist_ok=True)
    for number, sheet in enumerate(sheets, 1):
        # With a byte order mark, so that a spreadsheet opened by a double click shows Chinese.
        with (path / f"{number:02}-{sheet.name}.csv").open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows(sheet.rows)


def district(*, seed: int, hubs: int, volunteers: int, participants_per_hub: int, start: date) -> list[Sheet]:
    """Return the district as sheets."""
    hub_rows = list(_hubs(hubs, _dice(seed, "hubs")))
    places = [HubPlace(row["code"], row["partner"], row["lon"], row["lat"]) for row in hub_rows]
    helpers = list(people.volunteers(volunteers, places, _dice(seed, "volunteers"), start))
    served = list(people.participants(places, participants_per_hub, _dice(seed, "participants"), start))
    minors = [row for row in (*helpers, *served) if people.is_minor(row, start)]
    series = list(happenings.series(places, _dice(seed, "series"), start))
    past = list(happenings.past_activities(places, _dice(seed, "past"), start))
    rows: dict[str, Iterable[Row]] = {
        "units": _units(),
        "partners": _partners(),
        "skills": ({"code": c, "name_zh": zh, "name_en": en, "covers": up} for c, zh, en, up, _ in SKILLS),
        "hubs": hub_rows,
        "facts": _facts(places, _dice(seed, "facts"), start),
        "venues": _venues(places, _dice(seed, "venues")),
        "equipment": _equipment(places),
        "terms": _terms(start),
        "people": [*people.staff(places, _dice(seed, "staff"), start), *helpers],
        "block_outs": people.away(helpers, _dice(seed, "away"), start),
        "participants": served,
        "guardians": people.guardians(minors, _dice(seed, "guardians"), start),
        "series": series,
        "uses": happenings.uses(series),
        "needs": happenings.needs(series, _dice(seed, "needs")),
        "activities": past,
        "participations": happenings.participations(past, served, _dice(seed, "came")),
    }
    return [_sheet(form, rows[form.key]) for form in FORMS if form.key in rows]


def _dice(seed: int, part: str) -> Random:
    # A stream a part: more volunteers leave the hubs as they were.
    return Random(f"{seed}:{part}")  # noqa: S311 -- for play, not for secrets


def _sheet(form: TableForm, rows: Iterable[Row]) -> Sheet:
    held = list(rows)
    columns = [
        column for column in form.columns if any(row.get(column.key) not in (None, "") for row in held)
    ]
    header: list[Any] = [column.zh for column in columns]
    return Sheet(form.zh, [header, *([row.get(column.key) for column in columns] for row in held)])


def _units() -> Iterator[Row]:
    code, zh, en = DISTRICT
    yield {"code": code, "name_zh": zh, "name_en": en, "kind": "区"}
    for sub, sub_zh, sub_en, _, _ in SUB_DISTRICTS:
        yield {"code": sub, "name_zh": sub_zh, "name_en": sub_en, "kind": "街道", "parent": code}


def _partners() -> Iterator[Row]:
    for kind, partners in (("社工事务所", AGENCIES), ("单位", OUTSIDE)):
        for code, zh, en in partners:
            yield {"code": code, "name_zh": zh, "name_en": en, "kind": kind}


def _hubs(count: int, dice: Random) -> Iterator[Row]:
    names = list(product(HUB_WORDS, HUB_KINDS))
    dice.shuffle(names)
    every = max(1, count // DEMONSTRATION_HUBS)
    for number in range(count):
        (word_zh, word_en), (kind_zh, kind_en, gathered, peers) = names[number % len(names)]
        unit, unit_zh, _, lon, lat = SUB_DISTRICTS[number % len(SUB_DISTRICTS)]
        is_first = number == 0
        shown = number % every == 0 and number // every < DEMONSTRATION_HUBS
        yield {
            "code": f"XC-{number + 1:03}",
            "name_zh": FIRST_HUB[0] if is_first else word_zh + kind_zh,
            "name_en": FIRST_HUB[1] if is_first else f"{word_en} {kind_en}",
            "unit": unit,
            "partner": AGENCIES[dice.randrange(len(AGENCIES))][0],
            "is_demonstration": "是" if shown else "否",
            "peer_group": "文化空间" if is_first else peers,
            "gathered_by": {"place": "地域", "hobby": "爱好", "work": "工作"}[
                "hobby" if is_first else gathered
            ],
            "address": f"{unit_zh.removesuffix('街道')}{word_zh}胡同{dice.randrange(1, 90)}号",
            "lon": round(lon + dice.uniform(-0.008, 0.008), 5),
            "lat": round(lat + dice.uniform(-0.006, 0.006), 5),
            "is_open": "是",
        }


def _facts(hubs: Sequence[HubPlace], dice: Random, start: date) -> Iterator[Row]:
    as_of = start.replace(day=1) - timedelta(days=1)
    for hub in hubs:
        for fact, least, most, decimals in FACTS:
            value = round(dice.uniform(least, most), decimals)
            if dice.random() > WITHOUT_A_FACT:
                yield {
                    "hub": hub.code,
                    "fact": fact,
                    "value": value if decimals else int(value),
                    "as_of": as_of,
                }


def _venues(hubs: Sequence[HubPlace], dice: Random) -> Iterator[Row]:
    for hub in hubs:
        for number, name in enumerate(("活动室", "小教室")[: 1 + (dice.random() < 0.5)], 1):  # noqa: PLR2004 -- every other hub
            area = dice.randrange(35, 90) // number
            yield {
                "code": f"{hub.code}-V{number}",
                "hub": hub.code,
                "name": name,
                "capacity": area // 2 + 8,
                "area_m2": area,
            }


def _terms(start: date) -> Iterator[Row]:
    """Yield the two terms of the school year in which the demo starts."""
    year = start.year - (start.month < 9)  # noqa: PLR2004 -- the school year begins in September
    names = (("秋季学期", "autumn term"), ("春季学期", "spring term"))
    spans = (((year, 9, 1), (year + 1, 1, 22)), ((year + 1, 2, 22), (year + 1, 7, 9)))
    for (zh, en), (first, last) in zip(names, spans, strict=True):
        yield {
            "code": f"{first[0]}{zh[0]}",
            "name_zh": f"{first[0]}年{zh}",
            "name_en": f"{en} {first[0]}",
            "starts_on": date(*first),
            "ends_on": date(*last),
        }


def _equipment(hubs: Sequence[HubPlace]) -> Iterator[Row]:
    for hub in hubs:
        for number, (name, quantity) in enumerate((("投影仪", 1), ("折叠桌", 8)), 1):
            yield {"code": f"{hub.code}-E{number}", "hub": hub.code, "name": name, "quantity": quantity}
