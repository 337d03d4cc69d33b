"""Set the ledger right: a line is never changed, another one beside it says what is true and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlmodel import Session, col

from config.text import Refusal, Text
from models import HoursCategory, HoursEntry, HoursSource, Hub
from services import mails_hours
from services.access import may_coordinate, may_release
from services.errors import HubError, NotYours
from services.hours_rules import LONGEST_DAY
from services.queries import id_of, required

LONGEST_REASON = 200


@dataclass(frozen=True)
class Corrected:
    """Say by how many minutes the ledger changed; 0 when it said so already."""

    entry_id: int
    minutes: int
    sentence: Text


def correct(
    session: Session, entry_id: int, minutes: int, *, reason: str, by: int, now: datetime
) -> Corrected:
    """Say that a line should have been `minutes`; twice the same changes nothing the second time.

    Raises `NotYours` for who runs neither the hub nor its branch, `HubError` for one's own hours, without a
    reason, and for what no day holds.
    """
    row = required(session, HoursEntry, entry_id)
    hub = required(session, Hub, row.hub_id)
    if not (may_coordinate(session, by, id_of(hub)) or may_release(session, by, hub.unit_id)):
        raise NotYours(Refusal("hours_not_yours", NOT_YOURS))
    session.refresh(row, with_for_update=True)
    _require_fine(row, minutes, reason, by)
    change = minutes - worth(session, entry_id)
    if not change:
        return Corrected(entry_id, 0, SAME)
    line = HoursEntry(
        corrects_id=entry_id,
        person_id=row.person_id,
        hub_id=row.hub_id,
        activity_id=row.activity_id,
        minutes=change,
        source=HoursSource.STAFF,
        category=HoursCategory(row.category),
        counts=row.counts,
        served_on=row.served_on,
        entered_at=now,
        entered_by_id=by,
        reason=reason.strip()[:LONGEST_REASON],
    )
    session.add(line)
    session.flush()
    mails_hours.queue_corrected(session, line, minutes, now=now)
    return Corrected(entry_id, change, DONE)


def worth(session: Session, entry_id: int) -> int:
    """Return what a line comes to with all that corrects it."""
    question = select(func.coalesce(func.sum(HoursEntry.minutes), 0)).where(
        or_(col(HoursEntry.id) == entry_id, col(HoursEntry.corrects_id) == entry_id)
    )
    return int(session.execute(question).scalar_one())


def _require_fine(row: HoursEntry, minutes: int, reason: str, by: int) -> None:
    refusals = []
    if by == row.person_id:
        refusals.append(Refusal("hours_own", OWN))
    if row.corrects_id is not None:
        refusals.append(Refusal("hours_a_correction", FIRST))
    if not 0 <= minutes <= LONGEST_DAY * 60:
        refusals.append(Refusal("hours_minutes", MINUTES, field="minutes"))
    if not reason.strip():
        refusals.append(Refusal("hours_reason", REASON, field="reason"))
    if refusals:
        raise HubError(refusals)


NOT_YOURS = Text(
    "这条时长是别的青年汇记的，请那里的社工来改。",
    "Another hub entered these hours; its social workers change them.",
)
OWN = Text("自己的时长要由别人来改。", "Somebody else must change your own hours.")
FIRST = Text(
    "这是一条更正：要改，就改它更正的那一条。", "This line is a correction: change the line that it corrects."
)
MINUTES = Text("填0到1440之间的整分钟数", "Enter whole minutes between 0 and 1440")
REASON = Text("写一句为什么改，志愿者会看到", "Say why; the volunteer will see it")
SAME = Text("本来就是这么多，没有改动。", "It says so already; nothing changed.")
DONE = Text(
    "改好了：原来那条留着，旁边多了一条更正。", "Set right: the old line stays, with a correction beside it."
)
