"""What a certificate says: the fields that are prescribed, and what was done, from rows to plain values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session, col

from config.settings import settings
from config.text import Text
from documents.certificates import CertificateSheet, Service
from models import Certificate, HoursEntry, Hub, Person
from services.hours_view import hours_lines
from services.queries import coordinators, id_of, named
from services.wording import local_day

LONGEST_ID = 40
ID_KINDS: Mapping[str, Text] = {
    "": Text("先空着，打印后手写", "leave it blank, to fill in by hand"),
    "id_card": Text("居民身份证", "resident identity card"),
    "passport": Text("护照", "passport"),
    "permit": Text("港澳居民来往内地通行证等", "travel permit"),
    "student": Text("学生证", "student card"),
}


@dataclass(frozen=True)
class CertificateForm:
    """Hold what somebody typed to get a certificate."""

    first_day: str = ""
    last_day: str = ""
    id_kind: str = ""
    id_number: str = ""


def sheet_of(
    session: Session, row: Certificate, person: Person, hub: Hub, form: CertificateForm, *, language: str
) -> CertificateSheet:
    """Return what is printed of a certificate, in one language."""
    workers = coordinators(session, [id_of(hub)]).get(id_of(hub), [])
    first = workers[0] if workers else None
    return CertificateSheet(
        number=row.number,
        name=row.name,
        id_kind=ID_KINDS[form.id_kind].in_(language) if form.id_kind else "",
        id_number=form.id_number.strip()[:LONGEST_ID],
        volunteer_code=person.code,
        first_day=row.first_day,
        last_day=row.last_day,
        minutes=row.minutes,
        services=_services(session, row, language),
        issuer=named(hub.name_zh, hub.name_en).in_(language),
        in_charge="",
        handler=first.name if first else "",
        contact=(first.phone or first.email) if first else "",
        issued_on=local_day(row.issued_at, hub.time_zone),
        verify_url=f"{settings().portal_url.rstrip('/')}/certificates/{row.number}",
    )


def _services(session: Session, row: Certificate, language: str) -> tuple[Service, ...]:
    """Return what was done, who gave most time first; a correction goes with the line that it corrects."""
    minutes: defaultdict[str, int] = defaultdict(int)
    times: defaultdict[str, int] = defaultdict(int)
    mine = (
        col(HoursEntry.person_id) == row.person_id,
        col(HoursEntry.served_on).between(row.first_day, row.last_day),
        col(HoursEntry.counts).is_(True),
    )
    for line in hours_lines(session, *mine):
        what = line.what.in_(language)
        minutes[what] += line.minutes
        times[what] += line.minutes > 0 and line.corrects_id is None
        times[what] -= line.minutes < 0 and line.corrects_id is None
    served = [Service(what, times[what], minutes[what]) for what in minutes if minutes[what] > 0]
    return tuple(sorted(served, key=lambda one: (-one.minutes, one.what)))
