"""No night costs anybody a mail: what the morning would be too late for leaves at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session

from models.states import OfferState
from notifications import outbox
from services import mails, pacing
from services.mail_rules import MailRules
from services.policies import set_rules
from services.queries import placements
from tests.factories import make_activity, make_hub, make_need, make_offer, make_volunteer

HOUR = timedelta(hours=1)
NIGHT = datetime(2026, 11, 24, 21, 30, tzinfo=UTC)
"""Half past five in the morning in Beijing."""


@pytest.fixture(autouse=True)
def _quiet_until_eight(session: Session, now: datetime) -> None:
    set_rules(session, MailRules, {"quiet_from": 21, "quiet_until": 8}, hub_id=None, now=now)


def waits(session: Session) -> list[str]:
    rows = outbox.claim(session, "lease", now=NIGHT, limit=9)
    assert len(rows) == 1
    return [reason for reason, _ in pacing.waits(session, rows, "relay", now=NIGHT).values()]


@pytest.mark.parametrize(("hours", "reasons"), [(3, []), (3.5, ["quiet_hours"]), (24, ["quiet_hours"])])
def test_reminder_waits_for_the_morning_unless_nobody_could_set_out_then(
    session: Session, hours: float, reasons: list[str]
) -> None:
    hub = make_hub(session)
    activity = make_activity(session, hub, starts_at=NIGHT + hours * HOUR)
    make_offer(session, make_need(session, activity), make_volunteer(session, hub), state=OfferState.ACCEPTED)
    mails.queue_reminders(session, [(one, 3) for one in placements(session)], now=NIGHT)
    assert waits(session) == reasons


@pytest.mark.parametrize(("hours", "reasons"), [(2, []), (3, []), (5, ["quiet_hours"])])
def test_offer_that_closes_before_its_reader_is_up_leaves_at_night(
    session: Session, hours: float, reasons: list[str]
) -> None:
    hub = make_hub(session)
    activity = make_activity(session, hub, starts_at=NIGHT + 8 * HOUR)
    need = make_need(session, activity)
    make_offer(
        session, need, make_volunteer(session, hub), state=OfferState.SENT, expires_at=NIGHT + hours * HOUR
    )
    mails.queue_offers(session, placements(session), now=NIGHT)
    assert waits(session) == reasons
