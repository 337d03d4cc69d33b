"""Messages of an emergency call-out: many are asked at once, and stood down when enough come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from notifications.kinds.base import Lane, Stream
from notifications.kinds.offers import AboutOffer


@dataclass(frozen=True, kw_only=True)
class CallOutMail(AboutOffer):
    """Call a volunteer who lives near, at once; key `call_out:{offer}`."""

    kind: ClassVar[str] = "call_out"
    stream: ClassVar[Stream] = Stream.OFFERS
    lane: ClassVar[Lane] = Lane.URGENT

    reason: str
    wanted: int
    expires_at: datetime
    km: float | None = None


@dataclass(frozen=True, kw_only=True)
class StandDownMail(AboutOffer):
    """Tell somebody who was called that enough people come, or that it is called off; key `stand_down:{offer}`."""

    kind: ClassVar[str] = "stand_down"
    lane: ClassVar[Lane] = Lane.URGENT

    has_enough: bool
