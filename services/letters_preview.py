"""A mail as it would read with other words: filled with an activity of the network, contacts and links masked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from jinja2 import TemplateError
from sqlmodel import Session, col, select

from config.text import Language, Refusal, Text
from models import Activity, Hub, Need, Person, Skill, Unit, Venue
from notifications import kinds
from notifications.kinds import Contact, Mail, Recipient
from notifications.render import Rendered, render
from notifications.rewording import TooLong
from notifications.samples import samples
from notifications.wordings import Passages, chosen
from services.describing import Describer
from services.errors import HubError
from services.queries import Occasion, named

LINK = re.compile(r"(https?://[^/\s\"<>]+/\w/)[^\s\"<>]+")
MASKED_LINK = r"\1…"


@dataclass(frozen=True)
class Preview:
    """Hold how a mail reads in one language; its links open nothing."""

    language: str
    subject: str
    text: str
    html: str


def previews(
    session: Session, kind: str, passages: Passages, *, by: int, now: datetime
) -> tuple[Preview, ...]:
    """Return the mail in both languages; raises `HubError` where the words cannot be filled in."""
    real = _real(session, now)
    return tuple(_preview(session, kind, language, passages, real, by, now) for language in Language)


def _preview(  # noqa: PLR0917 -- what one preview is made of, named at its one call
    session: Session,
    kind: str,
    language: Language,
    passages: Passages,
    real: dict[str, Any],
    by: int,
    now: datetime,
) -> Preview:
    mail = next(one for one in samples(language) if one.kind == kind)
    person = session.get_one(Person, by)
    to = Recipient(person.name, "", language, person.time_zone, person.form_of_address)
    shown = _with_real(replace(mail, to=to), real)
    try:
        own = chosen(kind, language, passages, is_trial=True)
        rendered = render(shown, now=now, chosen=own, unsubscribe_url=_unsubscribe(shown))
    except (TemplateError, TooLong, TypeError) as error:
        raise HubError(_unfit(error, language)) from error
    return _masked(language, rendered)


def _unsubscribe(mail: Mail) -> str:
    return "https://example.org/u/sample" if mail.leaves else ""


def _masked(language: str, mail: Rendered) -> Preview:
    text, html = (LINK.sub(MASKED_LINK, words) for words in (mail.text, mail.html))
    return Preview(language, mail.subject, text, html)


def _unfit(error: Exception, language: Language) -> Refusal:
    which = Text("中文", "Chinese") if language == Language.ZH else Text("英文", "English")
    if isinstance(error, TooLong):
        sentence = Text(
            "{which}的一句填好以后太长：少用几个字段，或写短一点。",
            "A passage in {which} grows too long once filled in: use fewer fields, or write less.",
        )
        return Refusal("letter_too_long", sentence.format(which=which))
    sentence = Text(
        "{which}的一个条件比较不了：数目和数字比，文字和带引号的文字比。",
        "A condition in {which} cannot be compared: compare counts with numbers, and words with words in quotation marks.",
    )
    return Refusal("letter_condition", sentence.format(which=which))


def _real(session: Session, now: datetime) -> dict[str, Any]:
    """Return values of the network's next activity (else its last) by the names that mails give them."""
    question = (
        select(Activity, Hub, Venue, Skill)
        .join(Hub, col(Hub.id) == Activity.hub_id)
        .outerjoin(Venue, col(Venue.id) == Activity.venue_id)
        .outerjoin(Need, col(Need.activity_id) == Activity.id)
        .outerjoin(Skill, col(Skill.id) == Need.skill_id)
    )
    starts = col(Activity.starts_at)
    found = (
        session.exec(question.where(starts >= now).order_by(starts, col(Activity.id)).limit(1)).first()
        or session.exec(question.order_by(starts.desc(), col(Activity.id)).limit(1)).first()
    )
    if found is None:
        return {}
    activity, hub, venue, skill = found
    unit = session.get_one(Unit, hub.unit_id)
    known = Occasion(activity, hub, venue)
    occasion = Describer(session, [known]).occasion(known)
    return {
        "occasion": replace(occasion, contact=_masked_contact(occasion.contact)),
        "hub": known.hub_name,
        "place": known.place,
        "unit": named(unit.name_zh, unit.name_en),
        "in_charge": _masked_contact(occasion.contact),
        **({"role": named(skill.name_zh, skill.name_en)} if skill else {}),
    }


def _masked_contact(contact: Contact | None) -> Contact | None:
    if contact is None:
        return None
    return Contact(contact.name, phone=f"***{contact.phone[-2:]}" if contact.phone else "")


def _with_real(mail: Mail, real: dict[str, Any]) -> Mail:
    changes = dict(_changes(mail, real))
    return replace(mail, **changes) if changes else mail


def _changes(mail: Mail, real: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for field in fields(mail):
        value = getattr(mail, field.name)
        if field.name in real and isinstance(value, type(real[field.name])):
            yield field.name, real[field.name]
        elif isinstance(value, Contact):
            yield field.name, _masked_contact(value)
        elif isinstance(value, tuple) and "occasion" in real:
            yield field.name, tuple(_line(line, real["occasion"]) for line in value)


def _line(line: object, occasion: kinds.Occasion) -> object:
    if isinstance(line, kinds.ActivityLine):
        return replace(line, title=occasion.title, starts_at=occasion.starts_at)
    if isinstance(line, kinds.CommitmentLine):
        return replace(
            line,
            title=occasion.title,
            starts_at=occasion.starts_at,
            ends_at=occasion.ends_at,
            place=occasion.hub,
        )
    return line
