"""Whether somebody's background check holds on the day of an activity, asked when they say yes."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import Subquery, func, select
from sqlmodel import Session, col

from config.text import Refusal, Text
from models import BackgroundCheck
from services.errors import HubError
from services.queries import Placement, id_of
from services.wording import day_text, local_day

_NONE = Text(
    zh="这个位置要背景核查，系统里还没有你的。和社工说一声，办好了再回答。",
    en="This place needs a background check, and we have none of yours. Ask the social worker, then answer.",
)
_ENDS = Text(
    zh="这个位置要背景核查，你的到{day}为止，到不了活动那天。和社工说一声，续好了再回答。",
    en="This place needs a background check. Yours ends on {day}, before the activity. "
    "Ask the social worker to renew it, then answer.",
)


def refuse_without_check(session: Session, placed: Placement) -> None:
    """Raise `HubError` where the place needs a background check and the person's does not last until then.

    It may have ended, or been taken back, between the plan and the answer.
    """
    if not placed.need.needs_check:
        return
    last_moment = placed.occasion.activity.ends_at - timedelta(seconds=1)
    until = checked_until(session, id_of(placed.person))
    if until is None:
        raise HubError(Refusal("no_check", _NONE))
    if until < local_day(last_moment, placed.occasion.hub.time_zone):
        raise HubError(Refusal("check_ends", _ENDS.format(day=day_text(until))))


def checked_until(session: Session, person_id: int) -> date | None:
    """Return the last day on which a person's newest background check holds."""
    question = select(func.max(col(BackgroundCheck.expires_on))).where(
        col(BackgroundCheck.person_id) == person_id
    )
    until: date | None = session.execute(question).scalar_one()
    return until


def newest_checks() -> Subquery:
    """Return, as a table to join, each person (`person_id`) and the day on which the newest check ends."""
    return (
        select(
            col(BackgroundCheck.person_id).label("person_id"),
            func.max(BackgroundCheck.expires_on).label("expires_on"),
        )
        .group_by(col(BackgroundCheck.person_id))
        .subquery()
    )
