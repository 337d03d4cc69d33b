"""Reads that several verbs share: an activity with its hub and room, and who stands behind an offer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, bindparam, select, update
from sqlmodel import Session, col

from config.text import Refusal, Text
from models import (
    Activity,
    Hub,
    Need,
    Offer,
    Participant,
    Participation,
    Person,
    Role,
    RoleKind,
    Skill,
    Table,
    Venue,
)
from models.states import PersonState
from services.errors import NotFound
from services.reasons import in_words

BATCH = 5_000
"""Ids in one IN list; well below the limits of SQLite and PostgreSQL."""

AFRESH = {"populate_existing": True}
"""Rows that the session knows are read again: changes of many rows at once go past the session."""

T = TypeVar("T")
Row = TypeVar("Row", bound=Table)

NO_SUCH_THING = Refusal(
    "not_found",
    Text(zh="找不到这一项，可能已经删掉了。", en="There is no such thing; it may have been removed."),
)


@dataclass(frozen=True)
class Occasion:
    """Hold an activity with the hub that gives it and the room, if one is set."""

    activity: Activity
    hub: Hub
    venue: Venue | None

    @property
    def title(self) -> Text:
        """Return the activity's title."""
        return named(self.activity.title_zh, self.activity.title_en)

    @property
    def hub_name(self) -> Text:
        """Return the hub's name."""
        return named(self.hub.name_zh, self.hub.name_en)

    @property
    def place(self) -> str:
        """Return where it happens: the room if known, and the hub's address."""
        return "，".join(part for part in (self.venue.name if self.venue else "", self.hub.address) if part)


@dataclass(frozen=True)
class Placement:
    """Hold an offer with all that a page or a mail says about it."""

    offer: Offer
    need: Need
    person: Person
    occasion: Occasion
    skill: Skill | None = None

    @property
    def role(self) -> Text:
        """Return the name of the role."""
        return named(self.need.role_zh, self.need.role_en)

    @property
    def why(self) -> tuple[Text, ...]:
        """Return why this person is asked."""
        skill = named(self.skill.name_zh, self.skill.name_en) if self.skill else None
        return in_words(self.offer.reasons, skill)


@dataclass(frozen=True)
class Seat:
    """Hold a participant's sign-up with all that a page or a mail says about it."""

    participation: Participation
    participant: Participant
    occasion: Occasion


def named(zh: str, en: str) -> Text:
    """Return a name in both languages; where no English was given, the Chinese one stands."""
    return Text(zh=zh, en=en or zh)


def id_of(row: Any) -> int:
    """Return the id of a row that the database knows."""
    assert row.id is not None
    return int(row.id)


def skill_names(session: Session) -> dict[int, Text]:
    """Return the name of every skill by its id."""
    return {id_of(skill): named(skill.name_zh, skill.name_en) for skill in session.scalars(select(Skill))}


def age_on(birth_date: date, day: date) -> int:
    """Return the age in full years; who is born on 29 February ages on 1 March."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def batches(things: Iterable[T], size: int = BATCH) -> Iterator[list[T]]:
    """Yield lists of at most `size` things."""
    iterator = iter(things)
    while batch := list(islice(iterator, size)):
        yield batch


def required(session: Session, table: type[Row], key: int) -> Row:
    """Return the row, or raise `NotFound`."""
    row = session.get(table, key)
    if row is None:
        raise NotFound(NO_SUCH_THING)
    return row


def claim(session: Session, row: Table, *conditions: ColumnElement[bool], **values: Any) -> bool:
    """Change the row if it still fulfils `conditions`, and say whether this call did it.

    Of two people who do so at once one wins: the database checks and changes in one statement.
    """
    table = type(row)
    statement = update(table).where(table.id == id_of(row), *conditions).values(**values)  # type: ignore[attr-defined]  # -- every table claimed here has one
    won = session.exec(statement.execution_options(synchronize_session=False)).rowcount == 1
    session.refresh(row)
    return won


def lock_needs(session: Session, *conditions: ColumnElement[bool]) -> None:
    """Let others who fill or free these places wait until this transaction ends.

    Needs are locked before offers, and in the order of their ids, so that nobody waits in a circle.
    """
    question = select(col(Need.id)).join(Activity, col(Activity.id) == Need.activity_id).where(*conditions)
    session.execute(question.order_by(col(Need.id)).with_for_update(of=Need)).all()


# Asked in nearly every deed, while everybody else waits for the turn to write: put together once, they
# cost SQLAlchemy a second thought for the conditions alone.
_OCCASIONS = (
    select(Activity, Hub, Venue)
    .join(Hub, col(Hub.id) == Activity.hub_id)
    .outerjoin(Venue, col(Venue.id) == Activity.venue_id)
    .order_by(col(Activity.starts_at), col(Activity.id))
    .execution_options(**AFRESH)
)
_PLACEMENTS = (
    select(Offer, Need, Person, Activity, Hub, Venue, Skill)
    .join(Need, col(Need.id) == Offer.need_id)
    .join(Person, col(Person.id) == Offer.person_id)
    .join(Activity, col(Activity.id) == Offer.activity_id)
    .join(Hub, col(Hub.id) == Activity.hub_id)
    .outerjoin(Venue, col(Venue.id) == Activity.venue_id)
    .outerjoin(Skill, col(Skill.id) == Need.skill_id)
    .order_by(col(Offer.id))
    .execution_options(**AFRESH)
)
_SEATS = (
    select(Participation, Participant, Activity, Hub, Venue)
    .join(Participant, col(Participant.id) == Participation.participant_id)
    .join(Activity, col(Activity.id) == Participation.activity_id)
    .join(Hub, col(Hub.id) == Activity.hub_id)
    .outerjoin(Venue, col(Venue.id) == Activity.venue_id)
    .order_by(col(Participation.signed_up_at), col(Participation.id))
    .execution_options(**AFRESH)
)
# Each mail about an activity asks this.
_COORDINATORS = (
    select(col(Role.hub_id), Person)
    .join(Person, col(Person.id) == Role.person_id)
    .where(
        col(Role.hub_id).in_(bindparam("hubs", expanding=True)),
        col(Role.kind) == RoleKind.COORDINATOR,
        col(Person.state) == PersonState.ACTIVE,
    )
    .order_by(col(Role.id))
)


def occasions(session: Session, *conditions: ColumnElement[bool], lock: bool = False) -> list[Occasion]:
    """Return activities with hub and room, in the order of time.

    With `lock` nobody else changes these activities, or counts their places, before we are done.
    """
    question = _OCCASIONS.where(*conditions)
    if lock:
        question = question.with_for_update(of=Activity)
    return [Occasion(*row) for row in session.execute(question).tuples()]


def placements(session: Session, *conditions: ColumnElement[bool]) -> list[Placement]:
    """Return offers with what stands behind them, in the order of their ids."""
    question = _PLACEMENTS.where(*conditions)
    return [
        Placement(offer, need, person, Occasion(activity, hub, venue), skill)
        for offer, need, person, activity, hub, venue, skill in session.execute(question)
    ]


def seats(session: Session, *conditions: ColumnElement[bool]) -> list[Seat]:
    """Return sign-ups with what stands behind them, in the order in which they came."""
    question = _SEATS.where(*conditions)
    return [
        Seat(participation, participant, Occasion(activity, hub, venue))
        for participation, participant, activity, hub, venue in session.execute(question)
    ]


def only(found: Sequence[T]) -> T:
    """Return the one thing found, or raise `NotFound`."""
    if not found:
        raise NotFound(NO_SUCH_THING)
    return found[0]


def coordinators(session: Session, hub_ids: Iterable[int]) -> dict[int, list[Person]]:
    """Return the active coordinators of each hub itself, in the order of their roles."""
    found: dict[int, list[Person]] = {}
    for batch in batches(sorted(set(hub_ids))):
        for hub_id, person in session.execute(_COORDINATORS, {"hubs": list(batch)}):
            found.setdefault(hub_id, []).append(person)
    return found
