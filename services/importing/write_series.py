"""Series of activities and the people they need: from records to rows."""

from __future__ import annotations

from documents.parsing import Record, Tables
from models import Series, SeriesNeed, SeriesStaff, SeriesUse
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
    "is_outdoors",
    "takes_money",
    "members_only",
    "on_holidays",
    "make_up_days",
    "held_in",
    "window_days",
)
NEED = ("role_en", "min_age", "needs_check", "needs_experience", "gender", "language")
NEED_KEY = ("series_id", "role_zh")
STAFF_KEY = ("series_id", "person_id")
USE_KEY = ("series_id", "equipment_id")


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
    _staff(work, tables.of("series"))
    uses = [_use(work, record) for record in tables.of("uses")]
    sync(work, "uses", SeriesUse, USE_KEY, uses)
    prune(work, "uses", SeriesUse, USE_KEY, uses)


def _staff(work: Work, records: list[Record]) -> None:
    """Make the staff of each series those that the file names; without the column they stay."""
    given = [record for record in records if "staff" in record.values]
    wanted = [
        Wanted((_series_id(work, record), id_of(work, record, "staff", code)), {}, record.values["code"])
        for record in given
        for code in record.values["staff"]
    ]
    sync(work, "series", SeriesStaff, STAFF_KEY, wanted, is_main=False)
    heads = {_series_id(work, record): record.values["code"] for record in given}
    prune(work, "series", SeriesStaff, STAFF_KEY, wanted, heads=heads)


def _series_id(work: Work, record: Record) -> int:
    return work.known.ids["series"][record.values["code"]]


def _use(work: Work, record: Record) -> Wanted:
    values = record.values
    key = (
        id_of(work, record, "series", values["series"]),
        id_of(work, record, "equipment", values["equipment"]),
    )
    return Wanted(key, picked(record, ("quantity",)), (values["series"], values["equipment"]))


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
