"""Series of activities and the people they need: from records to rows."""

from __future__ import annotations

from documents.parsing import Record, Tables
from models import Series, SeriesNeed
from services.importing.rules import places
from services.importing.sync import Wanted, Work, prune, sync
from services.importing.write_network import CODE, id_of, ids, learn, picked

SERIES = (
    "title_zh",
    "title_en",
    "summary_zh",
    "summary_en",
    "topic",
    "gathered_by",
    "starts_on",
    "ends_on",
    "duration_minutes",
    "capacity",
    "has_minors",
    "on_holidays",
)
NEED = ("role_en", "min_age", "needs_check", "needs_experience")
NEED_KEY = ("series_id", "role_zh")


def write_series(work: Work, tables: Tables) -> None:
    """Write series and their needs; a need that the file no longer has is taken away."""
    wanted = [
        Wanted((r.values["code"],), _series(work, r), r.values["code"], _at_least_a_length(r))
        for r in tables.of("series")
    ]
    learn(work, "series", sync(work, "series", Series, CODE, wanted))
    needs = [_need(work, record) for record in tables.of("needs")]
    sync(work, "needs", SeriesNeed, NEED_KEY, needs)
    prune(work, "needs", SeriesNeed, NEED_KEY, needs)


def _series(work: Work, record: Record) -> dict[str, object]:
    rule, start = record.values["recurrence"]
    references = ids(work, record, {"hub_id": "hub", "venue_id": "venue"})
    own = record.values.get("start_time")
    return (
        picked(record, SERIES) | references | {"rrule": rule, "start_time": own if own is not None else start}
    )


def _at_least_a_length(record: Record) -> dict[str, object]:
    return {} if "duration_minutes" in record.values else {"duration_minutes": 120}


def _need(work: Work, record: Record) -> Wanted:
    minimum, desired, maximum = places(record)
    key = id_of(work, record, "series", record.values["series"]), record.values["role_zh"]
    numbers = {"minimum": minimum, "desired": desired, "maximum": maximum}
    values = picked(record, NEED) | ids(work, record, {"skill_id": "skill"}) | numbers
    return Wanted(key, values, (record.values["series"], record.values["role_zh"]))
