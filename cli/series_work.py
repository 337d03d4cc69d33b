"""What `youthhub series` does: one session a command; an effect is read, a deed is committed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from cli.work import require_database
from config import clock
from config.text import Refusal, Text
from documents.cells import Wrong
from documents.weekly import read_recurrence
from models import Hub, Series, Venue
from models.session import open_session, read_session
from scheduling.alignment import Step
from scheduling.words import rule_words
from services import bulk_changes, closing_days, scopes, series_changes, undo_effects
from services.closing_days import ClosingEffect
from services.errors import HubError, NotFound
from services.queries import named, required
from services.series_effects import EffectLine, SeriesEffect, find_series, series_effect
from services.wording import moment_text

Shown = dict[str, Any]
"""What is printed and written as JSON: `sentences`, and a `seal` where nothing is done yet."""
STEPS = {
    Step.MOVES: Text("{was}改到{becomes}，通知{n}人", "{was} moves to {becomes}; people told: {n}"),
    Step.FALLS_OUT: Text("{was}取消，通知{n}人", "{was} is cancelled; people told: {n}"),
    Step.COMES_BACK: Text("{becomes}恢复", "{becomes} is on again"),
    Step.NEW: Text("{becomes}新增", "{becomes} is added"),
}


def show_series(hub_code: str) -> Shown:
    """Return a hub's series and its recent changes."""
    require_database()
    now = clock.now()
    with read_session() as session:
        hub_id = scopes.hub_id(session, hub_code)
        found = [one for one, _ in series_changes.hub_series(session, hub_id, now=now)]
        changes = bulk_changes.recent(session, hub_id, now=now)
    lines = [
        Text("{code}  {title}，{rule}", "{code}  {title}, {rule}").format(
            code=one.code,
            title=named(one.title_zh, one.title_en),
            rule=rule_words(one.rrule, one.start_time),
        )
        for one in found
    ]
    lines += [
        Text("可以撤销 {n}：{what}", "can be undone, {n}: {what}").format(n=one.change_id, what=one.sentence)
        for one in changes
        if one.can_undo
    ]
    nothing = Text("没有系列活动。", "There are no series.")
    return {
        "series": [one.code for one in found],
        "changes": [one.change_id for one in changes if one.can_undo],
        "sentences": lines or [nothing],
    }


def change_series(code: str, given: Mapping[str, Any], *, reason: str, seal: str | None) -> Shown:
    """Show what changing a series would do, or with its seal do it."""
    require_database()
    now = clock.now()
    with open_session() as session:
        series, hub = find_series(session, code, None)
        values = _values(session, series, given)
        series_changes.refuse_bad_values(session, hub, values)
        if seal is None:
            return _series_effect(series_effect(session, code, values, hub_id=None, now=now))
        done = series_changes.change_series(session, code, values, seal=seal, reason=reason, by=None, now=now)
    problems = [one.sentence for one in done.problems]
    return _done(done.change_id, [done.sentence, *problems], moved=done.moved, told=done.told)


def close_days(hub_code: str, first: date, last: date, *, reason: str, seal: str | None) -> Shown:
    """Show what closing a hub would do, or with its seal do it."""
    require_database()
    now = clock.now()
    with open_session() as session:
        hub_id = scopes.hub_id(session, hub_code)
        if seal is None:
            effect = closing_days.closing_effect(session, hub_id, first, last, now=now)
            return _closing_effect(effect, required(session, Hub, hub_id).time_zone)
        done = closing_days.close_days(
            session, hub_id, first, last, seal=seal, reason=reason, by=None, now=now
        )
    return _done(done.change_id, [done.sentence], cancelled=done.cancelled, told=done.told)


def undo_change(change_id: int, *, seal: str | None) -> Shown:
    """Show what undoing a change would do, or with its seal do it."""
    require_database()
    now = clock.now()
    with open_session() as session:
        if seal is None:
            effect = undo_effects.undo_effect(session, change_id, now=now)
            if effect.problems:
                raise HubError(effect.problems)
            return {"sentences": [effect.sentence], "activities": effect.activities, "seal": effect.seal}
        done = undo_effects.undo_seen(session, change_id, seal=seal, by=None, now=now)
    problems = [one.sentence for one in done.problems]
    return _done(change_id, [done.sentence, *problems], restored=done.restored, told=done.told)


def _done(change_id: int, sentences: list[Text], **counts: int) -> Shown:
    number = Text(
        "这次改动的编号是{n}，可以用它撤销。", "The number of this change is {n}; it can be undone."
    )
    is_undo = "restored" in counts
    said = sentences if is_undo else [*sentences, number.format(n=change_id)]
    return {"sentences": said, "change_id": change_id, **counts}


def _series_effect(effect: SeriesEffect) -> Shown:
    if effect.problems:
        raise HubError(effect.problems)
    lines = [line for line in effect.lines if line.step in STEPS]
    return {
        "sentences": [effect.sentence, *(_words(line, effect.time_zone) for line in lines)],
        "lines": [
            {
                "step": str(line.step),
                "activity": line.code,
                "was": line.was,
                "becomes": line.becomes,
                "people": line.people,
            }
            for line in lines
        ],
        "people": effect.people,
        "seal": effect.seal,
    }


def _words(line: EffectLine, zone: str) -> Text:
    nothing = Text("", "")
    return STEPS[line.step].format(
        was=moment_text(line.was, zone) if line.was else nothing,
        becomes=moment_text(line.becomes, zone) if line.becomes else nothing,
        n=line.people,
    )


def _closing_effect(effect: ClosingEffect, zone: str) -> Shown:
    sentence = Text("{when}“{title}”取消，通知{n}人", "“{title}” on {when} is cancelled; people told: {n}")
    lines = [
        sentence.format(
            when=moment_text(one.starts_at, zone), title=one.title, n=one.volunteers + one.participants
        )
        for one in effect.lines
    ]
    return {
        "sentences": [effect.sentence, *lines],
        "lines": [
            {"activity": one.code, "was": one.starts_at, "people": one.volunteers + one.participants}
            for one in effect.lines
        ],
        "people": effect.people,
        "seal": effect.seal,
    }


def _values(session: Session, series: Series, given: Mapping[str, Any]) -> dict[str, Any]:
    values = {name: value for name, value in given.items() if name not in {"when", "room"}}
    if "when" in given:
        read = read_recurrence(given["when"])
        if isinstance(read, Wrong):
            raise HubError(Refusal("bad_rule", read.sentence, field="recurrence"))
        values["rrule"] = read[0]
        values |= {} if read[1] is None else {"start_time": read[1]}
    if "room" in given:
        values["venue_id"] = _room(session, series, given["room"])
    return values


def _room(session: Session, series: Series, code: str) -> int | None:
    rooms = session.exec(select(Venue).where(Venue.hub_id == series.hub_id).order_by(col(Venue.code))).all()
    found = next((one.id for one in rooms if one.code == code), None)
    if found is None:
        known = ", ".join(one.code for one in rooms)
        sentence = Text(
            f"这家青年汇没有编号为{code}的场地。有的是：{known or '没有'}。",
            f"The hub has no room with the code {code}. There are: {known or 'none'}.",
        )
        raise NotFound(Refusal("unknown_room", sentence, field="room"))
    return found
