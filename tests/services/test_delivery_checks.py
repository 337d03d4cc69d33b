"""Still true? Each kind of mail leaves while its news holds, and stays when it no longer does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session

from models import (
    Activity,
    Assessment,
    Consent,
    ConsentPurpose,
    Cycle,
    FrameworkVersion,
    Guardian,
    Invitation,
    Offer,
    Participation,
    Report,
    ScoreRun,
    Swap,
)
from models.states import (
    ActivityState,
    AssessmentState,
    ConsentState,
    CycleState,
    InvitationState,
    MessageState,
    OfferState,
    ParticipationState,
    Presence,
    SwapState,
)
from notifications import outbox
from notifications.kinds import KINDS, Mail
from notifications.samples import samples
from services.attendance import record
from services.delivery_checks import RULES, not_to_send
from tests.factories import (
    make_activity,
    make_coordinator,
    make_hub,
    make_need,
    make_offer,
    make_participant,
    make_person,
    make_volunteer,
    save,
)

SAMPLES = {mail.kind: mail for mail in samples("zh-Hans")}


@dataclass
class World:
    """One of everything that a mail can be about."""

    session: Session
    now: datetime
    activity: Activity
    offer: Offer
    participation: Participation
    consent: Consent
    cycle: Cycle
    assessment: Assessment
    invitation: Invitation
    report: Report
    swap: Swap
    coordinator_id: int

    def mail(self, kind: str) -> Mail:
        """The sample of a kind, about the things of this world."""
        ids: dict[str, Any] = {
            "offer_id": self.offer.id,
            "participation_id": self.participation.id,
            "consent_id": self.consent.id,
            "assessment_id": self.assessment.id,
            "invitation_id": self.invitation.id,
            "swap_id": self.swap.id,
            "report_id": self.report.id,
        }
        mail = SAMPLES[kind]
        changes = {name: value for name, value in ids.items() if getattr(mail, name, None) is not None}
        if getattr(mail, "occasion", None) is not None:
            changes["occasion"] = replace(
                mail.occasion,  # type: ignore[attr-defined] -- just asked
                activity_id=self.activity.id,
                revision=self.activity.revision,
            )
        return replace(mail, **changes)

    def is_true(self, kind: str, change: Callable[[World], None]) -> bool:
        """Queue a mail, let something happen, and say whether it would leave."""
        outbox.queue(self.session, self.mail(kind), key=kind, now=self.now, not_before=self.now)
        change(self)
        self.session.flush()
        (row,) = outbox.claim(self.session, "lease", now=self.now, limit=1)
        verdicts = not_to_send(self.session, [row], now=self.now)
        assert verdicts in ({}, {row.id: (MessageState.OBSOLETE, "no_longer_true")})
        return not verdicts


@pytest.fixture
def world(session: Session, now: datetime) -> World:
    hub = make_hub(session)
    activity = make_activity(session, hub)
    offer = make_offer(
        session, make_need(session, activity), make_volunteer(session, hub), state=OfferState.SENT
    )
    guest = make_participant(session, hub)
    minor = make_volunteer(session, hub, birth_date=date(2011, 1, 1))
    framework = save(session, FrameworkVersion(code="F", version="1", sha256="", text="", loaded_at=now))
    cycle = save(
        session,
        Cycle(
            code="C", name_zh="", name_en="", framework_id=framework.id, unit_id=hub.unit_id, year=2026,
            period_start=now.date(), period_end=now.date(), closes_at=now + timedelta(days=5), seed=1,
            state=CycleState.COLLECTING,
        ),
    )  # fmt: skip
    run = save(
        session,
        ScoreRun(cycle_id=cycle.id, created_at=now, framework_hash="", inputs_hash="", code_version=""),
    )
    guardian = save(session, Guardian(person_id=minor.id, name="乔守正"))
    return World(
        session=session,
        now=now,
        activity=activity,
        offer=offer,
        participation=save(
            session, Participation(activity_id=activity.id, participant_id=guest.id, signed_up_at=now)
        ),
        consent=save(
            session, Consent(guardian_id=guardian.id, purpose=ConsentPurpose.VOLUNTEERING, asked_at=now)
        ),
        cycle=cycle,
        assessment=save(
            session, Assessment(cycle_id=cycle.id, hub_id=hub.id, assessor_id=make_person(session).id)
        ),
        invitation=save(
            session,
            Invitation(
                cycle_id=cycle.id, hub_id=hub.id, participant_id=guest.id, stratum="all", drawn_on=now.date()
            ),
        ),
        report=save(session, Report(cycle_id=cycle.id, run_id=run.id, drafted_at=now)),
        swap=save(
            session,
            Swap(
                offer_id=offer.id,
                other_id=offer.id,
                revision=1,
                other_revision=1,
                asked_at=now,
                expires_at=now,
            ),
        ),
        coordinator_id=make_coordinator(session, hub).id or 0,
    )


def offer_is(state: OfferState) -> Callable[[World], None]:
    return lambda world: setattr(world.offer, "state", state)


def seat_is(state: ParticipationState) -> Callable[[World], None]:
    return lambda world: setattr(world.participation, "state", state)


def nothing(world: World) -> None:
    """All stays as it was."""


def cancelled(world: World) -> None:
    world.offer.state = OfferState.ACCEPTED
    world.activity.state = ActivityState.CANCELLED


def moved(world: World) -> None:
    world.offer.state = OfferState.ACCEPTED
    world.activity.revision += 1


def begun(world: World) -> None:
    world.offer.state = OfferState.ACCEPTED
    world.activity.starts_at = world.now - timedelta(minutes=1)


def ran_out(world: World) -> None:
    world.offer.expires_at = world.now


def over(world: World) -> None:
    world.activity.state = ActivityState.DONE


def recorded(world: World) -> None:
    over(world)
    world.activity.starts_at = world.now - timedelta(hours=4)
    world.activity.ends_at = world.now - timedelta(hours=2)
    world.session.flush()
    seats = {world.participation.id or 0: Presence.PRESENT}
    record(world.session, world.activity.id or 0, {}, seats, by=world.coordinator_id, now=world.now)


def released(world: World) -> None:
    world.report.released_at = world.now


def closed(world: World) -> None:
    world.cycle.state = CycleState.CLOSED


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("offer", nothing),
        ("offer_reminder", nothing),
        ("place_taken", offer_is(OfferState.EXPIRED)),
        ("confirmation", offer_is(OfferState.ACCEPTED)),
        ("reminder", offer_is(OfferState.ACCEPTED)),
        ("changed", offer_is(OfferState.ACCEPTED)),
        ("cancelled", cancelled),
        ("thanks", over),
        ("consent", nothing),
        ("registration", nothing),
        ("sign_up_confirmed", nothing),
        ("sign_up_waiting", seat_is(ParticipationState.WAITING)),
        ("place_freed", seat_is(ParticipationState.OFFERED)),
        ("attendance", over),
        ("assessment", nothing),
        ("survey", nothing),
        ("swap_asked", nothing),
        ("swap", cancelled),
        ("report_drafted", nothing),
        ("report_released", released),
        ("hub_score", released),
        ("volunteer_digest", nothing),
        ("coordinator_digest", nothing),
        ("manager_digest", nothing),
    ],
)
def test_a_mail_leaves_while_its_news_holds(world: World, kind: str, change: Callable[[World], None]) -> None:
    assert world.is_true(kind, change)


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("swap_asked", lambda world: setattr(world.swap, "state", SwapState.WITHDRAWN)),
        *[("offer", change) for change in (cancelled, moved, begun, ran_out)],
        *[("offer", offer_is(state)) for state in OfferState if state is not OfferState.SENT],
        *[("reminder", change) for change in (nothing, cancelled, moved, begun)],
        ("confirmation", offer_is(OfferState.DECLINED)),
        ("place_taken", offer_is(OfferState.ACCEPTED)),
        ("changed", moved),
        ("changed", offer_is(OfferState.DECLINED)),
        ("cancelled", nothing),
        ("sign_up_confirmed", seat_is(ParticipationState.CANCELLED)),
        ("sign_up_waiting", nothing),
        ("place_freed", nothing),
        ("consent", lambda world: setattr(world.consent, "state", ConsentState.GRANTED)),
        ("attendance", recorded),
        ("assessment", closed),
        ("assessment", lambda world: setattr(world.assessment, "state", AssessmentState.SUBMITTED)),
        ("survey", closed),
        ("survey", lambda world: setattr(world.invitation, "state", InvitationState.REFUSED)),
        ("report_drafted", released),
        ("report_released", nothing),
        ("hub_score", nothing),
    ],
)
def test_a_mail_stays_when_its_news_no_longer_holds(
    world: World, kind: str, change: Callable[[World], None]
) -> None:
    assert not world.is_true(kind, change)


def test_every_rule_is_of_a_kind() -> None:
    assert set(RULES) <= set(KINDS)
