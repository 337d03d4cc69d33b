"""Send offers: who was proposed is asked, and told until when to answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, or_, select, update
from sqlmodel import Session, col

from config.text import Text, plural
from models import Activity, Need, Offer, Person
from models.states import ActivityState, OfferState, PersonState
from services import mails
from services.gate_rules import gate_rules, may_go
from services.offer_rules import OfferRules, may_leave, offer_rules, sends_by_itself
from services.policies import Book
from services.queries import Placement, batches, placements


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
    on_time: bool = False,
) -> Sent:
    """Send every proposed offer of these hubs that still makes sense.

    With no hubs named, those whose rules leave sending to a coordinator are left out; `on_time` also
    lets young proposals wait, because somebody may still be looking at them.

    Proposals for activities that are called off or about to begin, for places that are taken, and
    for people who left or have no address are withdrawn.
    """
    rules = offer_rules(session, now=now)
    mine = may_leave(rules, now=now) if on_time else sends_by_itself(rules)
    if hubs is not None:
        mine = col(Activity.hub_id).in_(hubs)
    withdrawn = _withdraw_stale(session, mine, rules, now=now)
    sent = send(session, [mine], now=now)
    return Sent(sent, withdrawn, _sentence(sent, withdrawn))


def send(
    session: Session,
    conditions: Sequence[ColumnElement[bool]],
    *,
    now: datetime,
    state: OfferState = OfferState.PROPOSED,
) -> int:
    """Ask everybody whose offer is in `state` and fulfils `conditions`; return how many.

    Offers of activities that are not published yet, or wait for a risk check, wait with them. One UPDATE claims the offers,
    so that a second run at the same time sends none of them again.
    """
    ready = col(Activity.state) == ActivityState.PUBLISHED, may_go(gate_rules(session, now=now))
    chosen = _with_activity(state, [*conditions, *ready])
    claimed = (
        update(Offer)
        .where(col(Offer.state) == state, col(Offer.id).in_(chosen))
        .values(state=OfferState.SENT, sent_at=now, answered_at=None)
        .returning(col(Offer.id))
        .execution_options(synchronize_session=False)
    )
    rules = offer_rules(session, now=now)
    sent = 0
    for batch in batches(sorted(session.execute(claimed).scalars())):
        asked = placements(session, col(Offer.id).in_(batch))
        _set_deadlines(session, asked, rules, now=now)
        mails.queue_offers(session, asked, now=now)
        sent += len(asked)
    return sent


def _set_deadlines(
    session: Session, asked: list[Placement], rules: Book[OfferRules], *, now: datetime
) -> None:
    for placement in asked:
        activity = placement.occasion.activity
        placement.offer.expires_at = rules.of(activity.hub_id).expires_at(activity.starts_at, now)
    session.flush()


def _withdraw_stale(
    session: Session, mine: ColumnElement[bool], rules: Book[OfferRules], *, now: datetime
) -> int:
    needless = and_(
        col(Need.taken) >= Need.maximum, col(Offer.is_reserve).is_(False), col(Offer.replaces_id).is_(None)
    )
    stale = or_(
        col(Activity.state).in_((ActivityState.CANCELLED, ActivityState.DONE)),
        col(Activity.starts_at) <= now + rules.network.last_call,
        needless,
        col(Person.state) != PersonState.ACTIVE,
        col(Person.email) == "",
    )
    chosen = _with_activity(OfferState.PROPOSED, [mine, stale])
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
