"""Answers by mail count as if they were given on the page, when they can mean nothing else.

A letter must come to the signed address of the offer's mail, a calendar's reply from the address that the
offer went to. What is no plain yes or no, or comes too late, goes to the hub's coordinators in a notice
that says so. Who wrote a calendar's reply rests on its From line, as everywhere in calendars.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, func, select

from config.text import Text
from models import Message, Offer
from notifications import answers, kinds, outbox
from notifications.incoming import Incoming
from notifications.links import Purpose
from services import offers
from services.describing import Describer, recipient
from services.errors import HubError
from services.offers import Accepted, Declined
from services.queries import id_of, named, placements

ABOUT_OFFERS = ("offer", "offer_reminder", "confirmation", "reminder", "changed")
LONGEST_QUOTE = 300


def answer(session: Session, mail: Incoming, row: Message | None, *, now: datetime, mark: str) -> bool:
    """Take a letter for an answer, or hand it to the coordinators; return whether it was one.

    `mark` tells this letter from every other.
    """
    reply = answers.calendar_reply(mail.calendar) if mail.calendar else None
    if reply is not None:
        if mail.sender != reply.attendee or not _was_asked(session, reply.offer_id, mail.sender):
            return False
        offer_id, comes = reply.offer_id, reply.comes
    elif row is not None and row.kind in ABOUT_OFFERS and "offer" in row.subject:
        if mail.sender != row.to_address.lower():
            return False
        offer_id, comes = row.subject["offer"], answers.meant(mail.text)
    else:
        return False
    if comes is not None and _done(session, offer_id, now, comes=comes):
        return True
    _hand_on(session, offer_id, mail.text, comes, now=now, mark=mark)
    return False


def _was_asked(session: Session, offer_id: int, address: str) -> bool:
    # A calendar writes the address as its owner does, not as our row has it.
    is_theirs = func.lower(Message.to_address) == address
    query = select(Message.subject).where(is_theirs, col(Message.kind).in_(ABOUT_OFFERS))
    return any(about.get("offer") == offer_id for about in session.exec(query))


def _done(session: Session, offer_id: int, now: datetime, *, comes: bool) -> bool:
    deed = offers.accept if comes else offers.decline
    try:
        with session.begin_nested():
            return isinstance(deed(session, offer_id, now=now), Accepted | Declined)
    except HubError:
        return False


def _hand_on(
    session: Session, offer_id: int, words: str, comes: bool | None, *, now: datetime, mark: str
) -> None:
    found = placements(session, col(Offer.id) == offer_id)
    if not found:
        return
    placed, known = found[0], Describer(session, found)
    hub = placed.occasion.hub
    said = {
        True: Text("能来，但这个位置已经定不下来了", "yes, but the place cannot be had any more"),
        False: Text("来不了，但现在已经改不了了", "no, but it can no longer be changed"),
        None: Text("回了一封信，看不出来不来", "something that is neither yes nor no"),
    }[comes]
    notices = [
        (
            f"answer:{mark}:{id_of(person)}",
            kinds.HubNoticeMail(
                to=recipient(person),
                hub=named(hub.name_zh, hub.name_en),
                title=Text("有人用邮件回了邀请", "Somebody answered an offer by mail"),
                sentence=Text(
                    "“{title}”的{name}：{said}。请看一下，需要的话打个电话。",
                    "{name}, about “{title}”: {said}. Please have a look, and telephone if need be.",
                ).format(title=placed.occasion.title, name=placed.person.name, said=said),
                reason=" ".join(words.split())[:LONGEST_QUOTE],
                action=Text("看名单", "See the roster"),
                page=Purpose.HUB,
                ids=(id_of(hub), id_of(person)),
                path=f"/activities/{placed.occasion.activity.code}",
                made_at=now,
            ),
        )
        for person in known.coordinators.get(id_of(hub), [])
    ]
    outbox.queue_many(session, notices, now=now)
