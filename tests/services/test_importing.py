"""Getting a network in: what goes in once, what a corrected file changes, and what is left alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from sqlmodel import Session, col, select

from documents.sheets import Sheet
from models import (
    Activity,
    AuditEntry,
    Availability,
    BackgroundCheck,
    BlockOut,
    Consent,
    Guardian,
    Hub,
    HubFact,
    Message,
    Participant,
    Participation,
    Person,
    PersonSkill,
    Role,
    Series,
    SeriesNeed,
    Skill,
    Unit,
    Volunteer,
)
from models.session import open_session
from models.states import ConsentState, PersonState
from services.importing.network import import_tables
from services.importing.report import ImportReport

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)

NETWORK: dict[str, list[list[Any]]] = {
    "单位": [["编号", "名称", "级别", "上级"], ["XC", "西城区", "区", None], ["DS", "德胜街道", "街道", "XC"]],
    "合作机构": [["编号", "名称"], ["P1", "同舟里社工事务所"]],
    "技能": [["编号", "名称", "包含"], ["aid", "急救", None], ["trainer", "急救师资", "急救"]],
    "青年汇": [
        ["编号", "名称", "街道", "机构", "示范", "经度", "纬度"],
        ["H1", "悦读时光书城", "德胜街道", "P1", "是", 116.37, 39.95],
        ["H2", "晨光里书店", "DS", None, "否", None, None],
    ],
    "青年汇数据": [["青年汇", "指标", "数值", "截至日期"], ["H1", "室内面积", "88", "2026-06-30"]],
    "场地": [["编号", "青年汇", "名称", "容纳人数"], ["V1", "H1", "活动室", "30人"]],
    "设备": [["编号", "青年汇", "名称", "数量"], ["E1", "H1", "投影仪", 1]],
    "志愿者": [
        ["编号", "姓名", "手机", "出生日期", "所属青年汇", "技能", "空闲时间", "核查日期", "核查有效期", "兴趣"],
        ["P1", "沈之槐", 19900000001.0, "2001年3月5日", "H1", "急救", "周六 9:00-12:00；周日下午", "2026-01-10", "2028-01-09", "阅读、音乐"],
        ["P2", "乔安禾", "199 0000 0002", "2010/3/5", "晨光里书店", None, "工作日晚上", None, None, None],
    ],
    "工作人员": [
        ["编号", "姓名", "角色", "负责范围", "所属机构"],
        ["C1", "顾念舟", "社工", "H1、H2", "P1"],
        ["M1", "叶知秋", "管理者", "XC", None],
        ["A1", "钟书野", "评估人", None, None],
    ],
    "不便时间": [["人员", "开始", "结束"], ["P1", "2026-12-01", "2026-12-03 18:00"]],
    "参与者": [["编号", "青年汇", "姓名", "年龄段", "出生日期"], ["Y1", "H1", "邬清和", "18-24岁", None], ["Y2", "H1", "薛一禾", None, "2012-02-29"]],
    "监护人": [
        ["未成年人编号", "姓名", "邮箱", "是否同意", "答复日期"],
        ["P2", "乔望舒", "qiao@families.example", "同意", "2026-09-01"],
        ["Y2", "薛闻松", "xue@families.example", None, None],
    ],
    "系列活动": [["编号", "青年汇", "名称", "规律", "起始日期", "时长"], ["S1", "H1", "老物件修理角", "每周六 14:00", "2026-11-01", "150分钟"]],
    "空位": [["系列编号", "做什么", "人数", "技能"], ["S1", "接待", 2, None], ["S1", "师傅", 1, "急救师资"]],
    "往期活动": [["编号", "青年汇", "名称", "日期", "开始时间"], ["O1", "H1", "共读一小时", "2026-10-10", "14:00"]],
    "参加记录": [["活动编号", "参与者编号", "到场"], ["O1", "Y1", "来了"], ["O1", "Y2", "请假"]],
}  # fmt: skip


def network(**changed: list[list[Any]]) -> list[Sheet]:
    return [Sheet(name, changed.get(name, rows)) for name, rows in NETWORK.items()]


def take_in(session: Session, sheets: list[Sheet], **options: Any) -> ImportReport:
    report = import_tables(session, sheets, now=NOW, **options)
    assert [problem.sentence.en for problem in report.problems] == []
    return report


def counts(report: ImportReport) -> dict[str, tuple[int, int, int]]:
    return {table.table: (table.added, table.changed, table.unchanged) for table in report.tables}


def person(session: Session, code: str) -> Person:
    return session.exec(select(Person).where(Person.code == code)).one()


def with_cell(name: str, row: int, column: int, value: Any) -> dict[str, list[list[Any]]]:
    rows = [list(cells) for cells in NETWORK[name]]
    rows[row][column] = value
    return {name: rows}


ADDED = {
    "units": (2, 0, 0),
    "partners": (1, 0, 0),
    "skills": (2, 0, 0),
    "hubs": (2, 0, 0),
    "facts": (1, 0, 0),
    "venues": (1, 0, 0),
    "equipment": (1, 0, 0),
    "people": (5, 0, 0),
    "block_outs": (1, 0, 0),
    "participants": (2, 0, 0),
    "guardians": (2, 0, 0),
    "series": (1, 0, 0),
    "needs": (2, 0, 0),
    "activities": (1, 0, 0),
    "participations": (2, 0, 0),
}


def test_network_goes_in_whole(session: Session) -> None:
    assert counts(take_in(session, network())) == ADDED
    unit = session.exec(select(Unit).where(Unit.code == "DS")).one()
    hub = session.exec(select(Hub).where(Hub.code == "H1")).one()
    root = session.exec(select(Unit).where(Unit.code == "XC")).one()
    assert (unit.parent_id, unit.path, root.path) == (root.id, f"/{root.id}/{unit.id}/", f"/{root.id}/")
    assert (hub.name_zh, hub.unit_id, hub.is_demonstration) == ("悦读时光书城", unit.id, True)
    assert [(f.fact, f.value, f.as_of) for f in session.exec(select(HubFact))] == [
        ("venue_area_m2", 88.0, date(2026, 6, 30))
    ]
    higher = session.exec(select(Skill).where(Skill.code == "trainer")).one()
    lower = session.exec(select(Skill).where(Skill.code == "aid")).one()
    assert higher.covers_id == lower.id


def test_volunteer_goes_in_with_everything_that_matching_reads(session: Session) -> None:
    take_in(session, network())
    who = person(session, "P1")
    volunteer = session.get(Volunteer, who.id)
    hub = session.exec(select(Hub).where(Hub.code == "H1")).one()
    assert volunteer is not None
    assert (who.phone, who.birth_date, who.state) == ("19900000001", date(2001, 3, 5), PersonState.ACTIVE)
    assert (volunteer.home_hub_id, volunteer.interests, volunteer.radius_km) == (hub.id, "阅读,音乐", 5.0)
    windows = session.exec(
        select(Availability).where(Availability.person_id == who.id).order_by(col(Availability.weekday))
    )
    assert [(w.weekday, w.start_minute, w.end_minute) for w in windows] == [(5, 540, 720), (6, 780, 1080)]
    assert [c.expires_on for c in session.exec(select(BackgroundCheck))] == [date(2028, 1, 9)]
    assert len(session.exec(select(PersonSkill).where(PersonSkill.person_id == who.id)).all()) == 1
    block = session.exec(select(BlockOut)).one()
    assert (block.starts_at, block.ends_at) == (
        datetime(2026, 11, 30, 16, tzinfo=UTC),
        datetime(2026, 12, 3, 10, tzinfo=UTC),
    )


def test_roles_are_scoped_to_hubs_units_or_nothing(session: Session) -> None:
    take_in(session, network())
    hubs = {hub.id: hub.code for hub in session.exec(select(Hub))}
    units = {unit.id: unit.code for unit in session.exec(select(Unit))}
    people = {one.id: one.code for one in session.exec(select(Person))}
    roles = {
        (people[r.person_id], r.kind, hubs.get(r.hub_id), units.get(r.unit_id))
        for r in session.exec(select(Role))
    }
    assert roles == {
        ("P1", "volunteer", "H1", None),
        ("P2", "volunteer", "H2", None),
        ("C1", "coordinator", "H1", None),
        ("C1", "coordinator", "H2", None),
        ("M1", "manager", None, "XC"),
        ("A1", "assessor", None, None),
    }


def test_series_and_needs_go_in_as_the_planner_reads_them(session: Session) -> None:
    take_in(session, network())
    series = session.exec(select(Series)).one()
    assert (series.rrule, series.start_time, series.duration_minutes, series.capacity) == (
        "FREQ=WEEKLY;BYDAY=SA",
        time(14),
        150,
        20,
    )
    needs = session.exec(select(SeriesNeed).order_by(col(SeriesNeed.desired))).all()
    assert [(n.role_zh, n.minimum, n.desired, n.maximum, n.skill_id is None) for n in needs] == [
        ("师傅", 1, 1, 1, False),
        ("接待", 1, 2, 2, True),
    ]


def test_past_activities_say_whom_a_hub_has_served(session: Session) -> None:
    take_in(session, network())
    activity = session.exec(select(Activity)).one()
    assert (activity.state, activity.starts_at, activity.ends_at) == (
        "done",
        datetime(2026, 10, 10, 6, tzinfo=UTC),
        datetime(2026, 10, 10, 8, tzinfo=UTC),
    )
    young = {one.id: one.code for one in session.exec(select(Participant))}
    came = {young[p.participant_id]: (p.state, p.presence) for p in session.exec(select(Participation))}
    assert came == {"Y1": ("signed_up", "present"), "Y2": ("signed_up", "excused")}


def test_guardians_yes_lasts_a_year_and_an_open_question_is_no_consent(session: Session) -> None:
    take_in(session, network())
    assert len(session.exec(select(Guardian)).all()) == 2
    consent = session.exec(select(Consent)).one()
    assert (consent.purpose, consent.state, consent.expires_on) == (
        "volunteering",
        "granted",
        date(2027, 9, 1),
    )
    assert person(session, "P2").state == PersonState.ACTIVE


def test_young_volunteer_waits_for_the_guardian_and_begins_with_the_yes(session: Session) -> None:
    take_in(session, network(**with_cell("监护人", 1, 3, None)))
    assert person(session, "P2").state == PersonState.AWAITING_CONSENT
    take_in(session, network())
    session.expire_all()
    assert person(session, "P2").state == PersonState.ACTIVE


def test_consent_withdrawn_since_is_not_given_back_by_the_same_file(session: Session) -> None:
    take_in(session, network())
    consent = session.exec(select(Consent)).one()
    consent.state = ConsentState.WITHDRAWN
    session.add(consent)
    session.flush()
    take_in(session, network())
    session.expire_all()
    assert session.exec(select(Consent)).one().state == ConsentState.WITHDRAWN


def test_same_file_again_changes_nothing_and_leaves_no_trail(session: Session) -> None:
    take_in(session, network())
    trail = len(session.exec(select(AuditEntry)).all())
    report = take_in(session, network())
    assert counts(report) == {table: (0, 0, added) for table, (added, _, _) in ADDED.items()}
    assert len(session.exec(select(AuditEntry)).all()) == trail


@pytest.mark.parametrize("times", [1, 2])
def test_dry_run_counts_the_same_and_writes_nothing(session: Session, times: int) -> None:
    for _ in range(times):
        report = take_in(session, network(), dry_run=True)
        assert counts(report) == ADDED
    assert session.exec(select(Person)).all() == []
    assert session.exec(select(AuditEntry)).all() == []


def test_dry_run_of_a_corrected_file_counts_as_the_import_will(session: Session) -> None:
    take_in(session, network())
    changed = network(**with_cell("志愿者", 1, 6, "周六上午"))
    dry = take_in(session, changed, dry_run=True)
    assert (dry.added, dry.changed) == (0, 1)
    assert counts(dry) == counts(take_in(session, changed))


def test_corrected_cell_updates_one_row_with_its_old_and_new_value(session: Session) -> None:
    take_in(session, network())
    report = take_in(session, network(**with_cell("志愿者", 1, 1, "沈之怀")), by=person(session, "M1").id)
    assert counts(report)["people"] == (0, 1, 4)
    assert (report.added, report.changed) == (0, 1)
    entry = session.exec(select(AuditEntry).order_by(col(AuditEntry.id).desc())).first()
    assert entry is not None
    assert (entry.verb, entry.thing, entry.thing_id, entry.changes, entry.by_id) == (
        "import.changed",
        "person",
        person(session, "P1").id,
        {"name": ["沈之槐", "沈之怀"]},
        person(session, "M1").id,
    )


def test_corrected_lists_replace_the_old_ones(session: Session) -> None:
    take_in(session, network())
    report = take_in(session, network(**with_cell("志愿者", 1, 5, "急救师资")))
    assert counts(report)["people"] == (0, 1, 4)
    who = person(session, "P1").id
    held = session.exec(select(Skill.code).join(PersonSkill).where(PersonSkill.person_id == who)).all()
    assert held == ["trainer"]


def test_columns_that_a_file_lacks_are_left_as_they_are(session: Session) -> None:
    take_in(session, network())
    report = take_in(session, [Sheet("志愿者", [["编号", "姓名"], ["P1", "沈之怀"]])])
    assert counts(report) == {"people": (0, 1, 0)}
    who = person(session, "P1")
    assert (who.phone, who.birth_date) == ("19900000001", date(2001, 3, 5))
    assert len(session.exec(select(Availability).where(Availability.person_id == who.id)).all()) == 2
    assert len(session.exec(select(Role).where(Role.person_id == who.id)).all()) == 1


def test_unit_that_moves_takes_its_branch_along(session: Session) -> None:
    take_in(session, network())
    rows = [
        ["编号", "名称", "上级"],
        ["NEW", "新片区", "XC"],
        ["DS", "德胜街道", "NEW"],
        ["SQ", "安德路社区", "DS"],
    ]
    take_in(session, [Sheet("单位", rows)])
    ids = {unit.code: unit.id for unit in session.exec(select(Unit))}
    session.expire_all()
    paths = {unit.code: unit.path for unit in session.exec(select(Unit))}
    assert paths["SQ"] == f"/{ids['XC']}/{ids['NEW']}/{ids['DS']}/{ids['SQ']}/"


def test_need_that_the_file_no_longer_has_is_taken_away(session: Session) -> None:
    take_in(session, network())
    report = take_in(session, network(空位=[["系列编号", "做什么", "人数"], ["S1", "接待", 2]]))
    assert [need.role_zh for need in session.exec(select(SeriesNeed))] == ["接待"]
    assert counts(report)["needs"] == (0, 1, 0)


def test_english_headers_bring_in_the_same(session: Session) -> None:
    take_in(session, network())
    rows = [
        ["Unit code", "Name", "Kind", "Parent unit"],
        ["XC", "西城区", "district", ""],
        ["DS", "德胜街道", "sub-district", "XC"],
    ]
    assert counts(take_in(session, [Sheet("Units", rows)])) == {"units": (0, 0, 2)}


def test_minors_without_a_guardian_are_counted_and_kept(session: Session) -> None:
    report = take_in(session, network(监护人=NETWORK["监护人"][:2]))
    assert [note.en for note in report.notes] == [
        "1 minor has no guardian in the file; nobody under 18 is placed before a guardian consents."
    ]


def asked(session: Session) -> list[tuple[str, str]]:
    mails = session.exec(select(Message).where(Message.kind == "consent").order_by(col(Message.id)))
    return [(mail.to_address, mail.kind) for mail in mails]


def test_guardian_of_a_young_volunteer_without_an_answer_is_asked_once(session: Session) -> None:
    silent = with_cell("监护人", 1, 3, None)
    trial = take_in(session, network(**silent), dry_run=True)
    assert (trial.asked, asked(session)) == (1, [])
    assert "1 guardian would be asked by mail" in trial.sentence.en
    report = take_in(session, network(**silent))
    assert (report.asked, person(session, "P2").state) == (1, PersonState.AWAITING_CONSENT)
    assert "1 guardian is asked for consent by mail" in report.sentence.en
    assert take_in(session, network(**silent)).asked == 0
    assert asked(session) == [("qiao@families.example", "consent")]


def test_nobody_is_asked_whose_answer_stands_in_the_file(session: Session) -> None:
    assert take_in(session, network()).asked == 0
    assert asked(session) == []


def test_two_imports_at_once_of_one_file_add_every_row_once(database: str) -> None:
    with ThreadPoolExecutor(1) as other:
        with open_session(database) as session:
            first = take_in(session, network())
            second = other.submit(_take_in_alone, database)
            wait([second], timeout=0.5)  # it has begun meanwhile, and waits for us
        assert (counts(first), second.result(30).added) == (ADDED, 0)


def _take_in_alone(database: str) -> ImportReport:
    with open_session(database) as session:
        return take_in(session, network())
