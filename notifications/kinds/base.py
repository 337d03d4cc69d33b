"""What every message has: a recipient, a stream that one can leave, a lane, and what it is about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from functools import cached_property
from typing import ClassVar

from config.text import Text
from notifications import links
from notifications.links import Purpose


class Stream(StrEnum):
    """What a person can stop receiving; short, because it ends the unsubscribe link."""

    OFFERS = "offers"
    REMINDERS = "reminders"
    DIGESTS = "digests"
    REPORTS = "reports"
    SURVEYS = "surveys"
    SERVICE = "service"
    """What somebody must be told: changes of what they agreed to, consents, their own work."""


REQUIRED = frozenset({Stream.SERVICE})
"""Streams that nobody can leave."""

STREAM_NAMES: Mapping[Stream, Text] = {
    Stream.OFFERS: Text("活动邀请", "offers"),
    Stream.REMINDERS: Text("提醒和感谢", "reminders and thanks"),
    Stream.DIGESTS: Text("周报和月报", "digests"),
    Stream.REPORTS: Text("评估报告", "evaluation reports"),
    Stream.SURVEYS: Text("问卷", "surveys"),
    Stream.SERVICE: Text("必要通知", "necessary notices"),
}


def names_of(streams: Iterable[Stream]) -> Text:
    """Return the names of several streams as one phrase."""
    names = [STREAM_NAMES[stream] for stream in streams]
    return Text("、".join(name.zh for name in names), ", ".join(name.en for name in names))


class Lane(IntEnum):
    """How soon a message leaves; a lower lane never waits for a higher one."""

    URGENT = 0
    NORMAL = 1
    BULK = 2


@dataclass(frozen=True)
class Recipient:
    """Hold to whom a message goes and how they read; `called` is how we greet them."""

    name: str
    address: str
    language: str = "zh-Hans"
    time_zone: str = "Asia/Shanghai"
    form_of_address: str = ""

    @property
    def called(self) -> str:
        """Return the form of address that the person chose, else the full name."""
        return self.form_of_address or self.name


@dataclass(frozen=True)
class Contact:
    """Hold who reads the replies to a message."""

    name: str
    phone: str = ""
    address: str = ""


@dataclass(frozen=True)
class Occasion:
    """Hold an activity as its readers need it: what, when, where, with whom."""

    activity_id: int
    revision: int
    title: Text
    starts_at: datetime
    ends_at: datetime
    hub: Text
    place: str
    """Street address and room, as one would ask for it on the way."""
    time_zone: str = "Asia/Shanghai"
    summary: Text = field(default_factory=lambda: Text("", ""))
    contact: Contact | None = None

    @property
    def about(self) -> dict[str, int]:
        """Return the ids that tell later whether the activity is still as it was."""
        return {"activity": self.activity_id, "revision": self.revision}

    @property
    def link_expires_at(self) -> datetime:
        """Return until when links about this activity open: some days after it."""
        return self.ends_at + timedelta(days=3)


@dataclass(frozen=True)
class CalendarEntry:
    """Hold what a calendar shows; `method` and `status` are those of RFC 5546 and 5545."""

    uid: str
    method: str
    status: str
    occasion: Occasion
    title: Text
    url: str
    answer: str = "NEEDS-ACTION"
    """The recipient's PARTSTAT."""


@dataclass(frozen=True, kw_only=True)
class Mail:
    """Hold a message before it is rendered; each kind is a subclass with its own template."""

    kind: ClassVar[str]
    stream: ClassVar[Stream] = Stream.SERVICE
    lane: ClassVar[Lane] = Lane.NORMAL
    is_news: ClassVar[bool] = False
    """Whether it tells without asking for an answer by a certain time, and brings no calendar entry."""

    to: Recipient

    @property
    def about(self) -> dict[str, int]:
        """Return the ids of what the message is about, for the question "still true?"."""
        return {}

    @property
    def leaves(self) -> tuple[Stream, ...]:
        """Return the streams that its unsubscribe link stops."""
        return () if self.stream in REQUIRED else (self.stream,)

    @property
    def can_wait(self) -> bool:
        """Say whether it may wait a short while, to go out in one mail with other news of the same person."""
        return self.is_news

    @cached_property
    def url(self) -> str:
        """Return the address of the page where the recipient acts, or nothing."""
        return ""

    @property
    def contact(self) -> Contact | None:
        """Return who reads the replies."""
        return None

    @cached_property
    def calendar(self) -> CalendarEntry | None:
        """Return the calendar entry that rides along."""
        return None


def offer_url(offer_id: int, occasion: Occasion) -> str:
    """Return the page where a volunteer answers, or later sees what they answered."""
    return links.link(Purpose.OFFER, offer_id, expires_at=occasion.link_expires_at)


def participation_url(participation_id: int, occasion: Occasion) -> str:
    """Return the page of a participant's own place at an activity."""
    return links.link(Purpose.PARTICIPATION, participation_id, expires_at=occasion.link_expires_at)
