"""What a server's reply means: sent, try again later, given up, or stop the whole run.

A 5xx is not simply "bad address": QQ Mail answers rate limits with 550, and NetEase refuses content
with 554 and too many connections with 421. So the text is read before the class of the code.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from models.states import MessageState


class Step(StrEnum):
    """Where in the dialogue a reply came, or where the connection broke."""

    CONNECT = "connect"
    SENDER = "sender"
    RECIPIENT = "recipient"
    DATA = "data"
    FINAL_DOT = "final_dot"
    """The whole message is out; without a reply nobody knows whether it was accepted."""


@dataclass(frozen=True)
class Reply:
    """Hold a server's answer; code 0 means that the connection broke instead."""

    step: Step
    code: int
    text: str = ""


@dataclass(frozen=True)
class Verdict:
    """Hold what a reply means for the row, the address, the connection and the run."""

    state: MessageState
    reason: str = ""
    suppress: bool = False
    """The mailbox does not exist: the address is not written to again."""
    reconnect: bool = False
    stop: bool = False
    """The fault is ours or the relay's: no mail may fail for it."""


ACCEPTED, CLOSING, NEGATIVE, PERMANENT = 200, 421, 400, 500
AUTHENTICATION = frozenset({530, 534, 535, 538})
RATE = re.compile(r"frequen|rate.?limit|too many|try again|later|throttl|HL:I[CF]C|MI:DMC", re.IGNORECASE)
UNKNOWN = re.compile(
    r"\b5\.1\.(1|6|10)\b|user unknown|unknown user|no such (user|recipient|mailbox)|mailbox (not found|unavailable)"
    r"|(user|mailbox|recipient|account) (does not|doesn't) exist|invalid (recipient|mailbox)|user not found",
    re.IGNORECASE,
)
FULL = re.compile(r"\b5\.2\.2\b|quota|mailbox (is )?full|over ?quota", re.IGNORECASE)
LARGE = re.compile(r"\b5\.(2\.3|3\.4)\b|too (large|big)|size limit", re.IGNORECASE)
POLICY = re.compile(r"\b5\.7\.|spam|policy|block|blacklist|reputation|DT:SPM|SPF|DKIM|DMARC", re.IGNORECASE)

SENT = Verdict(MessageState.SENT)
SENDER_REFUSED = Verdict(MessageState.QUEUED, "sender_refused", reconnect=True, stop=True)


def judge(reply: Reply) -> Verdict:
    """Return what `reply` means."""
    if reply.code == 0:
        return _broken(reply.step)
    if reply.code == CLOSING:
        return Verdict(MessageState.DEFERRED, "server_busy", reconnect=True)
    if reply.code in AUTHENTICATION or (reply.step == Step.SENDER and reply.code >= PERMANENT):
        return SENDER_REFUSED
    if reply.code >= PERMANENT:
        return _permanent(reply)
    if reply.code >= NEGATIVE:
        return Verdict(MessageState.DEFERRED, "server_asks_to_wait")
    return (
        SENT
        if reply.step == Step.FINAL_DOT
        else Verdict(MessageState.DEFERRED, "unexpected_reply", reconnect=True)
    )


def _broken(step: Step) -> Verdict:
    if step == Step.FINAL_DOT:
        return Verdict(MessageState.AMBIGUOUS, "no_reply_after_the_last_line", reconnect=True)
    return Verdict(MessageState.DEFERRED, "connection_lost", reconnect=True)


def _permanent(reply: Reply) -> Verdict:
    if RATE.search(reply.text):
        return Verdict(MessageState.DEFERRED, "rate_limited")
    if FULL.search(reply.text):
        return Verdict(MessageState.FAILED, "mailbox_full")
    if LARGE.search(reply.text):
        return Verdict(MessageState.FAILED, "too_large")
    if POLICY.search(reply.text):
        return Verdict(MessageState.FAILED, "refused_by_policy")
    if reply.step == Step.RECIPIENT and UNKNOWN.search(reply.text):
        return Verdict(MessageState.FAILED, "unknown_mailbox", suppress=True)
    return Verdict(MessageState.FAILED, "refused")
