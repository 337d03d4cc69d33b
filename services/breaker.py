"""A circuit breaker for each mail relay: after a storm of failures nothing but probes goes there.

A refused login, a certificate that is not to be trusted, our own address refused: these open it at once.
Connections that are not made open it at the third in a row; refusals of content, when they are more than
a fifth of the last mails. The mail waits meanwhile. A probe at growing intervals closes it again.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlmodel import Session, select

from config.text import Text
from models import MailRelay
from models.states import MessageState, RelayState
from notifications.reasons import Reason
from notifications.replies import Verdict
from notifications.smtp import relay_name

log = logging.getLogger(__name__)
LOGIN, NOT_SECURE, UNREACHABLE = "smtp_login_refused", "smtp_not_secure", "smtp_unreachable"
SENDER_REFUSED, STORM = "sender_refused", "refusal_storm"
NO_KEY = "no_signing_key"
AT_THE_DOOR = frozenset({LOGIN, NOT_SECURE, UNREACHABLE, NO_KEY})
"""What a connection alone proves to be over."""
MOST_UNREACHABLE = 3
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(minutes=30)
LOOKED_AT, FEWEST, MOST_REFUSED = 50, 20, 0.2
REFUSED_SIGN, OTHER_SIGN = "x", "."

WHY = {
    LOGIN: Text("它不认我们的用户名或密码", "it refuses our user name or password"),
    NOT_SECURE: Text("和它建立不了可信的加密连接", "no trusted encrypted connection to it can be made"),
    UNREACHABLE: Text("连不上它", "it cannot be reached"),
    SENDER_REFUSED: Text("它不让我们的发件地址发信", "it does not let our address send"),
    NO_KEY: Text("签名的密钥用不了", "the signing key cannot be used"),
    STORM: Text("它因为内容拒收了太多信", "it refused too many mails for their content"),
}


@dataclass(frozen=True)
class Gate:
    """Hold how things stand with a relay."""

    relay: str
    state: str = RelayState.CLOSED
    reason: str = ""
    failures: int = 0
    since: datetime | None = None
    next_probe_at: datetime | None = None
    recent: str = ""

    @property
    def is_open(self) -> bool:
        """Say whether nothing but probes goes there."""
        return self.state == RelayState.OPEN

    @property
    def is_watched(self) -> bool:
        """Say whether what becomes of each mail counts at the moment."""
        return self.is_open or self.recent != ""

    @property
    def mark(self) -> str:
        """Return what tells this failure from the one before, for who asks for work."""
        return f":probe-{self.failures}-{self.next_probe_at:%Y%m%dT%H%M%SZ}" if self.next_probe_at else ""

    def rests(self, now: datetime) -> bool:
        """Say whether the relay is to be left alone now."""
        # A later probe than any was set by a clock that has been put right since.
        return self.next_probe_at is not None and now < self.next_probe_at <= now + 2 * LONGEST_WAIT

    @property
    def sentence(self) -> Text:
        """Return what is wrong, in words."""
        return Text(
            "邮件服务器{relay}现在发不出信：{why}。", "No mail leaves through {relay}: {why}."
        ).format(relay=self.relay, why=WHY.get(self.reason, Text(self.reason, self.reason)))


def gate(session: Session, relay: str) -> Gate:
    """Return how things stand with a relay; one that never failed has no row."""
    row = session.exec(select(MailRelay).where(MailRelay.name == relay)).first()
    return Gate(relay) if row is None else _gate(row)


def relays(session: Session) -> list[Gate]:
    """Return every relay that ever failed."""
    return [_gate(row) for row in session.exec(select(MailRelay).order_by(MailRelay.name))]


def trouble(session: Session) -> Text | None:
    """Return why no mail leaves at the moment, for a page, or None."""
    found = gate(session, relay_name())
    if not found.is_open:
        return None
    return Text(
        "{what}信都还在，通了就发；这段时间要紧的事请打电话。",
        "{what}Every mail is kept and goes out once it works again; until then, telephone what is urgent.",
    ).format(what=Text(found.sentence.zh, f"{found.sentence.en} "))


def failed(session: Session, relay: str, reason: str, *, now: datetime) -> Gate:
    """Note that a relay could not be used; it is tried again after a while that grows."""
    row = _row(session, relay)
    row.failures += 1
    row.next_probe_at = now + min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(row.failures - 1, 16))
    row.reason = reason
    if row.state == RelayState.CLOSED and (reason != UNREACHABLE or row.failures >= MOST_UNREACHABLE):
        row.state, row.since = RelayState.OPEN, now
        log.error("no mail leaves through %s: %s", relay, reason)
    return _kept(session, row)


def works(session: Session, relay: str, *, now: datetime) -> Gate:
    """Note that a relay is well again."""
    row = _row(session, relay)
    if row.state == RelayState.OPEN:
        row.state, row.since = RelayState.CLOSED, now
        log.warning("mail leaves through %s again", relay)
    row.failures, row.reason, row.next_probe_at, row.recent = 0, "", None, ""
    return _kept(session, row)


def look_back(session: Session, relay: str, signs: str, *, now: datetime) -> Gate:
    """Judge the relay by the last mails; `signs` are those of the batch that just went out."""
    row = _row(session, relay)
    if row.state == RelayState.OPEN and signs:
        storms = REFUSED_SIGN in signs
        return failed(session, relay, STORM, now=now) if storms else works(session, relay, now=now)
    row.recent = (row.recent + signs)[-LOOKED_AT:]
    if REFUSED_SIGN not in row.recent:
        row.recent = ""
    refused = row.recent.count(REFUSED_SIGN)
    if len(row.recent) >= FEWEST and refused > MOST_REFUSED * len(row.recent):
        row.recent = ""
        return failed(session, relay, STORM, now=now)
    return _kept(session, row)


def is_refusal(verdict: Verdict) -> bool:
    """Say whether a mail was refused for its content or for who we are."""
    return verdict.state is MessageState.FAILED and verdict.reason == Reason.POLICY


def sign_of(verdict: Verdict) -> str:
    """Return the sign of a mail among the last ones; one that never came to an answer has none."""
    if verdict.stop or verdict.reconnect:
        return ""
    return REFUSED_SIGN if is_refusal(verdict) else OTHER_SIGN


def _row(session: Session, relay: str) -> MailRelay:
    # Two senders may meet their first failure at once.
    session.execute(
        text(
            "INSERT INTO mail_relay (name, state, reason, failures, recent) "
            "VALUES (:name, 'closed', '', 0, '') ON CONFLICT DO NOTHING"
        ),
        {"name": relay},
    )
    return session.exec(select(MailRelay).where(MailRelay.name == relay).with_for_update()).one()


def _kept(session: Session, row: MailRelay) -> Gate:
    session.add(row)
    session.flush()
    return _gate(row)


def _gate(row: MailRelay) -> Gate:
    return Gate(row.name, row.state, row.reason, row.failures, row.since, row.next_probe_at, row.recent)
