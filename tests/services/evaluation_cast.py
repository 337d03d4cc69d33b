"""A small network ready to be evaluated: two sub-districts, three hubs, assessors, and young people served."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import Session, col, select

from models import (
    Assessment,
    Hub,
    HubFact,
    Invitation,
    Participation,
    Partner,
    Person,
    RoleKind,
    Unit,
)
from models.states import ActivityState, AssessmentState, InvitationState, Presence
from services import evaluations
from tests.factories import (
    NOW,
    make_activity,
    make_coordinator,
    make_hub,
    make_manager,
    make_participant,
    make_person,
    make_role,
    make_unit,
    save,
)

LATER = NOW + timedelta(days=7)
FACTS = {
    "venue_area_m2": 88.0,
    "open_hours_week": 30.0,
    "funds_used_on_time_pct": 92.0,
    "certified_share_pct": 50.0,
}
RUBRICS = ("pj.quality", "ef.observe", "st.case")
ITEMS = ("q1", "q2", "q3", "q4", "q5")


@dataclass(frozen=True)
class Network:
    """Hold the cast; `others` is a district next door whose manager must see nothing."""

    district: Unit
    streets: tuple[Unit, Unit]
    hubs: tuple[Hub, Hub, Hub]
    manager: Person
    street_manager: Person
    outsider: Person
    coordinators: tuple[Person, Person, Person]
    assessors: tuple[Person, ...]


def make_network(session: Session, *, served: int = 14) -> Network:
    district = make_unit(session, code="XC", name_zh="西城区", name_en="Xicheng", kind="district")
    streets = (
        make_unit(session, parent=district, code="XC-01"),
        make_unit(session, parent=district, code="XC-02"),
    )
    partners = [save(session, Partner(code=f"P{n}", name_zh=f"事务所{n}")) for n in range(3)]
    hubs = tuple(
        make_hub(session, unit=unit, code=f"XC-0{n}", partner_id=partner.id)
        for n, (unit, partner) in enumerate(zip((*streets, streets[1]), partners, strict=True), 1)
    )
    for hub in hubs:
        serve(session, hub, served)
        for fact, value in FACTS.items():
            save(session, HubFact(hub_id=hub.id, fact=fact, value=value, as_of=date(2026, 6, 30)))
    assert len(hubs) == 3
    return Network(
        district=district,
        streets=streets,
        hubs=hubs,
        manager=make_manager(session, district, name="祁望舒"),
        street_manager=make_manager(session, streets[1]),
        outsider=make_manager(session, make_unit(session)),
        coordinators=tuple(make_coordinator(session, hub) for hub in hubs),  # type: ignore[arg-type]
        assessors=tuple(make_assessor(session, district, partners[n % 3]) for n in range(6)),
    )


def make_assessor(session: Session, unit: Unit, employer: Partner | None = None) -> Person:
    person = make_person(session, partner_id=employer.id if employer else None)
    make_role(session, person, RoleKind.ASSESSOR, unit=unit)
    return person


def serve(session: Session, hub: Hub, people: int) -> None:
    """Let two activities of a hub happen, with `people` who came to one of them."""
    for place in range(2):
        activity = make_activity(
            session, hub, starts_at=NOW - timedelta(days=30 + place), state=ActivityState.DONE
        )
        for n in range(place, people, 2):
            young = make_participant(session, hub, birth_date=date(2010 if n % 3 else 2002, 3, 5))
            save(
                session,
                Participation(
                    activity_id=activity.id,
                    participant_id=young.id,
                    signed_up_at=NOW,
                    presence=Presence.PRESENT,
                ),
            )


def open_cycle(session: Session, **over: object) -> evaluations.CycleOpened:
    return evaluations.open_cycle(session, code="E1", unit="XC", now=NOW, **over)  # type: ignore[arg-type]


def answer_all(session: Session, *, level: int = 3, answer: int = 4) -> None:
    """Let every assessor and every drawn resident answer, the residents not all alike."""
    asked = select(Assessment).where(Assessment.state == AssessmentState.ASKED).order_by(col(Assessment.id))
    for assessment in session.exec(asked).all():
        scores = {name: min(level + (assessment.assessor_id + n) % 2, 4) for n, name in enumerate(RUBRICS)}
        evaluations.record_assessment(session, assessment.id or 0, scores, now=NOW)
    drawn = select(Invitation).where(Invitation.state == InvitationState.DRAWN).order_by(col(Invitation.id))
    for number, invitation in enumerate(session.exec(drawn).all()):
        answers = {item: min(max(answer + (number + n) % 3 - 1, 1), 5) for n, item in enumerate(ITEMS)}
        evaluations.record_survey(session, invitation.id or 0, answers, now=NOW)


def scored_cycle(session: Session) -> Network:
    """A network whose cycle E1 is opened, answered, closed and scored."""
    network = make_network(session)
    open_cycle(session)
    answer_all(session)
    evaluations.score(session, "E1", now=LATER)
    return network
