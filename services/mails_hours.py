"""What volunteers are told about their hours: what became of a claim, what was set right, how to see them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Session

from config.text import Text
from models import Activity, HoursClaim, HoursEntry, Hub, Person, Volunteer
from models.states import ClaimState
from notifications import kinds, outbox
from services.describing import Describer, recipient
from services.queries import id_of, named, required


def queue_decided(session: Session, claim: HoursClaim, *, now: datetime) -> int:
    """Tell a volunteer whether their claim was confirmed; key `hours_decided:{claim}`."""
    mail = kinds.HoursDecidedMail(
        **_about(session, claim.person_id, claim.hub_id, now),
        what=Text(claim.what, claim.what),
        served_on=claim.served_on,
        minutes=claim.minutes,
        outcome="confirmed" if claim.state == ClaimState.CONFIRMED else "refused",
        reason=claim.reason,
    )
    return outbox.queue_many(session, [(f"hours_decided:{id_of(claim)}", mail)], now=now)


def queue_corrected(session: Session, line: HoursEntry, minutes: int, *, now: datetime) -> int:
    """Tell a volunteer that a line of theirs was set right; key `hours_corrected:{line}`."""
    mail = kinds.HoursDecidedMail(
        **_about(session, line.person_id, line.hub_id, now),
        what=_what(session, line),
        served_on=line.served_on,
        minutes=minutes,
        outcome="corrected",
        reason=line.reason,
    )
    return outbox.queue_many(session, [(f"hours_corrected:{id_of(line)}", mail)], now=now)


def queue_link(session: Session, person: Person, *, now: datetime) -> int:
    """Send somebody the way to their own page, at most once an hour; key `my_page:{person}:{hour}`."""
    home = session.get(Volunteer, id_of(person))
    contact = Describer(session, hub_ids=[home.home_hub_id]).contact(home.home_hub_id) if home else None
    mail = kinds.MyPageMail(to=recipient(person), person_id=id_of(person), made_at=now, in_charge=contact)
    return outbox.queue_many(session, [(f"my_page:{id_of(person)}:{now:%Y%m%dT%H}", mail)], now=now)


def _about(session: Session, person_id: int, hub_id: int, now: datetime) -> dict[str, Any]:
    hub = required(session, Hub, hub_id)
    return {
        "to": recipient(required(session, Person, person_id)),
        "person_id": person_id,
        "hub": named(hub.name_zh, hub.name_en),
        "made_at": now,
        "in_charge": Describer(session, hub_ids=[hub_id]).contact(hub_id),
    }


def _what(session: Session, line: HoursEntry) -> Text:
    if line.activity_id is not None:
        activity = required(session, Activity, line.activity_id)
        return named(activity.title_zh, activity.title_en)
    first = required(session, HoursEntry, line.corrects_id or 0)
    what = required(session, HoursClaim, first.claim_id or 0).what
    return Text(what, what)
