"""Rules are data: a hub's stand above the network's, from a day on, and nothing decided is lost."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlmodel import Session, select

from models import AuditEntry, Policy
from services import policies, rulebook
from services.errors import HubError, NotFound
from services.offer_rules import OfferRules
from tests.factories import NOW, make_coordinator, make_hub

TODAY = date(2026, 11, 23)


def decide(session: Session, hub_id: int | None = None, **given: object) -> policies.PolicySet:
    return policies.set_rules(session, OfferRules, given, hub_id=hub_id, now=NOW)


def rules(session: Session, hub_id: int | None = None, days: int = 0) -> OfferRules:
    return policies.book(session, OfferRules, now=NOW + timedelta(days=days)).of(hub_id)


def test_what_nobody_decided_is_built_in(session: Session) -> None:
    assert rules(session) == OfferRules()


def test_hub_stands_above_the_network_and_follows_it_elsewhere(session: Session) -> None:
    hub, other = make_hub(session), make_hub(session)
    decide(session, asks_per_place=3, last_call_hours=2)
    decide(session, hub.id, asks_per_place=1)
    assert (rules(session, hub.id).asks_per_place, rules(session, hub.id).last_call_hours) == (1, 2)
    assert rules(session, other.id).asks_per_place == 3


def test_rule_counts_from_its_day(session: Session) -> None:
    later = TODAY + timedelta(days=3)
    said = policies.set_rules(
        session, OfferRules, {"asks_per_place": 5}, hub_id=None, now=NOW, valid_from=later
    )
    assert "11月26日" in said.sentence.zh
    assert [rules(session, days=day).asks_per_place for day in (0, 2, 3)] == [1, 1, 5]


def test_decision_is_added_to_the_last_one_and_can_be_taken_back(session: Session) -> None:
    hub = make_hub(session)
    decide(session, hub.id, asks_per_place=2)
    decide(session, hub.id, last_call_hours=3)
    assert policies.own_rules(session, OfferRules, hub.id, now=NOW) == {
        "asks_per_place": 2,
        "last_call_hours": 3,
    }
    decide(session, hub.id, asks_per_place=None)
    assert policies.own_rules(session, OfferRules, hub.id, now=NOW) == {"last_call_hours": 3}
    assert len(session.exec(select(Policy)).all()) == 3


def test_who_decided_and_why_is_kept(session: Session) -> None:
    hub = make_hub(session)
    person = make_coordinator(session, hub)
    rulebook.decide(
        session, "offers", {"asks_per_place": "2"}, hub_id=hub.id, now=NOW, by=person.id, reason="假期人少"
    )
    entry = session.exec(select(AuditEntry)).one()
    assert (entry.verb, entry.by_id, entry.reason) == ("policy.set", person.id, "假期人少")


@pytest.mark.parametrize(
    "wrong",
    [
        {"asks_per_place": "11"},
        {"asks_per_place": "many"},
        {"life": "3:3"},
        {"life": "0:0"},
        {"show_up_target": "1"},
        {"nothing_of_ours": "1"},
    ],
)
def test_wrong_value_is_refused_and_nothing_is_written(session: Session, wrong: dict[str, str]) -> None:
    with pytest.raises(HubError):
        rulebook.decide(session, "offers", wrong, hub_id=None, now=NOW)
    assert session.exec(select(Policy)).all() == []


def test_every_wrong_value_is_named_at_its_field(session: Session) -> None:
    with pytest.raises(HubError) as refused:
        rulebook.decide(session, "offers", {"asks_per_place": "0", "life": "x"}, hub_id=None, now=NOW)
    assert [one.field for one in refused.value.refusals] == ["asks_per_place", "life"]
    assert "最小是1" in refused.value.refusals[0].sentence.zh


def test_past_day_is_refused(session: Session) -> None:
    yesterday = TODAY - timedelta(days=1)
    with pytest.raises(HubError, match="policy_past"):
        policies.set_rules(session, OfferRules, {}, hub_id=None, now=NOW, valid_from=yesterday)


def test_kind_that_does_not_exist_is_refused_with_those_that_do(session: Session) -> None:
    with pytest.raises(NotFound) as refused:
        rulebook.decide(session, "offer", {}, hub_id=None, now=NOW)
    assert "offers" in refused.value.sentence.en


def test_what_is_shown_can_be_typed_again(session: Session) -> None:
    decide(session, life=((7, 72), (0, 24)), show_up_target=0.9, sends_by_itself=False)
    (page,) = rulebook.pages(session, None, now=NOW, kinds=["offers"])
    typed = {line.name: line.value for line in page.lines}
    assert typed["life"] == "7:72, 0:24"
    assert OfferRules.model_validate(policies.read_typed(typed, OfferRules)) == rules(session)
