"""The demo's district: what it promises to whoever lives through it."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cli.demo.catalogue import SUB_DISTRICTS
from cli.demo.district import district, write_district

START = date(2026, 11, 23)
Tables = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def xicheng() -> Tables:
    sheets = district(seed=2026, hubs=177, volunteers=2000, participants_per_hub=40, start=START)
    return {
        sheet.name: [dict(zip(sheet.rows[0], row, strict=True)) for row in sheet.rows[1:]] for sheet in sheets
    }


def of(rows: list[dict[str, Any]], column: str) -> list[Any]:
    return [row[column] for row in rows]


def test_district_has_its_real_sub_districts_and_invented_hubs(xicheng: Tables) -> None:
    hubs = xicheng["青年汇"]
    assert len(SUB_DISTRICTS) == 15
    assert set(of(hubs, "所属单位")) == {code for code, *_ in SUB_DISTRICTS}
    assert (len(hubs), len(set(of(hubs, "名称"))), hubs[0]["名称"]) == (177, 177, "悦读时光书城")
    assert Counter(of(hubs, "示范"))["是"] == 5
    assert hubs[0]["示范"] == "是"


def test_every_hub_has_a_coordinator_and_a_frame_to_draw_residents_from(xicheng: Tables) -> None:
    coordinators = {row["负责范围"] for row in xicheng["人员"] if row["角色"] == "社工"}
    hub_of = {row["活动编号"]: row["青年汇"] for row in xicheng["往期活动"]}
    served: defaultdict[str, set[str]] = defaultdict(set)
    for row in xicheng["参加记录"]:
        if row["到场"] == "来了":
            served[hub_of[row["活动编号"]]].add(row["参与者编号"])
    assert coordinators == set(served) == set(of(xicheng["青年汇"], "青年汇编号"))
    assert min(len(people) for people in served.values()) >= 25
    assert all((START - row["日期"]).days < 365 for row in xicheng["往期活动"])


def test_week_holds_enough_activities_and_places(xicheng: Tables) -> None:
    weekly = [row for row in xicheng["系列活动"] if row["规律"].startswith("每周")]
    every_other = len(xicheng["系列活动"]) - len(weekly)
    places = sum(of(xicheng["空位"], "希望"))
    assert len(weekly) >= 130
    assert 550 <= places * (len(weekly) + every_other / 2) / len(xicheng["系列活动"]) <= 700
    assert {15 <= capacity <= 24 for capacity in of(xicheng["系列活动"], "名额")} == {True}


def test_volunteers_are_as_different_as_people_are(xicheng: Tables) -> None:
    volunteers = [row for row in xicheng["人员"] if row["角色"] == "志愿者"]
    minors = [row for row in volunteers if (START - row["出生日期"]).days < 18 * 365]
    checks = [row["核查有效期"] for row in volunteers if row["核查有效期"]]
    assert 0.04 < len(minors) / len(volunteers) < 0.08
    assert 0.07 < sum(day < START for day in checks) / len(checks) < 0.13
    assert 0.12 < Counter(of(volunteers, "语言"))["英文"] / len(volunteers) < 0.18
    guardians = {row["未成年人编号"]: row["是否同意"] for row in xicheng["监护人"]}
    assert 0 < sum(row["人员编号"] not in guardians for row in minors) < len(minors) / 4
    assert {guardians.get(row["人员编号"]) for row in minors} == {None, "", "同意"}


def test_nobody_can_be_reached_by_chance(xicheng: Tables) -> None:
    people = [*xicheng["人员"], *xicheng["参与者"], *xicheng["监护人"]]
    assert {row["邮箱"].rpartition(".")[2] for row in people} == {"example"}
    assert {row["电话"][:5] for row in people} == {"19900"}


def test_same_seed_writes_the_same_bytes_and_another_does_not(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write_district(tmp_path / name, seed=seed, hubs=3, volunteers=50, start=START)
    first, again, other = (
        {file.name: file.read_bytes() for file in (tmp_path / name).iterdir()} for name in ("a", "b", "c")
    )
    assert first == again
    assert first != other


def test_more_volunteers_leave_the_hubs_as_they_were() -> None:
    few, many = (
        district(seed=1, hubs=5, volunteers=count, participants_per_hub=5, start=START) for count in (10, 40)
    )
    assert [sheet.rows for sheet in few[:7]] == [sheet.rows for sheet in many[:7]]


@pytest.mark.parametrize(("hubs", "volunteers"), [(1, 20), (2, 20), (15, 100)])
def test_small_district_is_whole(hubs: int, volunteers: int) -> None:
    sheets = {
        s.name: s
        for s in district(seed=3, hubs=hubs, volunteers=volunteers, participants_per_hub=40, start=START)
    }
    assert len(sheets["青年汇"].rows) == hubs + 1
    assert sum("志愿者" in row for row in sheets["人员"].rows) == volunteers
