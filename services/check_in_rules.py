"""When one can check in, how often one may mistype the code, and from when on time counts."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import ClassVar

from pydantic import Field
from sqlmodel import Session

from config.settings import settings
from config.text import Text
from models import Activity, CheckIn
from services.policies import Book, Rules, book

DIGITS = 6


class CheckInRules(Rules):
    """Hold how a hub lets people check in on the spot."""

    kind: ClassVar[str] = "check_in"
    title: ClassVar[Text] = Text("签到", "Checking in")
    labels: ClassVar[Mapping[str, Text]] = {
        "opens_minutes_before": Text(
            "开始前几分钟可以签到", "Minutes before the start at which checking in opens"
        ),
        "grace_minutes": Text(
            "晚到几分钟内，时长仍从开始算", "Minutes late within which time counts from the start"
        ),
        "tries": Text("数字最多输错几次", "Wrong codes in a row"),
        "wait_minutes": Text("输错太多，等几分钟再试", "Minutes to wait after too many wrong codes"),
    }

    opens_minutes_before: int = Field(default=60, ge=0, le=240)
    grace_minutes: int = Field(default=15, ge=0, le=120)
    tries: int = Field(default=5, ge=1, le=20)
    wait_minutes: int = Field(default=15, ge=1, le=120)

    def opens_at(self, activity: Activity) -> datetime:
        """Return from when on one can check in; one can until the end."""
        return activity.starts_at - timedelta(minutes=self.opens_minutes_before)

    def timed_minutes(self, activity: Activity, check: CheckIn) -> int:
        """Return the whole minutes that somebody served who came and left as they said."""
        is_late = check.at > activity.starts_at + timedelta(minutes=self.grace_minutes)
        began = check.at if is_late else activity.starts_at
        ended = min(check.left_at or activity.ends_at, activity.ends_at)
        return max(0, int((ended - began) // timedelta(minutes=1)))


def check_in_rules(session: Session, *, now: datetime) -> Book[CheckInRules]:
    """Return how every hub lets people check in today."""
    return book(session, CheckInRules, now=now)


def code_of(activity: Activity) -> str:
    """Return the six digits that are shown at an activity; another start gives other digits."""
    words = f"check-in:{activity.id}:{activity.starts_at:%Y%m%dT%H%MZ}"
    digest = hmac.digest(settings().signing_key.encode(), words.encode(), "sha256")
    return f"{int.from_bytes(digest[:8], 'big') % 10**DIGITS:0{DIGITS}}"
