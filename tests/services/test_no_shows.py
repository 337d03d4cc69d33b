"""When somebody did not come: what follows by the rules, shown before, ended by its date or with the record."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from models import Message, Offer, Pause
from models.states import OfferState, Presence
from notifications.outbox import Claimed
from services import attendance, delivery_checks, hours_view, matchmaking, no_shows
from services.errors import HubError, NotYours
from services.no_show_rules import NoShowRules
from services.policies import set_rules
from tests.factories import (
    NOW,
    make_activity,
    make_coordinator,
    make_hub,
    make_need,
    make_offer,
    make_volunteer,
)

DAY = timedelta(days=1)


class Hub:
    """A hub whose volunteer said yes to one activity on each of the last days."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.hub = make_hub(session)
        self.worker = make_coordinator(session, self.hub)
        self.volunteer = make_volunteer(session, self.hub)

    def place(self, days_ago: int) -> Offer:
        activity = make_activity(self.session, self.hub, starts_at=NOW - days_ago * DAY)
        need = make_need(self.session, activity, taken=1)
        return make_offer(self.session, need, self.volunteer, state=OfferState.ACCEPTED)

    def record(self, offer: Offer, presence: Presence = Presence.NO_SHOW) -> None:
        attendance.record(
            self.session,
            offer.activity_id,
            {offer.id: presence},
            {},
            by=self.worker.id,
            now=NOW,
            reason="认错人了",
        )

    def warned(self, offer: Offer) -> str:
        (row,) = attendance.sheet(self.session, offer.activity_id, by=self.worker.id, now=NOW).volunteers
        return row.if_absent.zh

    def pause(self) -> no_shows.PauseView | None:
        return no_shows.pause_of(self.session, self.volunteer.id, now=NOW)

    def keys(self) -> list[str]:
        return [m.key.split(":")[0] for m in self.session.exec(select(Message).order_by(col(Message.id)))]


@pytest.fixture
def hub(session: Session) -> Hub:
    return Hub(session)


def test_first_absence_only_asks_how_they_are(hub: Hub) -> None:
    offer = hub.place(3)
    assert hub.warned(offer) == "记“没来”：90天里第1次，只写信问一声，没有别的影响。"
    hub.record(offer)
    assert (hub.pause(), hub.keys()) == (None, ["no_show"])


def test_second_absence_pauses_invitations_and_the_sheet_said_so_before(hub: Hub) -> None:
    hub.record(hub.place(5))
    offer = hub.place(3)
    assert hub.warned(offer) == "记“没来”：90天里第2次，12月7日前不再邀请；已经答应的照常来。"
    hub.record(offer)
    pause = hub.pause()
    assert pause is not None
    assert pause.ends_at == NOW + 14 * DAY
    assert no_shows.pause_of(hub.session, hub.volunteer.id, now=NOW + 14 * DAY) is None


def test_excused_and_old_absences_do_not_add_up(hub: Hub) -> None:
    hub.record(hub.place(91))
    hub.record(hub.place(5), Presence.EXCUSED)
    assert "第1次" in hub.warned(hub.place(3))
    assert hub.keys() == ["no_show"]


def test_who_is_paused_is_not_proposed_and_is_again_afterwards(hub: Hub) -> None:
    for days in (5, 3):
        hub.record(hub.place(days))
    make_need(hub.session, make_activity(hub.session, hub.hub, starts_at=NOW + 20 * DAY))
    for now, proposed in ((NOW, 0), (NOW + 15 * DAY, 1)):
        found = matchmaking.match(hub.session, now=now, until=NOW + 30 * DAY, dry_run=True)
        assert found.filled == proposed


def test_record_put_right_ends_the_pause(hub: Hub) -> None:
    hub.record(hub.place(5))
    offer = hub.place(3)
    hub.record(offer)
    hub.record(offer, Presence.PRESENT)
    assert hub.pause() is None
    (row,) = hub.session.exec(select(Pause))
    assert (row.lifted_at, row.lifted_by_id) == (NOW, hub.worker.id)


def test_earlier_absence_put_right_ends_the_pause_that_it_helped_to_begin(hub: Hub) -> None:
    first = hub.place(5)
    hub.record(first)
    hub.record(hub.place(3))
    assert hub.pause() is not None
    hub.record(first, Presence.PRESENT)
    assert hub.pause() is None


def test_earlier_absence_put_right_leaves_the_pause_where_enough_others_stand(hub: Hub) -> None:
    first = hub.place(7)
    for offer in (first, hub.place(5), hub.place(3)):
        hub.record(offer)
    hub.record(first, Presence.PRESENT)
    assert hub.pause() is not None


def test_mail_of_a_record_put_right_before_it_left_is_obsolete(hub: Hub) -> None:
    offer = hub.place(3)
    hub.record(offer)
    mail = hub.session.exec(select(Message)).one()
    claimed = Claimed(
        **{name: getattr(mail, name) for name in Claimed.__dataclass_fields__ if hasattr(mail, name)}
    )
    assert delivery_checks.not_to_send(hub.session, [claimed], now=NOW) == {}
    hub.record(offer, Presence.EXCUSED)
    verdicts = delivery_checks.not_to_send(hub.session, [claimed], now=NOW)
    assert [state for state, _ in verdicts.values()] == ["obsolete"]
    assert hub.keys() == ["no_show"]


def test_who_had_heard_of_it_hears_that_it_was_wrong(hub: Hub) -> None:
    offer = hub.place(3)
    hub.record(offer)
    hub.session.exec(select(Message)).one().state = "sent"
    hub.session.flush()
    hub.record(offer, Presence.PRESENT)
    assert hub.keys() == ["no_show", "no_show_mended", "thanks"]


def test_hub_may_decide_that_nothing_follows_or_more(hub: Hub) -> None:
    set_rules(hub.session, NoShowRules, {"pause_from": 0}, hub_id=hub.hub.id, now=NOW)
    for days in (9, 8, 7):
        hub.record(hub.place(days))
    assert hub.pause() is None
    set_rules(hub.session, NoShowRules, {"pause_from": 1, "holds_stars": True}, hub_id=hub.hub.id, now=NOW)
    offer = hub.place(3)
    assert hub.warned(offer).endswith("前不再邀请，星级先不升；已经答应的照常来。")
    hub.record(offer)
    pause = hub.pause()
    assert pause is not None
    assert pause.holds_stars
    assert hours_view.hours_page(hub.session, hub.volunteer.id, now=NOW).pause == pause


def test_social_worker_of_the_home_hub_ends_a_pause_with_a_reason(hub: Hub) -> None:
    for days in (5, 3):
        hub.record(hub.place(days))
    stranger = make_coordinator(hub.session, make_hub(hub.session))
    with pytest.raises(NotYours):
        no_shows.lift(hub.session, hub.volunteer.id, by=stranger.id, reason="x", now=NOW)
    with pytest.raises(HubError, match="pause_reason"):
        no_shows.lift(hub.session, hub.volunteer.id, by=hub.worker.id, reason="", now=NOW)
    done = [
        no_shows.lift(hub.session, hub.volunteer.id, by=hub.worker.id, reason="住院了", now=NOW).again
        for _ in range(2)
    ]
    assert (done, hub.pause()) == ([False, True], None)
