"""A certificate of volunteer service as a PDF, with the prescribed fields and a number that can be verified.

The fields are those of the guidance 民发〔2015〕149号 and of order 67 of the Ministry of Civil Affairs (2020): who,
with the kind and number of an identity document; hours and content; issuer, person in charge, handler and
contact; number, day and remarks.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import segno

from documents.typesetting import Document, typeset

MOST_ROWS = 12
HOUR = 60


@dataclass(frozen=True)
class Service:
    """Hold one kind of service: what it was, how often, and its minutes."""

    what: str
    times: int
    minutes: int


@dataclass(frozen=True)
class CertificateSheet:
    """Hold what a certificate says, in the words of its language."""

    number: str
    name: str
    id_kind: str
    id_number: str
    """Printed as typed, and kept nowhere; empty leaves a line to fill in by hand."""
    volunteer_code: str
    first_day: date
    last_day: date
    minutes: int
    services: tuple[Service, ...]
    issuer: str
    in_charge: str
    handler: str
    contact: str
    issued_on: date
    verify_url: str
    """Where anybody can check the number; it is printed, and as a picture to scan."""


def certificate_pdf(sheet: CertificateSheet, *, language: str, made_at: datetime) -> Document:
    """Return the certificate, or why it cannot be printed: a name may have a character that no font has."""
    return typeset("certificate", _values(sheet), language=language, made_at=made_at)


def hours_of(minutes: int) -> str:
    """Return minutes in hours, the unit of the rules, with at most two decimals: "126.5"."""
    return f"{minutes / HOUR:.2f}".rstrip("0").rstrip(".")


def _values(sheet: CertificateSheet) -> dict[str, Any]:
    shown, rest = sheet.services[:MOST_ROWS], sheet.services[MOST_ROWS:]
    return {
        "number": sheet.number,
        "name": sheet.name,
        "id_kind": sheet.id_kind,
        "id_number": sheet.id_number,
        "volunteer_code": sheet.volunteer_code,
        "first_day": _day(sheet.first_day),
        "last_day": _day(sheet.last_day),
        "hours": hours_of(sheet.minutes),
        "services": [[one.what, str(one.times), hours_of(one.minutes)] for one in shown],
        "more": {
            "kinds": len(rest),
            "times": sum(one.times for one in rest),
            "hours": hours_of(sum(one.minutes for one in rest)),
        },
        "issuer": sheet.issuer,
        "in_charge": sheet.in_charge,
        "handler": sheet.handler,
        "contact": sheet.contact,
        "issued_on": _day(sheet.issued_on),
        "verify_url": sheet.verify_url,
        "picture": _picture(sheet.verify_url),
    }


def _picture(url: str) -> str:
    drawing = io.BytesIO()
    segno.make(url, error="m", micro=False).save(
        drawing, kind="svg", border=4, dark="#1D2421", light="#FFFFFF"
    )
    return drawing.getvalue().decode("utf-8")


def _day(day: date) -> list[int]:
    return [day.year, day.month, day.day]
