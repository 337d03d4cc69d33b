"""Messages to a volunteer who did not come: that we missed them, and that the record was wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from notifications.kinds.offers import AboutOffer


@dataclass(frozen=True, kw_only=True)
class NoShowMail(AboutOffer):
    """Tell a volunteer kindly that we missed them, and what follows; key `no_show:{record}`."""

    kind: ClassVar[str] = "no_show"

    paused_until: datetime | None = None
    """Until when we do not ask, where the rules say so."""

    @property
    def about(self) -> dict[str, int]:
        """Return the offer whose record must still say so."""
        return {"absence": self.offer_id}


@dataclass(frozen=True, kw_only=True)
class NoShowMendedMail(AboutOffer):
    """Tell a volunteer that they were recorded as absent by mistake; key `no_show_mended:{record}`."""

    kind: ClassVar[str] = "no_show_mended"

    @property
    def about(self) -> dict[str, int]:
        """Return nothing: it stays true."""
        return {}
