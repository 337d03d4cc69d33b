"""What pages read and no verb returns, on both kinds of database."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlmodel import Session

from config.text import Text
from models import BackgroundCheck, Consent, Guardian
from models.states import OfferState
from services import views
from services.errors import NotFound, NotYours
from services.roster import roster
from tests import factories
from tests.factories import NOW


def test_network_counts_open_hubs_and_the_next_two_weeks(session: Session) -> None:
    hub = factories.make_hub(session)
    factories.make_hub(session, is_open=False)
    for days, state in (
        (1, "published"),
        (13, "published"),
        (15, "published"),
        (2, "planned"),
        (-1, "published"),
    ):
        factories.make_activity(session, hub, starts_at=NOW + timedelta(days=days), state=state)
    assert views.network_now(session, now=NOW) == views.NetworkNow(hubs=1, activities=2)


def test_hub_head_is_for_who_runs_the_hub(session: Session) -> None:
    unit = factories.make_unit(session, name_zh="展览路街道", name_en="Zhanlanlu")
    hub = factories.make_hub(session, unit=unit, name_zh="晨光里", name_en="")
    worker = factories.make_coordinator(session, hub)
    head = views.hub_head(session, hub.id or 0, by=worker.id or 0)
    assert (head.name, head.unit) == (Text("晨光里", "晨光里"), Text("展览路街道", "Zhanlanlu"))
    with pytest.raises(NotYours):
        views.hub_head(session, hub.id or 0, by=factories.make_person(session).id or 0)


def test_reader_who_is_gone_is_not_found(session: Session) -> None:
    with pytest.raises(NotFound):
        views.reader(session, 404)


def test_roster_lists_the_confirmed_first_and_only_who_counts(session: Session) -> None:
    hub = factories.make_hub(session)
    worker = factories.make_coordinator(session, hub)
    activity = factories.make_activity(session, hub)
    need = factories.make_need(session, activity, desired=4, maximum=4, taken=1, needs_check=True)
    for state in ("declined", "standby", "sent", "accepted", "withdrawn"):
        person = factories.make_person(session, name=state, birth_date=date(2010, 1, 1))
        factories.make_offer(session, need, person, state=state)
        if state == "accepted":
            for year in (2026, 2027):
                check = BackgroundCheck(
                    person_id=person.id or 0, checked_on=date(year - 2, 1, 1), expires_on=date(year, 5, 1)
                )
                factories.save(session, check)
    (role,) = roster(session, activity.code, hub_id=hub.id or 0, by=worker.id or 0, now=factories.NOW).roles
    assert [(one.name, one.check_until) for one in role.people] == [
        ("accepted", date(2027, 5, 1)),
        ("sent", None),
        ("standby", None),
    ]
    assert (role.taken, role.asked, role.wanted, role.open) == (1, 1, 4, 2)
    assert {one.is_minor for one in role.people} == {True}


def test_reasons_of_a_roster_are_about_them_and_at_most_three(session: Session) -> None:
    hub = factories.make_hub(session)
    worker = factories.make_coordinator(session, hub)
    activity = factories.make_activity(session, hub)
    codes = ("near", "nonsense", "liked", "hub", "free")
    reasons = [{"code": code, "value": 0.6} for code in codes]
    factories.make_offer(
        session,
        factories.make_need(session, activity),
        factories.make_person(session),
        state="sent",
        reasons=reasons,
    )
    (role,) = roster(session, activity.code, hub_id=hub.id or 0, by=worker.id or 0, now=factories.NOW).roles
    assert [why.zh for why in role.people[0].why] == ["离0.6公里", "喜欢这类活动", "自己青年汇的人"]


def test_lapsing_lists_checks_and_consents_of_the_next_month_soonest_first(session: Session) -> None:
    hub = factories.make_hub(session)
    for name, until in (("late", date(2027, 3, 1)), ("soon", date(2026, 12, 9)), ("gone", date(2026, 11, 1))):
        person = factories.make_volunteer(session, hub, name=name)
        check = BackgroundCheck(person_id=person.id or 0, checked_on=date(2025, 1, 1), expires_on=until)
        factories.save(session, check)
    minor = factories.make_volunteer(session, hub, name="minor", birth_date=date(2011, 1, 1))
    guardian = factories.save(session, Guardian(person_id=minor.id, name="乔木"))
    consent = Consent(
        guardian_id=guardian.id or 0,
        purpose="volunteering",
        state="granted",
        asked_at=NOW,
        expires_on=date(2026, 11, 30),
    )
    factories.save(session, consent)
    assert views.lapsing(session, hub.id or 0, now=NOW) == (
        views.Lapsing("consent", "minor", date(2026, 11, 30)),
        views.Lapsing("check", "soon", date(2026, 12, 9)),
    )


def test_proposed_offers_are_those_of_the_hub(session: Session) -> None:
    hub, other = factories.make_hub(session), factories.make_hub(session)
    for where, state in ((hub, "proposed"), (hub, "sent"), (other, "proposed")):
        need = factories.make_need(session, factories.make_activity(session, where))
        factories.make_offer(session, need, factories.make_person(session), state=OfferState(state))
    assert views.proposed_offers(session, hub.id or 0) == 1
