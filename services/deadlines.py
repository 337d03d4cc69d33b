"""Remind people of what they have not done yet, while there is time: once a lead, by rules that are data.

Assessors and drawn residents before an evaluation closes; volunteers before their background check
lapses; guardians before their consent does, with the question for the next one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from config.text import Text
from models import BackgroundCheck, Consent, Cycle, Hub, Person, Volunteer
from models.states import ConsentState, CycleState, PersonState
from notifications import kinds, outbox
from services import consents
from services.background_checks import newest_checks
from services.consents_view import expiring
from services.describing import Describer, recipient
from services.evaluation_cycles import today_of
from services.evaluation_mails import remind_assessors, remind_residents
from services.queries import id_of, named
from services.reminder_rules import ReminderRules, reminder_rules


@dataclass(frozen=True)
class DeadlinesTold:
    """Say how many people were reminded of what; a second look reminds nobody again."""

    assessors: int
    residents: int
    checks: int
    guardians: int

    @property
    def sentence(self) -> Text:
        """Return the result in words."""
        return Text(
            zh=f"提醒了：评估员{self.assessors}位，受访居民{self.residents}位，背景核查快到期的{self.checks}位，"
            f"同意书快到期的监护人{self.guardians}位。",
            en=f"Reminded: assessors {self.assessors}, residents {self.residents}, volunteers whose check lapses "
            f"{self.checks}, guardians whose consent lapses {self.guardians}.",
        )


def remind(session: Session, *, now: datetime) -> DeadlinesTold:
    """Remind everybody whose time is running out."""
    rules = reminder_rules(session, now=now)
    closing = closing_cycles(session, rules.network, now=now)
    return DeadlinesTold(
        assessors=sum(remind_assessors(session, cycle, now=now) for cycle in closing),
        residents=sum(remind_residents(session, cycle, now=now) for cycle in closing),
        checks=_remind_of_checks(session, rules.network, now),
        guardians=_ask_guardians_again(session, rules.network, now),
    )


def near(session: Session, *, now: datetime) -> list[str]:
    """Return what may need a reminder today: evaluations by their code, and "papers" that lapse.

    Cheap, since the clock asks it at every look.
    """
    rules, today = reminder_rules(session, now=now).network, today_of(now)
    until = today + timedelta(days=max(rules.lapse_leads, default=0))
    checks = select(BackgroundCheck.id).where(col(BackgroundCheck.expires_on).between(today, until))
    lapse = select(Consent.id).where(
        col(Consent.state) == ConsentState.GRANTED, col(Consent.expires_on).between(today, until)
    )
    papers = any(session.exec(question.limit(1)).first() is not None for question in (checks, lapse))
    cycles = [cycle.code for cycle in closing_cycles(session, rules, now=now)]
    return [*cycles, *(["papers"] if papers else [])]


def closing_cycles(session: Session, rules: ReminderRules, *, now: datetime) -> Sequence[Cycle]:
    """Return the evaluations that close within the lead."""
    return session.exec(
        select(Cycle)
        .where(
            col(Cycle.state) == CycleState.COLLECTING,
            col(Cycle.closes_at) > now,
            col(Cycle.closes_at) <= now + timedelta(hours=rules.evaluation_hours),
        )
        .order_by(col(Cycle.id))
    ).all()


def lapsing(session: Session, rules: ReminderRules, *, today: date) -> list[tuple[Person, Hub, date, int]]:
    """Return whose newest check lapses within the leads: person, home hub, last day, the lead in days."""
    leads = rules.lapse_leads
    newest = newest_checks()
    question = (
        select(Person, Hub, newest.c.expires_on)
        .join(newest, newest.c.person_id == col(Person.id))
        .join(Volunteer, col(Volunteer.person_id) == Person.id)
        .join(Hub, col(Hub.id) == Volunteer.home_hub_id)
        .where(
            col(Person.state) == PersonState.ACTIVE,
            newest.c.expires_on.between(today, today + timedelta(days=max(leads, default=-1))),
        )
        .order_by(col(Person.id))
    )
    return [
        (person, hub, until, min(lead for lead in leads if until <= today + timedelta(days=lead)))
        for person, hub, until in session.exec(question)
    ]


def _remind_of_checks(session: Session, rules: ReminderRules, now: datetime) -> int:
    found = lapsing(session, rules, today=today_of(now))
    known = Describer(session, hub_ids={id_of(hub) for _, hub, _, _ in found})
    return outbox.queue_many(session, _check_mails(found, known), now=now)


def _check_mails(
    found: Iterable[tuple[Person, Hub, date, int]], known: Describer
) -> Iterable[tuple[str, kinds.Mail]]:
    for person, hub, until, lead in found:
        mail = kinds.CheckLapsingMail(
            to=recipient(person),
            person_id=id_of(person),
            hub=named(hub.name_zh, hub.name_en),
            expires_on=until,
            in_charge=known.contact(id_of(hub)),
        )
        yield f"check:{id_of(person)}:{until}:{lead}", mail


def _ask_guardians_again(session: Session, rules: ReminderRules, now: datetime) -> int:
    if not rules.lapse_days:
        return 0
    hubs = session.exec(select(col(Hub.id)).order_by(col(Hub.id))).all()
    within = timedelta(days=rules.lapse_days)
    return sum(
        consents.renew(session, one.consent_id, now=now)
        for one in expiring(session, [hub for hub in hubs if hub is not None], now=now, within=within)
    )
