"""What the network decides about its mail."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from pydantic import Field
from sqlmodel import Session

from config.settings import settings
from config.text import Text
from services.policies import Rules, book


class MailRules(Rules):
    """Hold how mail is sent.

    A mail that may have arrived, and of which no log of the relay tells, is sent once more where its
    stream says so, under the same Message-ID; the others wait for an operator.

    In the quiet hours of its reader only urgent mail leaves, and what the morning would be too late for.
    A person gets at most so many mails in 24 hours, and a domain or the relay so many a minute; 0 is no
    limit, and urgent mail never waits for one. A digest or report that could not leave for `bulk_days`
    does not leave any more.
    """

    kind: ClassVar[str] = "mail"
    title: ClassVar[Text] = Text("怎么发邮件", "How mail is sent")
    labels: ClassVar[Mapping[str, Text]] = {
        "quiet_from": Text(
            "晚上几点起只发急信（和下面相同：不分早晚）", "Hour from which only urgent mail leaves"
        ),
        "quiet_until": Text(
            "早上几点起照常发", "Hour from which all mail leaves again (equal: no quiet hours)"
        ),
        "person_a_day": Text(
            "一个人24小时内最多几封（0不限）", "Mails to one person in 24 hours at most (0: any)"
        ),
        "domain_a_minute": Text(
            "一个邮箱域名一分钟最多几封（0不限）", "Mails to one domain a minute (0: any)"
        ),
        "relay_a_minute": Text("一分钟一共最多几封（0不限）", "Mails a minute in all (0: any)"),
        "bulk_days": Text("周报、报告过几天就不发", "Days after which digests and reports stay"),
        "resend_service": Text(
            "说不准到没到时再发一次：必要通知", "Send once more in doubt: necessary notices"
        ),
        "resend_offers": Text("说不准到没到时再发一次：活动邀请", "Send once more in doubt: offers"),
        "resend_reminders": Text(
            "说不准到没到时再发一次：提醒和感谢", "Send once more in doubt: reminders and thanks"
        ),
        "resend_digests": Text("说不准到没到时再发一次：周报和月报", "Send once more in doubt: digests"),
        "resend_reports": Text(
            "说不准到没到时再发一次：评估报告", "Send once more in doubt: evaluation reports"
        ),
        "resend_surveys": Text("说不准到没到时再发一次：问卷", "Send once more in doubt: surveys"),
    }

    quiet_from: int = Field(default_factory=lambda: settings().quiet[0], ge=0, le=23)
    quiet_until: int = Field(default_factory=lambda: settings().quiet[1], ge=0, le=23)
    person_a_day: int = Field(default=12, ge=0, le=1000)
    domain_a_minute: int = Field(default=0, ge=0, le=100_000)
    relay_a_minute: int = Field(default=0, ge=0, le=100_000)
    bulk_days: int = Field(default=4, ge=1, le=60)
    resend_service: bool = True
    resend_offers: bool = True
    resend_reminders: bool = True
    resend_digests: bool = False
    resend_reports: bool = False
    resend_surveys: bool = False

    def resends(self, stream: str) -> bool:
        """Say whether a doubtful mail of `stream` is sent once more."""
        return bool(getattr(self, f"resend_{stream}", False))


def mail_rules(session: Session, *, now: datetime) -> MailRules:
    """Return how mail is sent today; it is decided for the whole network."""
    return book(session, MailRules, now=now).network
