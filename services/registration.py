"""Volunteers register by a public form; a minor's guardian is asked before anything else.

The answer to a form never tells whether an address is already known here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import uuid4

from sqlalchemy import func, select
from sqlmodel import Session, col

from config.text import Text
from models import (
    Availability,
    ConsentPurpose,
    Hub,
    Person,
    PersonSkill,
    Role,
    RoleKind,
    Skill,
    Volunteer,
)
from models.states import PersonState
from services import audit, consents, mails
from services.forms import GuardianEntry, Reader, language
from services.minors import POLICY, MinorPolicy, is_minor
from services.queries import age_on, id_of, named
from services.wording import WEEKDAYS, local_day

PARTS: dict[str, tuple[Text, int, int]] = {
    "morning": (Text(zh="上午", en="morning"), 8 * 60, 12 * 60),
    "afternoon": (Text(zh="下午", en="afternoon"), 12 * 60, 18 * 60),
    "evening": (Text(zh="晚上", en="evening"), 18 * 60, 22 * 60),
}
"""Parts of a day that somebody can be free in, with their first and last minute."""

TIMES: dict[str, Text] = {
    f"{weekday}-{part}": Text(zh=f"{day.zh}{words.zh}", en=f"{day.en} {words.en}")
    for weekday, day in enumerate(WEEKDAYS)
    for part, (words, _, _) in PARTS.items()
}
"""The times that the form offers, by their value: "5-afternoon" is Saturday afternoon."""

NO_NAME = Text(zh="填写你的姓名", en="Enter your name")
NO_BIRTH_DATE = Text(
    zh="填写出生日期：没满18岁的，我们要先问监护人",
    en="Enter your date of birth: if you are under 18 we ask your guardian first",
)
NO_HUB = Text(zh="选一个青年汇", en="Choose a hub")
RECEIVED = Text(
    zh="谢谢你！我们给{email}写了信，里面有接下来的事。",
    en="Thank you! We have written to {email} about what happens next.",
)
GUARDIAN_FIRST = Text(
    zh="谢谢你！我们先写信问你的监护人，他们同意以后就给你发活动邀请。",
    en="Thank you! We ask your guardian by mail first; once they agree, you will get offers.",
)


@dataclass(frozen=True)
class VolunteerForm:
    """Hold the fields of the registration form as they were typed; lists hold the ticked values."""

    name: str = ""
    email: str = ""
    phone: str = ""
    birth_date: str = ""
    language: str = ""
    hub: str = ""
    skills: tuple[str, ...] = ()
    availability: tuple[str, ...] = ()
    guardian_name: str = ""
    guardian_email: str = ""
    guardian_phone: str = ""


@dataclass(frozen=True)
class Registered:
    """Say what happens next; it reads the same whether or not the address was known."""

    guardian_asked: bool
    sentence: Text


@dataclass(frozen=True)
class _Entry:
    """Hold a registration whose fields are all right."""

    name: str
    email: str
    phone: str
    birth_date: date
    language: str
    hub: Hub
    skill_ids: tuple[int, ...]
    windows: tuple[tuple[int, int, int], ...]
    guardian: GuardianEntry | None


def skill_choices(session: Session) -> dict[str, Text]:
    """Return the skills that the form offers, by code."""
    rows = session.execute(select(Skill).order_by(col(Skill.code))).scalars()
    return {skill.code: named(skill.name_zh, skill.name_en) for skill in rows}


def register_volunteer(
    session: Session, form: VolunteerForm, *, now: datetime, policy: MinorPolicy = POLICY
) -> Registered:
    """Register somebody who wants to help; raises one `HubError` with every wrong field."""
    entry = _read(session, form, now=now, policy=policy)
    known = select(col(Person.id)).where(func.lower(Person.email) == entry.email.lower()).limit(1)
    if session.execute(known).first() is None:
        person = _create(session, entry, now)
        if entry.guardian is not None:
            consents.request(
                session, person, entry.guardian, ConsentPurpose.VOLUNTEERING, hub=entry.hub, now=now
            )
        mails.queue_registration(
            session, person, entry.hub, guardian_asked=entry.guardian is not None, now=now
        )
    sentence = GUARDIAN_FIRST if entry.guardian else RECEIVED.format(email=entry.email)
    return Registered(entry.guardian is not None, sentence)


def _read(session: Session, form: VolunteerForm, *, now: datetime, policy: MinorPolicy) -> _Entry:
    hub = session.execute(select(Hub).where(col(Hub.code) == form.hub, col(Hub.is_open))).scalars().first()
    today = local_day(now, hub.time_zone) if hub else now.date()
    read = Reader(today)
    name = read.name("name", form.name, empty=NO_NAME)
    email = read.email("email", form.email)
    phone = read.phone("phone", form.phone)
    birth_date = _birth_date(read, form.birth_date, policy)
    if hub is None:
        read.refuse("hub", "hub_missing", NO_HUB.zh, NO_HUB.en)
    guardian = None
    if is_minor(birth_date, "", today, policy):
        guardian = read.guardian(
            form.guardian_name, form.guardian_email, form.guardian_phone, form.language, own=email
        )
    read.finish()
    assert hub is not None
    assert birth_date is not None
    skills = select(col(Skill.id)).where(col(Skill.code).in_(form.skills)).order_by(col(Skill.id))
    return _Entry(
        name=name,
        email=email,
        phone=phone,
        birth_date=birth_date,
        language=language(form.language),
        hub=hub,
        skill_ids=tuple(session.execute(skills).scalars()),
        windows=windows(form.availability),
        guardian=guardian,
    )


def _birth_date(read: Reader, raw: str, policy: MinorPolicy) -> date | None:
    birth_date = read.birth_date("birth_date", raw)
    if not raw.strip():
        read.refuse("birth_date", "birth_date_missing", NO_BIRTH_DATE.zh, NO_BIRTH_DATE.en)
    elif birth_date and age_on(birth_date, read.today) < policy.youngest_volunteer:
        youngest = policy.youngest_volunteer
        read.refuse(
            "birth_date",
            "too_young",
            f"满{youngest}岁才能做志愿者。现在可以报名参加活动。",
            f"Volunteers are {youngest} or older. You can sign up for activities now.",
        )
    return birth_date


def windows(ticked: tuple[str, ...]) -> tuple[tuple[int, int, int], ...]:
    """Return the ticked times as (weekday, start, end) in minutes; times that touch become one."""
    merged: list[tuple[int, int, int]] = []
    for weekday, start, end in sorted(_window(value) for value in set(ticked) if value in TIMES):
        touches = merged and merged[-1][0] == weekday and merged[-1][2] == start
        merged.append((weekday, merged.pop()[1] if touches else start, end))
    return tuple(merged)


def _window(value: str) -> tuple[int, int, int]:
    weekday, part = value.split("-")
    _, start, end = PARTS[part]
    return int(weekday), start, end


def _create(session: Session, entry: _Entry, now: datetime) -> Person:
    person = Person(
        code=uuid4().hex,
        name=entry.name,
        email=entry.email,
        phone=entry.phone,
        birth_date=entry.birth_date,
        language=entry.language,
        time_zone=entry.hub.time_zone,
        state=PersonState.AWAITING_CONSENT if entry.guardian else PersonState.ACTIVE,
        created_at=now,
    )
    session.add(person)
    session.flush()
    person_id, hub_id = id_of(person), id_of(entry.hub)
    person.code = f"{entry.hub.code}-V{person_id:06}"
    session.add(Role(person_id=person_id, kind=RoleKind.VOLUNTEER, hub_id=hub_id))
    session.add(Volunteer(person_id=person_id, home_hub_id=hub_id))
    session.add_all(PersonSkill(person_id=person_id, skill_id=skill_id) for skill_id in entry.skill_ids)
    session.add_all(
        Availability(person_id=person_id, weekday=weekday, start_minute=start, end_minute=end)
        for weekday, start, end in entry.windows
    )
    audit.record(session, person, "person.registered", now=now)
    session.flush()
    return person
