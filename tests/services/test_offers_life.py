"""The life of offers, whatever people do in whatever order, told beside a model made of dictionaries.

The model knows no database: a place or two, people in line, and for each offer its state. After every
step the rows must say the same, and the places taken must be those of the people who said yes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from models import Need, Offer
from models.states import OfferState
from services import offers
from services.errors import TooLate
from services.offer_rules import OfferRules
from tests.factories import NOW, make_activity, make_hub, make_need, make_volunteer
from tests.services.test_offers_sending import make_run

F = OfferState
PLACES, PEOPLE = 2, 7
STARTS_AT = NOW + timedelta(days=30)
PICK = st.integers(0, PEOPLE - 1)


@dataclass
class Row:
    """What the model knows of an offer; `since` orders those who stand in line."""

    person: int
    state: str
    expires_at: datetime
    replaces: int | None = None
    looks: bool = False
    since: datetime = NOW


class Life(RuleBasedStateMachine):
    """One activity with two places and seven people whom matching has put in line."""

    engine: Engine

    def __init__(self) -> None:
        super().__init__()
        self.connection = self.engine.connect()
        self.transaction = self.connection.begin()
        self.session = Session(
            self.connection, expire_on_commit=False, join_transaction_mode="create_savepoint"
        )
        hub = make_hub(self.session)
        self.need = make_need(
            self.session,
            make_activity(self.session, hub, starts_at=STARTS_AT),
            desired=PLACES,
            maximum=PLACES,
        )
        often = {"offers_per_week": 50, "hours_per_week": 100.0}
        people = [make_volunteer(self.session, hub, profile=often) for _ in range(PEOPLE)]
        make_run(self.session, self.need, *people)
        self.now = NOW
        self.line = [person.id or 0 for person in people]
        self.rows: dict[int, Row] = {}

    def teardown(self) -> None:
        self.session.close()
        self.transaction.rollback()
        self.connection.close()

    # What people do.

    @rule(hours=st.sampled_from([1, 20, 60, 100]))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @initialize()
    def network_asks(self) -> None:
        offers.follow_up(self.session, now=self.now)
        self.ask_next()

    @rule()
    def network_follows_up(self) -> None:
        offers.follow_up(self.session, now=self.now)
        for row in self.rows.values():
            if row.state == F.SENT and row.expires_at <= self.now:
                row.state = F.EXPIRED
        self.ask_next()
        self.search_on()

    @precondition(lambda self: self.rows)
    @rule(pick=PICK)
    def somebody_says_yes(self, pick: int) -> None:
        key, row = self.picked(pick)
        if row.state == F.ACCEPTED:
            said = offers.accept(self.session, key, now=self.now)
            assert isinstance(said, offers.Accepted)
            assert said.again
        elif not self.is_open(row):
            self.refused(offers.accept, key)
        elif row.replaces is None and self.taken >= PLACES:
            assert isinstance(offers.accept(self.session, key, now=self.now), offers.StandbyOffered)
        else:
            assert isinstance(offers.accept(self.session, key, now=self.now), offers.Accepted)
            row.state, row.since = F.ACCEPTED, self.now
            if row.replaces is not None:
                self.leave_to_substitute(row.replaces)

    @precondition(lambda self: self.rows)
    @rule(pick=PICK)
    def somebody_says_no(self, pick: int) -> None:
        key, row = self.picked(pick)
        if row.state == F.DECLINED:
            assert offers.decline(self.session, key, now=self.now).again
        elif row.state in (F.ACCEPTED, F.STANDBY) or self.is_open(row):
            offers.decline(self.session, key, now=self.now)
            was_substitute = row.replaces is not None and row.state == F.SENT
            if row.looks:
                self.free_substitutes(key)
            row.state, row.looks = F.DECLINED, False
            self.search_on() if was_substitute else self.ask_next()
        else:
            self.refused(offers.decline, key)

    @precondition(lambda self: self.rows)
    @rule(pick=PICK)
    def somebody_stands_in_line(self, pick: int) -> None:
        key, row = self.picked(pick)
        if row.state == F.STANDBY or (self.is_open(row) and row.replaces is None and self.taken >= PLACES):
            offers.join_standby(self.session, key, now=self.now)
            if row.state != F.STANDBY:
                row.state, row.since = F.STANDBY, self.now
        else:
            self.refused(offers.join_standby, key)

    @precondition(lambda self: self.rows)
    @rule(pick=PICK)
    def somebody_looks_for_a_substitute(self, pick: int) -> None:
        key, row = self.picked(pick)
        if row.state != F.ACCEPTED:
            self.refused(offers.find_substitute, key)
            return
        offers.find_substitute(self.session, key, now=self.now)
        if not row.looks:
            row.looks = True
            self.search_on()

    @precondition(lambda self: self.rows)
    @rule(pick=PICK)
    def somebody_comes_after_all(self, pick: int) -> None:
        key, row = self.picked(pick)
        if row.state != F.ACCEPTED:
            self.refused(offers.come_after_all, key)
            return
        offers.come_after_all(self.session, key, now=self.now)
        row.looks = False
        for one in self.rows.values():
            if one.replaces == key and one.state == F.SENT:
                one.state = F.WITHDRAWN

    # What the model makes of it.

    @property
    def taken(self) -> int:
        return sum(row.state == F.ACCEPTED for row in self.rows.values())

    def picked(self, pick: int) -> tuple[int, Row]:
        return sorted(self.rows.items())[pick % len(self.rows)]

    def is_open(self, row: Row) -> bool:
        return row.state == F.SENT and row.expires_at > self.now

    def refused(self, verb: Any, key: int) -> None:
        try:
            verb(self.session, key, now=self.now)
        except TooLate:
            return
        raise AssertionError(f"{verb.__name__} of {self.rows[key]} was not refused")

    def ask_next(self) -> None:
        waiting = sorted((row.since, key) for key, row in self.rows.items() if row.state == F.STANDBY)
        for _, key in waiting[: max(0, PLACES - self.taken - self.asked)]:
            self.rows[key].state = F.SENT
            self.rows[key].expires_at = self.deadline
        for _ in range(max(0, PLACES - self.taken - self.asked)):
            self.ask(None)

    def search_on(self) -> None:
        for key, row in sorted(self.rows.items()):
            asked = any(one.replaces == key and one.state == F.SENT for one in self.rows.values())
            if row.state == F.ACCEPTED and row.looks and not asked:
                self.ask(key)

    def ask(self, replaces: int | None) -> None:
        if self.line:
            person = self.line.pop(0)
            found = self.session.exec(select(Offer.id).where(Offer.person_id == person)).one()
            self.rows[found or 0] = Row(person, F.SENT, self.deadline, replaces)

    def leave_to_substitute(self, key: int) -> None:
        leaving = self.rows[key]
        leaving.state, leaving.looks = F.DECLINED, False
        for one in self.rows.values():
            if one.replaces == key and one.state == F.SENT:
                one.state = F.WITHDRAWN

    def free_substitutes(self, key: int) -> None:
        for one in self.rows.values():
            if one.replaces == key and one.state == F.SENT:
                one.replaces = None

    @property
    def asked(self) -> int:
        return sum(row.state == F.SENT and row.replaces is None for row in self.rows.values())

    @property
    def deadline(self) -> datetime:
        return OfferRules().expires_at(STARTS_AT, self.now)

    @invariant()
    def rows_say_what_the_model_says(self) -> None:
        self.session.expire_all()
        found = self.session.exec(select(Offer).where(col(Offer.need_id) == self.need.id)).all()
        assert {
            one.id: (one.person_id, one.state, one.replaces_id, bool(one.seeks_substitute_at))
            for one in found
        } == {key: (row.person, row.state, row.replaces, row.looks) for key, row in self.rows.items()}
        assert self.session.get_one(Need, self.need.id).taken == self.taken <= PLACES


def test_offers_live_as_the_model_says(engine: Engine) -> None:
    class OnThis(Life):
        pass

    OnThis.engine = engine
    run_state_machine_as_test(
        OnThis,
        settings=settings(
            max_examples=10,
            stateful_step_count=15,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
