"""Participants, guardians, consents, and who came to what: from records to rows."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import bindparam, select, update
from sqlmodel import Session, col

from documents.parsing import Record, Tables
from models import Activity, Consent, ConsentPurpose, Guardian, Hub, Participant, Participation, Person
from models.states import ActivityState, ConsentState, ParticipationState, PersonState
from services.importing.sync import CHANGED, Wanted, Work, sync, table_of
from services.importing.write_network import CODE, id_of, ids, learn, picked
from services.importing.write_people import at_local
from services.minors import POLICY, birthday
from services.queries import batches

ACTIVITY = ("title_zh", "title_en", "topic", "gathered_by", "capacity")
NOON = time(12)


def write_young_people(work: Work, tables: Tables) -> None:
    """Write participants, past activities and who came, then guardians and their consents."""
    _participants(work, tables.of("participants"))
    _activities(work, tables.of("activities"))
    _participations(work, tables.of("participations"))
    _guardians(work, tables.of("guardians"), tables)


def hub_zones(work: Work) -> dict[int, str]:
    """Return the time zone of every hub by its id."""
    return {row[0]: row[1] for row in work.session.execute(select(col(Hub.id), col(Hub.time_zone))).all()}


def _participants(work: Work, records: list[Record]) -> None:
    fields = ("name", "email", "phone", "language", "birth_date", "age_band")
    wanted = []
    for record in records:
        values = picked(record, fields) | ids(work, record, {"hub_id": "hub"})
        if "interests" in record.values:
            values["interests"] = ",".join(record.values["interests"])
        wanted.append(
            Wanted((record.values["code"],), values, record.values["code"], {"created_at": work.now})
        )
    learn(work, "participants", sync(work, "participants", Participant, CODE, wanted))


def _activities(work: Work, records: list[Record]) -> None:
    zones = hub_zones(work)
    wanted = []
    for record in records:
        values = record.values
        hub = id_of(work, record, "hub", values["hub"])
        start = at_local(
            datetime.combine(values["on_date"], values["start_time"]), zones.get(hub, "Asia/Shanghai")
        )
        end = start.astimezone(UTC) + timedelta(minutes=values.get("duration_minutes") or 120)
        times = {"hub_id": hub, "starts_at": start.astimezone(UTC), "ends_at": end}
        fresh = {"state": ActivityState.DONE.value, "closed_at": end}
        wanted.append(Wanted((values["code"],), picked(record, ACTIVITY) | times, values["code"], fresh))
    learn(work, "activities", sync(work, "activities", Activity, CODE, wanted))


def _participations(work: Work, records: list[Record]) -> None:
    wanted = []
    for record in records:
        values = record.values
        key = (
            id_of(work, record, "activity", values["activity"]),
            id_of(work, record, "participant", values["participant"]),
        )
        presence = {"presence": values.get("presence") or "present"}
        fresh = {
            "state": ParticipationState.SIGNED_UP.value,
            "signed_up_at": work.now,
            "recorded_at": work.now,
            "recorded_by_id": work.by,
        }
        wanted.append(Wanted(key, presence, (values["activity"], values["participant"]), fresh))
    sync(work, "participations", Participation, ("activity_id", "participant_id"), wanted)


def _guardians(work: Work, records: list[Record], tables: Tables) -> None:
    births = _birth_dates(work.session, records, tables)
    for table, column, purpose in (
        ("people", "person_id", ConsentPurpose.VOLUNTEERING),
        ("participants", "participant_id", ConsentPurpose.TAKING_PART),
    ):
        own = [r for r in records if _table_of_minor(work, r) == table]
        key = (column, "email")
        wanted = [
            Wanted(
                (work.known.ids[table][r.values["minor"]], r.values["email"]),
                picked(r, ("name", "phone", "language")),
                (r.values["minor"], r.values["email"]),
            )
            for r in own
        ]
        found = sync(work, "guardians", Guardian, key, wanted)
        answered = [
            (record, found[row.key])
            for record, row in zip(own, wanted, strict=True)
            if record.values.get("consent")
        ]
        _consents(work, answered, purpose, births)
        if purpose is ConsentPurpose.VOLUNTEERING:
            _let_serve(work, [record for record, _ in answered])


def _table_of_minor(work: Work, record: Record) -> str:
    return "people" if record.values["minor"] in work.known.ids.get("people", {}) else "participants"


def _consents(
    work: Work, answered: list[tuple[Record, int]], purpose: ConsentPurpose, births: dict[str, date]
) -> None:
    wanted = []
    for record, guardian in answered:
        values = record.values
        moment = at_local(datetime.combine(values["agreed_on"], NOON)).astimezone(UTC)
        is_yes = values["consent"] == ConsentState.GRANTED
        until = _valid_until(values["agreed_on"], births.get(values["minor"])) if is_yes else None
        # A guardian may since have answered otherwise by link; the file's old answer does not overrule it.
        fresh = {"state": str(values["consent"]), "answered_at": moment}
        wanted.append(
            Wanted(
                (guardian, purpose.value, moment),
                {"expires_on": values.get("expires_on") or until},
                (values["minor"], values["email"]),
                fresh,
            )
        )
    sync(work, "guardians", Consent, ("guardian_id", "purpose", "asked_at"), wanted, is_main=False)


def _valid_until(agreed_on: date, born: date | None) -> date:
    in_a_year = agreed_on + timedelta(days=POLICY.consent_days)
    return in_a_year if born is None else min(in_a_year, birthday(born, POLICY.adult_age))


def _let_serve(work: Work, answered: list[Record]) -> None:
    """Let those begin who only waited for the yes that this file brings."""
    agreed = [r.values["minor"] for r in answered if r.values["consent"] == ConsentState.GRANTED]
    waiting = sorted(number for code in agreed if (number := work.known.ids["people"][code]) > 0)
    moved = (PersonState.AWAITING_CONSENT.value, PersonState.ACTIVE.value)
    found: list[int] = []
    for batch in batches(waiting):
        question = select(col(Person.id)).where(col(Person.id).in_(batch), col(Person.state) == moved[0])
        found += [row[0] for row in work.session.execute(question.order_by(col(Person.id))).all()]
    for person_id in found:
        work.audit("person", CHANGED, person_id, {"state": moved})
    people = table_of(Person)
    begin = update(people).where(people.c.id == bindparam("which_id")).values(state=moved[1])
    work.execute(begin, [{"which_id": person_id} for person_id in found])


def _birth_dates(session: Session, records: list[Record], tables: Tables) -> dict[str, date]:
    found: dict[str, date] = {}
    minors = sorted({record.values["minor"] for record in records})
    for batch in batches(minors):
        for model in (Person, Participant):
            rows = session.execute(
                select(col(model.code), col(model.birth_date)).where(col(model.code).in_(batch))
            ).all()
            found.update({row[0]: row[1] for row in rows if row[1] is not None})
    for key in ("people", "participants"):
        found.update({r.values["code"]: born for r in tables.of(key) if (born := r.values.get("birth_date"))})
    return found
