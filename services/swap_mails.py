"""What is told of a swap: to the two without a name, to coordinators with both."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlmodel import Session

from config.text import Text
from models.states import OfferState
from notifications import kinds, outbox
from notifications.kinds import SwapNews
from notifications.links import Purpose
from services import mails
from services.describing import Describer, recipient
from services.queries import Placement, id_of
from services.wording import moment_text

if TYPE_CHECKING:
    from services.swap_pairs import Pair

_TITLES: dict[SwapNews, Text] = {
    SwapNews.AGREED: Text("两个人想换班，等你点头", "Two volunteers would like to swap: your yes is needed"),
    SwapNews.DECLINED: Text(
        "换班不用定了：有一位不换了", "A swap needs no decision: one of them will not swap"
    ),
    SwapNews.WITHDRAWN: Text("换班不用定了：提出的人收回了", "A swap needs no decision: it was taken back"),
    SwapNews.LAPSED: Text("换班过了时间，照原来的安排", "A swap ran out of time; everything stays as it was"),
    SwapNews.VOID: Text("换班换不成了：安排变了", "A swap is no longer possible: plans have changed"),
}


def ask(session: Session, pair: Pair, *, now: datetime) -> int:
    """Ask the holder of the other place whether they would take the first one instead."""
    mail = kinds.SwapAskedMail(**_about(session, pair, pair.other), expires_at=pair.swap.expires_at)
    return outbox.queue_many(session, [(f"swap:{id_of(pair.swap)}:asked", mail)], now=now)


def tell(session: Session, pair: Pair, placed: Placement, news: SwapNews, *, now: datetime) -> int:
    """Tell one of the two what became of it; who has left the place meanwhile knows."""
    if news != SwapNews.DONE and placed.offer.state != OfferState.ACCEPTED:
        return 0
    about = _about(session, pair, placed)
    mail = kinds.SwapMail(**about, news=news, reason=pair.swap.reason if news == SwapNews.REFUSED else "")
    key = f"swap:{id_of(pair.swap)}:{news}:{id_of(placed.offer)}"
    return outbox.queue_many(session, [(key, mail)], now=now)


def tell_both(session: Session, pair: Pair, news: SwapNews, *, now: datetime) -> int:
    """Tell both what became of it."""
    return sum(tell(session, pair, placed, news, now=now) for placed in pair.both)


def confirm(session: Session, placed: Placement, *, now: datetime) -> int:
    """Confirm the place that somebody has got, with its calendar entry."""
    return mails.queue_confirmation(session, placed, now=now)


def tell_coordinators(session: Session, pair: Pair, news: SwapNews, *, now: datetime) -> int:
    """Tell the coordinators of both hubs that a swap waits for them, or no longer does."""
    known = Describer(session, pair.both)
    notices = [
        (
            f"swap:{id_of(pair.swap)}:{news}:hub:{hub_id}:{id_of(person)}",
            _notice(pair, hub_id, person, news, now),
        )
        for hub_id in dict.fromkeys(id_of(one.occasion.hub) for one in pair.both)
        for person in known.coordinators.get(hub_id, [])
    ]
    return outbox.queue_many(session, notices, now=now)


def place_words(placed: Placement) -> Text:
    """Return a place as "周六…的“修理角”（接待员）"."""
    activity, zone = placed.occasion.activity, placed.occasion.hub.time_zone
    return Text("{when}“{title}”的{role}", "{role} at “{title}”, {when}").format(
        when=moment_text(activity.starts_at, zone), title=placed.occasion.title, role=placed.role
    )


def _notice(pair: Pair, hub_id: int, person: Any, news: SwapNews, now: datetime) -> kinds.HubNoticeMail:
    hub = next(one.occasion.hub_name for one in pair.both if id_of(one.occasion.hub) == hub_id)
    mine, other = pair.both
    sentence = Text(
        "{one}（{place}）和{other}（{there}）想互相换。",
        "{one} ({place}) and {other} ({there}) would like to trade places.",
    )
    return kinds.HubNoticeMail(
        to=recipient(person),
        hub=hub,
        title=_TITLES[news],
        sentence=sentence.format(
            one=mine.person.name,
            place=place_words(mine),
            other=other.person.name,
            there=place_words(other),
        ),
        action=Text("看这次换班", "See the swap"),
        page=Purpose.HUB,
        ids=(hub_id, id_of(person)),
        path=f"/swaps/{id_of(pair.swap)}",
        made_at=now,
    )


def _about(session: Session, pair: Pair, placed: Placement) -> dict[str, Any]:
    there = pair.other if placed is pair.mine else pair.mine
    known = Describer(session, pair.both)
    return {
        **known.about_offer(placed),
        "swap_id": id_of(pair.swap),
        "there": known.occasion(there),
        "there_role": there.role,
    }
