"""Who cannot be reached: counted apart from those who refuse and those who keep silent, and free to answer yet."""

from __future__ import annotations

import pytest
from sqlmodel import Session, col, select

from models import Invitation, Message
from models.states import InvitationState, MessageState
from services import evaluations
from services.reports import draft_report, report_view
from tests.factories import NOW
from tests.services.evaluation_cast import ITEMS, LATER, Network, make_network, open_cycle


@pytest.fixture
def network(session: Session) -> Network:
    found = make_network(session)
    open_cycle(session)
    return found


def test_residents_whom_no_mail_reached_are_counted_apart_from_silent_ones(
    session: Session, network: Network
) -> None:
    first, second, third = session.exec(select(Invitation).order_by(col(Invitation.id)).limit(3)).all()
    mails = {one.key: one for one in session.exec(select(Message).where(Message.kind == "survey"))}
    mails[f"survey:{first.id}:1"].state = MessageState.FAILED
    mails[f"survey:{second.id}:1"].state = MessageState.SENT
    session.flush()
    evaluations.refuse_survey(session, third.id or 0, now=NOW)
    evaluations.score(session, "E1", now=LATER)
    states = session.exec(select(Invitation.state)).all()
    counts = {state: states.count(state) for state in set(states)}
    assert counts == {
        InvitationState.UNREACHABLE: 1,
        InvitationState.REFUSED: 1,
        InvitationState.UNANSWERED: 34,
    }
    report = draft_report(session, "E1", now=LATER).report_id
    said = [
        check.sentence.zh for check in report_view(session, report, person_id=network.manager.id or 0).checks
    ]
    assert "抽中36人，回答0人，谢绝1人，没联系上1人，没有回音34人" in said


def test_who_was_out_of_reach_may_still_answer_by_the_link(session: Session, network: Network) -> None:
    invitation = session.exec(select(Invitation).order_by(col(Invitation.id))).first()
    assert invitation is not None
    invitation.state = InvitationState.UNREACHABLE
    session.flush()
    assert (
        evaluations.record_survey(session, invitation.id or 0, dict.fromkeys(ITEMS, 4), now=NOW).answers == 5
    )
    session.refresh(invitation)
    assert invitation.state == InvitationState.ANSWERED
