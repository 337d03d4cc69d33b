"""What a form sent: fields as text, read once, with a limit on their size."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from datetime import date
from math import isfinite
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Depends, Request

from services.errors import HubError, refuse

LARGEST = 64_000
"""Bytes of a form; the longest we have, an assessor's, is a twentieth of it."""
MOST_FIELDS = 500
LONGEST_NUMBER = 9


MOST = 1e12
"""No number that a form asks for is larger."""


@dataclass(frozen=True)
class Form:
    """Hold the fields of a form in the order in which they were sent."""

    fields: dict[str, list[str]] = field(default_factory=dict)

    def get(self, name: str, default: str = "") -> str:
        """Return a field's last value without spaces around it."""
        values = self.fields.get(name)
        return values[-1].strip() if values else default

    def all(self, name: str) -> list[str]:
        """Return every value of a field, as of a group of checkboxes."""
        return list(self.fields.get(name, ()))


async def _read(request: Request) -> Form:
    body = await request.body()
    if len(body) > LARGEST or body.count(b"&") >= MOST_FIELDS:
        raise refuse("form_too_large", "这张表太大了，写短一点。", "This form is too large; write less.")
    fields: dict[str, list[str]] = {}
    for name, value in parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True):
        # PostgreSQL stores no NUL, and nobody types one.
        fields.setdefault(name, []).append(value.replace("\0", ""))
    return Form(fields)


Posted = Annotated[Form, Depends(_read)]


def decimal_in(form: Form, name: str) -> float | None:
    """Return a field as a number, whatever signs it was typed with; None where it is none."""
    typed = unicodedata.normalize("NFKC", form.get(name)).replace(",", "").rstrip("%").strip()
    try:
        value = float(typed)
    except ValueError:
        return None
    return value if isfinite(value) and abs(value) < MOST else None


def day_in(form: Form, name: str) -> date | None:
    """Return a field of a date picker as a day; None where it is none."""
    try:
        return date.fromisoformat(form.get(name))
    except ValueError:
        return None


def at_fields(error: HubError | None, language: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return a refusal's sentences by form field, and those that concern no single field."""
    refusals = error.refusals if error else ()
    by_field = {one.field: one.sentence.in_(language) for one in reversed(refusals) if one.field}
    return dict(reversed(by_field.items())), tuple(
        one.sentence.in_(language) for one in refusals if not one.field
    )


def numbers(form: Form, *, skip: tuple[str, ...] = ()) -> dict[str, int]:
    """Return the fields that were answered, as numbers; -1 where something else was sent."""
    answered = {name: form.get(name) for name in form.fields if name not in skip}
    return {name: -1 if (n := number(value)) is None else n for name, value in answered.items() if value}


def number(word: str) -> int | None:
    """Return a whole number that a form sent and a database can hold, or None for anything else."""
    return int(word) if word.isdecimal() and len(word) <= LONGEST_NUMBER else None
