"""Certificates: issued at once from what is on record, printed with the prescribed fields, verified by number.

Only hours that count are certified. The number of an identity document is printed and kept nowhere. A
certificate whose hours were set right since says so when it is verified.
"""

from __future__ import annotations

import hmac
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import select
from sqlmodel import Session, col

from config.settings import settings
from config.text import Refusal, Text
from documents.certificates import certificate_pdf
from models import Certificate, HoursEntry, Hub, Person, Volunteer
from services import audit
from services.access import may_coordinate, may_release
from services.certificate_sheet import ID_KINDS, CertificateForm, sheet_of
from services.errors import HubError, NotFound, NotYours
from services.hours_rules import hours_rules
from services.hours_view import counted_minutes
from services.queries import NO_SUCH_THING, id_of, named, required
from services.wording import local_day

__all__ = [
    "ID_KINDS",
    "CertificateForm",
    "Issued",
    "Revoked",
    "Standing",
    "Verified",
    "issue",
    "revoke",
    "verify",
]

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without letters that are read as others."""
CHECK_LETTERS = 5


@dataclass(frozen=True)
class Issued:
    """Hold a certificate and its number; `again` when the same one was issued before."""

    number: str
    minutes: int
    pdf: bytes
    sentence: Text
    again: bool = False


class Standing(StrEnum):
    """What the number of a certificate comes to."""

    VALID = "valid"
    CHANGED = "changed"
    """It is ours, and hours of its period were set right since."""
    REVOKED = "revoked"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Verified:
    """Say whether a number is ours and for what, and no more: the name is masked."""

    standing: Standing
    number: str
    name: str = ""
    minutes: int = 0
    minutes_now: int = 0
    first_day: date | None = None
    last_day: date | None = None
    issuer: Text | None = None
    issued_on: date | None = None


@dataclass(frozen=True)
class Revoked:
    """Say that a certificate holds no more."""

    number: str
    sentence: Text
    again: bool = False


def issue(
    session: Session,
    person_id: int,
    form: CertificateForm,
    *,
    language: str,
    now: datetime,
    by: int | None = None,
) -> Issued:
    """Issue a certificate over a period; asked again while nothing changed it is the same one.

    Raises `NotYours` for staff of other hubs, `HubError` with every wrong field, where no hours count, and where a character cannot be printed.
    """
    person = required(session, Person, person_id)
    hub = required(session, Hub, required(session, Volunteer, person_id).home_hub_id)
    if by is not None and by != person_id:
        _require_staff(session, by, hub)
    first, last = _period(form, local_day(now, hub.time_zone))
    minutes = minutes_between(session, person_id, first, last)
    if minutes <= 0:
        raise HubError(Refusal("certificate_no_hours", NO_HOURS, field="first_day"))
    # Two clicks at once wait for each other, or there would be two numbers for one thing.
    session.refresh(person, with_for_update=True)
    known = _known(session, person, hub, (first, last), minutes)
    row = known or _new(session, person, hub, (first, last), minutes, by=by or person_id, now=now)
    sheet = sheet_of(session, row, person, hub, form, language=language)
    # The same certificate is the same file, whenever it is printed.
    printed = certificate_pdf(sheet, language=language, made_at=row.issued_at)
    if printed.refusals:
        raise HubError(printed.refusals)
    return Issued(row.number, minutes, printed.pdf, ISSUED.format(number=row.number), again=known is not None)


def verify(session: Session, number: str, *, now: datetime) -> Verified:  # noqa: ARG001 -- as all services
    """Say whether a number is that of a certificate of ours, and for what."""
    plain = _plain(number)
    row = session.execute(select(Certificate).where(col(Certificate.number) == plain)).scalar_one_or_none()
    if row is None:
        return Verified(Standing.UNKNOWN, plain)
    hub = required(session, Hub, row.hub_id)
    minutes_now = minutes_between(session, row.person_id, row.first_day, row.last_day)
    is_less = minutes_now < row.minutes
    standing = Standing.REVOKED if row.revoked_at else Standing.CHANGED if is_less else Standing.VALID
    return Verified(
        standing,
        row.number,
        masked_name(row.name),
        row.minutes,
        minutes_now,
        row.first_day,
        row.last_day,
        named(hub.name_zh, hub.name_en),
        local_day(row.issued_at, hub.time_zone),
    )


def revoke(session: Session, number: str, *, by: int, reason: str, now: datetime) -> Revoked:
    """Let a certificate hold no more; raises `NotYours`, `NotFound`, and `HubError` without a reason."""
    row = session.execute(
        select(Certificate).where(col(Certificate.number) == _plain(number))
    ).scalar_one_or_none()
    if row is None:
        raise NotFound(NO_SUCH_THING)
    hub = required(session, Hub, row.hub_id)
    _require_staff(session, by, hub)
    if not reason.strip():
        raise HubError(Refusal("certificate_reason", REASON, field="reason"))
    again = row.revoked_at is not None
    if not again:
        row.reason = reason.strip()[:200]
        values = {"revoked_at": now, "revoked_by_id": by}
        audit.change(session, row, "certificate.revoked", now=now, by=by, reason=row.reason, **values)
        session.flush()
    return Revoked(row.number, REVOKED.format(number=row.number), again)


def minutes_between(session: Session, person_id: int, first: date, last: date) -> int:
    """Return the minutes of a period that count, no day above its cap."""
    return counted_minutes(_entries(session, person_id, first, last), hours_rules(session))


def masked_name(name: str) -> str:
    """Return a name that who holds the paper recognises, as "叶**"."""
    return name[:1] + "*" * max(1, len(name) - 1)


def _plain(number: str) -> str:
    """Return a number as we print it, whichever keyboard it was typed with."""
    return "".join(unicodedata.normalize("NFKC", number).split()).upper()


def _require_staff(session: Session, by: int, hub: Hub) -> None:
    if not (may_coordinate(session, by, id_of(hub)) or may_release(session, by, hub.unit_id)):
        raise NotYours(Refusal("certificate_not_yours", NOT_YOURS))


def _entries(session: Session, person_id: int, first: date, last: date) -> Sequence[HoursEntry]:
    mine = col(HoursEntry.person_id) == person_id, col(HoursEntry.served_on).between(first, last)
    return session.execute(select(HoursEntry).where(*mine, col(HoursEntry.counts))).scalars().all()


def _period(form: CertificateForm, today: date) -> tuple[date, date]:
    first, last = (_day(typed) for typed in (form.first_day, form.last_day))
    refusals = [
        Refusal("certificate_day", DAY, field=field)
        for field, typed, day in (("first_day", form.first_day, first), ("last_day", form.last_day, last))
        if typed.strip() and day is None
    ]
    start, end = first or today.replace(month=1, day=1), min(last or today, today)
    if not refusals and start > end:
        refusals.append(Refusal("certificate_order", ORDER, field="last_day"))
    if form.id_kind not in ID_KINDS:
        refusals.append(Refusal("certificate_id_kind", ID_KIND, field="id_kind"))
    if bool(form.id_kind) != bool(form.id_number.strip()):
        refusals.append(Refusal("certificate_id", ID_BOTH, field="id_number"))
    if refusals:
        raise HubError(refusals)
    return start, end


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        return None


def _known(
    session: Session, person: Person, hub: Hub, period: tuple[date, date], minutes: int
) -> Certificate | None:
    question = select(Certificate).where(
        col(Certificate.person_id) == person.id,
        col(Certificate.hub_id) == hub.id,
        col(Certificate.name) == person.name,
        col(Certificate.first_day) == period[0],
        col(Certificate.last_day) == period[1],
        col(Certificate.minutes) == minutes,
        col(Certificate.revoked_at).is_(None),
    )
    return session.execute(question.order_by(col(Certificate.id))).scalars().first()


def _new(
    session: Session,
    person: Person,
    hub: Hub,
    period: tuple[date, date],
    minutes: int,
    *,
    by: int,
    now: datetime,
) -> Certificate:
    row = Certificate(
        number=f"new-{person.id}",
        person_id=id_of(person),
        hub_id=id_of(hub),
        name=person.name,
        first_day=period[0],
        last_day=period[1],
        minutes=minutes,
        issued_at=now,
        issued_by_id=by,
    )
    session.add(row)
    session.flush()
    row.number = _number(id_of(row), local_day(now, hub.time_zone).year)
    session.add(row)
    session.flush()
    audit.record(session, row, "certificate.issued", now=now, by=by)
    return row


def _number(serial: int, year: int) -> str:
    """Return a number that nobody guesses from another: year, serial, and letters from our key."""
    words = f"certificate:{year}:{serial}"
    digest = hmac.digest(settings().signing_key.encode(), words.encode(), "sha256")
    letters = "".join(LETTERS[byte % len(LETTERS)] for byte in digest[:CHECK_LETTERS])
    return f"{year}-{serial:06}-{letters}"


NO_HOURS = Text(
    "这段时间没有计入的时长，开不了证明", "No hours of this period count, so there is nothing to certify"
)
DAY = Text("选一个日期，如2026-01-01", "Choose a day, such as 2026-01-01")
ORDER = Text("结束的日期要在开始之后", "The last day must not be before the first")
ID_KIND = Text("选一种证件，或先空着", "Choose a document, or leave it blank")
ID_BOTH = Text("证件类型和号码要么都填，要么都空着", "Give both the kind and the number, or neither")
NOT_YOURS = Text(
    "这位志愿者属于别的青年汇，证明由那里出具。",
    "This volunteer belongs to another hub, which issues the certificate.",
)
REASON = Text("写一句为什么作废", "Say why it holds no more")
ISSUED = Text("证明开好了，编号{number}。", "The certificate is issued; its number is {number}.")
REVOKED = Text("编号{number}的证明作废了。", "The certificate {number} holds no more.")
