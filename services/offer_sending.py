"""Send offers: who was proposed is asked, and told until when to answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, or_, select, update
from sqlmodel import Session, col

from config.text import Text, plural
from models import Activity, Need, Offer, Person
from models.states import ActivityState, OfferState, PersonState
from services import mails
from services.queries import Placement, batches, placements


@dataclass(frozen=True)
class OfferPolicy:
    """Hold how long people may think, and how late we still ask.

    An offer is open for `answer_within`, and no longer than until `closes_before` the start. Where
    that leaves less, it is open for `short_notice`; within `last_call` of the start nobody is asked.
    """

    answer_within: timedelta = timedelta(hours=48)
    closes_before: timedelta = timedelta(hours=12)
    short_notice: timedelta = timedelta(hours=4)
    last_call: timedelta = timedelta(hours=1)

    def expires_at(self, starts_at: datetime, now: datetime) -> datetime:
        """Return until when an offer that is sent now can be answered."""
        usual = min(now + self.answer_within, starts_at - self.closes_before)
        hurried = min(now + self.short_notice, starts_at - self.last_call)
        return max(usual, hurried)


POLICY = OfferPolicy()


@dataclass(frozen=True)
class Sent:
    """Say how many offers left, and how many were taken back unsent."""

    sent: int
    withdrawn: int
    sentence: Text


def send_offers(
    session: Session,
    *,
    now: datetime,
    hubs: list[int] | None = None,
    proposed_until: datetime | None = None,
    policy: OfferPolicy = POLICY,
) -> Sent:
    """Send every proposed offer of the hubs (None: of all) that still makes sense.

    With `proposed_until`, younger proposals wait: somebody may still be looking at them.

    Proposals for activities that are called off or about to begin, for places that are taken, and
    for people who left or have no address are withdrawn.
    """
    mine: list[ColumnElement[bool]] = [] if hubs is None else [col(Activity.hub_id).in_(hubs)]
    if proposed_until is not None:
        mine.append(col(Offer.proposed_at) <= proposed_until)
    withdrawn = _withdraw_stale(session, mine, now=now, policy=policy)
    sent = send(session, mine, now=now, policy=policy)
    return Sent(sent, withdrawn, _sentence(sent, withdrawn))


def send(
    session: Session,
    conditions: Sequence[ColumnElement[bool]],
    *,
    now: datetime,
    policy: OfferPolicy = POLICY,
    state: OfferState = OfferState.PROPOSED,
) -> int:
    """Ask everybody whose offer is in `state` and fulfils `conditions`; return how many.

    Offers of activities that are not published yet wait until they are. One UPDATE claims the offers,
    so that a second run at the same time sends none of them again.
    """
    chosen = _with_activity(state, [*conditions, col(Activity.state) == ActivityState.PUBLISHED])
    claimed = (
        update(Offer)
        .where(col(Offer.state) == state, col(Offer.id).in_(chosen))
        .values(state=OfferState.SENT, sent_at=now, answered_at=None)
        .returning(col(Offer.id))
        .execution_options(synchronize_session=False)
    )
    sent = 0
    for batch in batches(sorted(session.execute(claimed).scalars())):
        asked = placements(session, col(Offer.id).in_(batch))
        _set_deadlines(session, asked, now=now, policy=policy)
        mails.queue_offers(session, asked, now=now)
        sent += len(asked)
    return sent


def _set_deadlines(session: Session, asked: list[Placement], *, now: datetime, policy: OfferPolicy) -> None:
    for placement in asked:
        placement.offer.expires_at = policy.expires_at(placement.occasion.activity.starts_at, now)
    session.flush()


def _withdraw_stale(
    session: Session, mine: Sequence[ColumnElement[bool]], *, now: datetime, policy: OfferPolicy
) -> int:
    stale = or_(
        col(Activity.state).in_((ActivityState.CANCELLED, ActivityState.DONE)),
        col(Activity.starts_at) <= now + policy.last_call,
        col(Need.taken) >= Need.maximum,
        col(Person.state) != PersonState.ACTIVE,
        col(Person.email) == "",
    )
    chosen = _with_activity(OfferState.PROPOSED, [*mine, stale])
    statement = (
        update(Offer)
        .where(col(Offer.state) == OfferState.PROPOSED, col(Offer.id).in_(chosen))
        .values(state=OfferState.WITHDRAWN)
        .execution_options(synchronize_session=False)
    )
    return session.exec(statement).rowcount


def _with_activity(state: OfferState, conditions: Sequence[ColumnElement[bool]]) -> Select[tuple[int | None]]:
    return (
        select(col(Offer.id))
        .join(Need, col(Need.id) == Offer.need_id)
        .join(Activity, col(Activity.id) == Offer.activity_id)
        .join(Person, col(Person.id) == Offer.person_id)
        .where(col(Offer.state) == state, *conditions)
    )


def _sentence(sent: int, withdrawn: int) -> Text:
    back = Text(zh="", en="")
    if withdrawn:
        back = Text(
            zh=f"另有{withdrawn}个没有发出就撤回了：活动取消、快开始了、满员，或者没有邮箱。",
            en=f" {withdrawn} more {plural(withdrawn, 'was', 'were')} taken back unsent: the activity is "
            "cancelled, about to begin or full, or there is no address.",
        )
    return Text(
        zh=f"发出{sent}个邀请。{back.zh}",
        en=f"{sent} {plural(sent, 'offer', 'offers')} sent.{back.en}",
    )
