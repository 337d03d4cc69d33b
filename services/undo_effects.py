"""What undoing a change of many would do, shown before it is done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlmodel import Session

from config.text import Refusal, Text, plural
from models import BulkChange
from services.bulk_changes import NO_SUCH_CHANGE, TOO_OLD, UNDONE_WITHIN, Undone, undo
from services.bulk_undo import Snapshot, refuse_changed, why_kept
from services.errors import NotFound, TooLate
from services.series_changes import SEEN_SOMETHING_ELSE


@dataclass(frozen=True)
class UndoEffect:
    """Hold what undoing would set back, and what stands in its way; `seal` stands for exactly that."""

    change_id: int
    hub_id: int
    what: Text
    activities: int
    problems: tuple[Refusal, ...]
    seal: str
    sentence: Text


def undo_effect(session: Session, change_id: int, *, now: datetime) -> UndoEffect:
    """Return what undoing a change would do; raises `NotFound`, and `TooLate` for an old or undone one."""
    change = session.get(BulkChange, change_id)
    if change is None:
        raise NotFound(NO_SUCH_CHANGE)
    if change.undone_at is not None:
        raise TooLate(Refusal("undone_already", Text("已经撤销过了。", "It has been undone already.")))
    if change.done_at + UNDONE_WITHIN < now:
        raise TooLate(TOO_OLD)
    rows = [Snapshot.read(row) for row in change.before["activities"]]
    problems = tuple(refuse_changed(session, rows, now=now))
    made = list(why_kept(session, change.before["created"], now=now))
    stays = [why for why in made if why is not None]
    n = len(rows) + len(made) - len(stays)
    what = Text(change.sentence_zh, change.sentence_en)
    seen = [change_id, change.before, [one.code for one in problems], [one.code for one in stays]]
    return UndoEffect(
        change_id,
        change.hub_id,
        what,
        n,
        problems,
        sha256(repr(seen).encode()).hexdigest()[:24],
        _sentence(what, n, len(stays)),
    )


def undo_seen(session: Session, change_id: int, *, seal: str, by: int | None, now: datetime) -> Undone:
    """Undo a change whose effect somebody has looked at; raises `TooLate` if that is another by now."""
    effect = undo_effect(session, change_id, now=now)
    if effect.seal != seal:
        raise TooLate(SEEN_SOMETHING_ELSE)
    return undo(session, change_id, hub_id=effect.hub_id, by=by, now=now)


def _sentence(what: Text, n: int, stays: int) -> Text:
    sentence = Text("撤销“{what}”：{n}场活动恢复原样。", "Undo “{what}”: {n} {activities} as before.")
    said = sentence.format(what=what, n=n, activities=plural(n, "activity", "activities"))
    if not stays:
        return said
    kept = Text("{n}场已经开始或已经有人，留着不动。", " {n} {has} begun or {has} people, and {stays}.")
    more = kept.format(n=stays, has=plural(stays, "has", "have"), stays=plural(stays, "stays", "stay"))
    return Text(said.zh + more.zh, said.en + more.en)
