"""Stamps of public forms, and small sealed facts that a page hands to the next one.

A stamp says that the form came from our own page not long ago. A sealed fact lets the page after a
deed tell its result without asking who the person is.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from itsdangerous import BadData, URLSafeSerializer

from config.settings import settings
from portal.forms import Form
from services.errors import refuse

KEPT = timedelta(hours=24)


def stamp(now: datetime) -> str:
    """Return the stamp of a form that is shown now."""
    return _serializer("form").dumps(int(now.timestamp()))


def require_stamp(form: Form, now: datetime) -> None:
    """Raise `HubError` unless the form came from our own page within a day."""
    try:
        shown_at = datetime.fromtimestamp(_serializer("form").loads(form.get("stamp")), tz=now.tzinfo)
    except BadData:
        shown_at = now - 2 * KEPT
    if not now - KEPT <= shown_at <= now + KEPT:
        raise refuse(
            "stamp_old",
            "这一页开了太久。你填的都还在，再按一次就行。",
            "This page was open for too long. What you typed is still here: press the button once more.",
        )


def seal(*facts: str | int) -> str:
    """Return facts as one signed word for an address."""
    return _serializer("fact").dumps(facts)


def unseal(word: str) -> list[str | int]:
    """Return the facts of a sealed word, or none if it is not ours."""
    try:
        facts: list[str | int] = _serializer("fact").loads(word)
    except BadData:
        return []
    return facts


def _serializer(purpose: str) -> URLSafeSerializer:
    return URLSafeSerializer(settings().signing_key, salt=f"youthhub.portal.{purpose}")
