"""Open a cycle: take the hubs in, assign assessors, draw residents, and write to all of them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import insert
from sqlmodel import Session, col, select

from config.text import Refusal, Text, plural
from evaluation.assignment import assign
from evaluation.framework import Framework
from evaluation.sampling import Plan, draw
from models import Assessment, Cycle, CycleHub, Hub, Invitation, Unit
from models.states import AssessmentState, CycleState, InvitationState
from services import audit
from services.access import branch_hubs
from services.errors import HubError, NotFound
from services.evaluation_assessors import assessors, to_assess
from services.evaluation_cycles import STAGES, period_of, require_order, today_of
from services.evaluation_frame import resting, served
from services.evaluation_mails import queue_assessments, queue_surveys
from services.frameworks import framework_of, newest_framework
from services.queries import batches, id_of

ANSWER_TIME = timedelta(days=6)
DEFAULT_FRAMEWORK = "youth-hub"


@dataclass(frozen=True)
class CycleOpened:
    """Hold what opening a cycle did; all zero when it was open already."""

    cycle: str
    hubs: int = 0
    assessments: int = 0
    residents: int = 0
    mails: int = 0
    sentences: tuple[Text, ...] = ()


def open_cycle(
    session: Session,
    *,
    code: str,
    unit: str,
    now: datetime,
    framework_code: str = DEFAULT_FRAMEWORK,
    year: int | None = None,
    stage: str = "year_end",
    period: tuple[date, date] | None = None,
    closes_at: datetime | None = None,
    seed: int | None = None,
    residents_per_hub: int = 12,
    assessors_per_hub: int = 2,
    pilot: bool = False,
    applies_severity: bool = False,
    by: int | None = None,
) -> CycleOpened:
    """Open a cycle over the branch of `unit`; opening it again changes nothing and writes to nobody.

    A pilot takes the demonstration hubs alone. Unless told, a cycle counts the year and asks for six days.
    """
    if session.exec(select(Cycle.id).where(Cycle.code == code)).first() is not None:
        told = Text(f"评估{code}早已开始。", f"Evaluation {code} is open already.")
        return CycleOpened(code, sentences=(told,))
    year = year or today_of(now).year
    top = _unit(session, unit)
    name = _name(year, stage, pilot=pilot)
    cycle = Cycle(
        code=code,
        name_zh=name.zh,
        name_en=name.en,
        framework_id=id_of(newest_framework(session, framework_code, now=now)),
        unit_id=id_of(top),
        year=year,
        stage=stage,
        period_start=period[0] if period else date(year, 1, 1),
        period_end=period[1] if period else date(year, 12, 31),
        opened_at=now,
        closes_at=closes_at or now + ANSWER_TIME,
        seed=_seed_of(code) if seed is None else seed,
        residents_per_hub=residents_per_hub,
        assessors_per_hub=assessors_per_hub,
        is_pilot=pilot,
        applies_severity=applies_severity,
        state=CycleState.COLLECTING,
    )
    _require_sense(cycle, now)
    require_order(session, cycle)
    return _open(session, cycle, _hubs(session, top, pilot=pilot), now=now, by=by)


def _open(
    session: Session, cycle: Cycle, hubs: Sequence[Hub], *, now: datetime, by: int | None
) -> CycleOpened:
    session.add(cycle)
    session.flush()
    audit.record(session, cycle, "open", now=now, by=by)
    framework = framework_of(session, cycle)
    lacking = _assign(session, cycle, hubs)
    small = _draw(session, cycle, hubs, framework, now)
    mails = queue_assessments(session, cycle, now=now) + queue_surveys(session, cycle, framework, now=now)
    assessments = _count(session, Assessment, cycle)
    residents = _count(session, Invitation, cycle)
    opened = CycleOpened(cycle.code, len(hubs), assessments, residents, mails)
    return replace(opened, sentences=tuple(_sentences(cycle, opened, lacking, small)))


def _unit(session: Session, code: str) -> Unit:
    unit = session.exec(select(Unit).where(Unit.code == code)).first()
    if unit is None:
        raise NotFound(Refusal("no_unit", Text(f"没有单位“{code}”。", f'There is no unit "{code}".')))
    return unit


def _name(year: int, stage: str, *, pilot: bool) -> Text:
    if stage not in STAGES:
        choices = "、".join(STAGES)
        raise HubError(
            Refusal(
                "no_stage",
                Text(
                    f"没有阶段“{stage}”，可用的有：{choices}。",
                    f'There is no stage "{stage}"; it takes {choices}.',
                ),
            )
        )
    word = STAGES[stage]
    trial = Text("（试评）", " (pilot)") if pilot else Text("", "")
    return Text(f"{year}年{word.zh}{trial.zh}", f"{year} {word.en} evaluation{trial.en}")


def _require_sense(cycle: Cycle, now: datetime) -> None:
    wrong = []
    if cycle.period_end < cycle.period_start:
        wrong.append(Refusal("period", Text("评估期的结束早于开始。", "The period ends before it begins.")))
    if cycle.closes_at <= now:
        wrong.append(Refusal("closes_at", Text("截止时间已经过了。", "The closing time is over already.")))
    if cycle.residents_per_hub < 1 or cycle.assessors_per_hub < 1:
        wrong.append(
            Refusal(
                "numbers",
                Text(
                    "每家至少1名居民、1名评估员。", "Each hub takes at least one resident and one assessor."
                ),
            )
        )
    if wrong:
        raise HubError(wrong)


def _hubs(session: Session, unit: Unit, *, pilot: bool) -> list[Hub]:
    found: list[Hub] = []
    for batch in batches(branch_hubs(session, id_of(unit))):
        found += session.exec(select(Hub).where(col(Hub.id).in_(batch), col(Hub.is_open)))
    hubs = sorted((hub for hub in found if hub.is_demonstration or not pilot), key=lambda hub: hub.code)
    if not hubs:
        raise HubError(
            Refusal(
                "no_hubs",
                Text(
                    f"{unit.name_zh}下面没有可评的青年汇。", f"There is no hub to evaluate under {unit.code}."
                ),
            )
        )
    return hubs


def _assign(session: Session, cycle: Cycle, hubs: Sequence[Hub]) -> dict[str, int]:
    """Store who assesses which hub; return how many assessors each hub lacks."""
    ids = {hub.code: id_of(hub) for hub in hubs}
    found = assign(
        to_assess(hubs), assessors(session, hubs), per_hub=cycle.assessors_per_hub, seed=cycle.seed
    )
    rows = [
        {
            "cycle_id": cycle.id,
            "hub_id": ids[hub],
            "assessor_id": person_id,
            "state": AssessmentState.ASKED.value,
            "note": "",
        }
        for hub, person_id in found.pairs
    ]
    if rows:
        session.execute(insert(Assessment), rows)
    return found.lacking


def _draw(
    session: Session, cycle: Cycle, hubs: Sequence[Hub], framework: Framework, now: datetime
) -> list[str]:
    """Store each hub's frame and who was drawn; return the hubs with fewer people than wanted."""
    codes = {id_of(hub): hub.code for hub in hubs}
    ids = {hub.code: id_of(hub) for hub in hubs}
    today = today_of(now)
    frame = served(session, codes, period_of(cycle, now), framework.survey.strata, today)
    plan = Plan(cycle.residents_per_hub, framework.survey.error, framework.survey.confidence)
    draws = draw(frame, seed=cycle.seed, plan=plan, resting=resting(session, today))
    frames = {one.hub: one.frame for one in draws}
    session.execute(
        insert(CycleHub),
        [
            {"cycle_id": cycle.id, "hub_id": hub_id, "frame": frames.get(code, {})}
            for code, hub_id in ids.items()
        ],
    )
    rows = [
        {
            "cycle_id": cycle.id,
            "hub_id": ids[person.hub],
            "participant_id": person.id,
            "stratum": person.stratum,
            "state": InvitationState.DRAWN.value,
            "drawn_on": today,
        }
        for one in draws
        for person in one.drawn
    ]
    if rows:
        session.execute(insert(Invitation), rows)
    drawn = {one.hub: len(one.drawn) for one in draws}
    wanted = {one.hub: plan.number(sum(one.frame.values())) for one in draws}
    return [code for code in ids if drawn.get(code, 0) < wanted.get(code, cycle.residents_per_hub)]


def _count(session: Session, table: type[Assessment | Invitation], cycle: Cycle) -> int:
    return len(session.exec(select(table.id).where(table.cycle_id == cycle.id)).all())


def _seed_of(code: str) -> int:
    return int.from_bytes(hashlib.sha256(code.encode()).digest()[:4], "big") >> 1


def _sentences(
    cycle: Cycle, opened: CycleOpened, lacking: dict[str, int], small: Sequence[str]
) -> list[Text]:
    hubs, asked, drawn = opened.hubs, opened.assessments, opened.residents
    found = [
        Text(
            f"{cycle.name_zh}开始：{hubs}家青年汇，请评估员打分{asked}次，抽中居民{drawn}人。",
            f"{cycle.name_en} is open: {hubs} {plural(hubs, 'hub', 'hubs')}, {asked} assessments asked for, "
            f"{drawn} residents drawn.",
        )
    ]
    if lacking:
        codes = ", ".join(lacking)
        found.append(Text(f"评估员不够的青年汇：{codes}。", f"Hubs with too few assessors: {codes}."))
    if small:
        found.append(
            Text(
                f"{len(small)}家服务过、可以问的人不够抽，全部抽中：{'、'.join(small)}。",
                f"{len(small)} {plural(len(small), 'hub', 'hubs')} served fewer people who may be asked "
                f"than planned, so all were drawn: {', '.join(small)}.",
            )
        )
    return found
