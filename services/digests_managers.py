"""The manager's monthly digest: how a branch of the tree did, unit by unit, and which hubs did nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from config.settings import settings
from config.text import Text
from models import FundingApplication, Hub, Person, Role, RoleKind, Unit
from models.states import PersonState
from notifications.kinds import ManagerDigestMail, UnitLine
from services.describing import recipient
from services.digest_slots import Cadence, Period, Slot
from services.digest_times import readers
from services.digests_figures import Figures, figures, total
from services.digests_weeks import month_of
from services.funding_tasks import waiting_by_hub, waiting_text
from services.queries import id_of, named
from services.wording import day_text

FIRST_OF_MONTH = Text("每月1日8:00", "on the first of each month at 8:00")


@dataclass(frozen=True)
class Branches:
    """Hold the whole tree with the month's figures of each hub, read once for all managers."""

    units: Sequence[Unit]
    hubs: Sequence[tuple[Hub, str]]
    """Each open hub and the path of its unit."""
    figures: dict[int, Figures]
    funding: dict[int, list[FundingApplication]]
    """Project applications that wait, by hub."""

    def hubs_of(self, unit: Unit) -> list[Hub]:
        """Return the open hubs of a unit and of everything below it."""
        return [hub for hub, path in self.hubs if path.startswith(unit.path)]

    def line(self, name: Text, hubs: Sequence[Hub]) -> UnitLine:
        """Return the figures of some hubs as one row."""
        own = [self.figures[id_of(hub)] for hub in hubs]
        summed = total(own)
        return UnitLine(
            unit=name,
            hubs=len(hubs),
            activities=summed.activities,
            filled=summed.filled,
            came=summed.came,
            minutes=summed.minutes,
            silent=sum(one.activities == 0 for one in own),
        )

    def rows(self, unit: Unit) -> Iterator[UnitLine]:
        """Yield a row for each unit right below, or for each hub where there is none."""
        below = [one for one in self.units if one.parent_id == unit.id]
        if not below:
            for hub in self.hubs_of(unit):
                yield self.line(named(hub.name_zh, hub.name_en), [hub])
        for one in below:
            if hubs := self.hubs_of(one):
                yield self.line(named(one.name_zh, one.name_en), hubs)


def manager_digests(
    session: Session, *, now: datetime, month: date, slot: Slot | None = None
) -> Iterator[tuple[str, ManagerDigestMail | None]]:
    """Yield a key and a mail for each manager of each unit; None where the whole time was empty.

    With a slot, for its readers and its period; else for everybody and the month of `month`.
    """
    window = month_of(month, settings().time_zone)
    key, words, mine = f"{window.first:%Y-%m}", dict[str, Any](comes=FIRST_OF_MONTH), None
    if slot is not None:
        period = slot.period(slot.last(now))
        window, key, mine = period.before, period.key, readers(session, slot, now=now)
        words = {"comes": slot.sentence, "told": _told(period)}
    branches = _branches(session, window.start, window.end, now)
    for person, unit in _managers(session):
        if mine is None or id_of(person) in mine:
            mail = _mail(branches, person, unit, month=window.first, made_at=now, **words)
            yield f"digest:unit:{id_of(unit)}:{id_of(person)}:{key}", mail


def _told(period: Period) -> Text | None:
    """Return what the days that are told are called; None for a month, which has a name."""
    if period.cadence is Cadence.MONTHLY:
        return None
    first, last = day_text(period.before.first), day_text(period.before.after - timedelta(days=1))
    if period.cadence is Cadence.DAILY:
        return first
    return Text(f"{first.zh}到{last.zh}", f"{first.en} to {last.en}")


def _mail(branches: Branches, person: Person, unit: Unit, **about: Any) -> ManagerDigestMail | None:
    hubs = branches.hubs_of(unit)
    name = named(unit.name_zh, unit.name_en)
    whole = branches.line(name, hubs)
    waiting = [one for hub in hubs for one in branches.funding.get(id_of(hub), [])]
    if whole.activities == 0 and not waiting:
        return None
    silent = [hub for hub in hubs if branches.figures[id_of(hub)].activities == 0]
    return ManagerDigestMail(
        to=recipient(person),
        person_id=id_of(person),
        unit=name,
        **about,
        funding=waiting_text(waiting),
        total=whole,
        units=tuple(branches.rows(unit)),
        silent_hubs=tuple(named(hub.name_zh, hub.name_en) for hub in silent),
    )


def _branches(session: Session, start: datetime, end: datetime, now: datetime) -> Branches:
    units = session.exec(select(Unit).order_by(col(Unit.code))).all()
    hubs = session.exec(
        select(Hub, Unit.path)
        .join(Unit, col(Unit.id) == Hub.unit_id)
        .where(col(Hub.is_open))
        .order_by(col(Hub.code))
    ).all()
    ids = [id_of(hub) for hub, _ in hubs]
    return Branches(units, hubs, figures(session, ids, start, end, now=now), waiting_by_hub(session))


def _managers(session: Session) -> Sequence[tuple[Person, Unit]]:
    question = (
        select(Person, Unit)
        .join(Role, col(Role.person_id) == Person.id)
        .join(Unit, col(Unit.id) == Role.unit_id)
        .where(col(Role.kind) == RoleKind.MANAGER, col(Person.state) == PersonState.ACTIVE)
        .order_by(col(Person.id), col(Unit.id))
    )
    return session.exec(question).all()
