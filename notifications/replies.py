"""What a server's reply means: sent, try again later, given up, or stop the whole run.

Three things decide together: the step of the dialogue at which it came, its code with the enhanced
status, and its words (`reasons.py`). A 5xx is not simply "bad address".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from models.states import MessageState
from notifications.reasons import Reason, reason_of


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

SENT = Verdict(MessageState.SENT)
SENDER_REFUSED = Verdict(MessageState.QUEUED, Reason.RELAY, reconnect=True, stop=True)
CONNECTION_LOST = Verdict(MessageState.DEFERRED, "connection_lost", reconnect=True)


def judge(reply: Reply) -> Verdict:
    """Return what `reply` means."""
    if reply.code == 0:
        return _broken(reply)
    if reply.code == CLOSING:
        return Verdict(MessageState.DEFERRED, "server_busy", reconnect=True)
    if reply.code in AUTHENTICATION or (reply.step == Step.SENDER and reply.code >= PERMANENT):
        return SENDER_REFUSED
    if reply.code >= PERMANENT:
        return _permanent(reply)
    if reply.code >= NEGATIVE:
        return _temporary(reply)
    return (
        SENT
        if reply.step == Step.FINAL_DOT
        else Verdict(MessageState.DEFERRED, "unexpected_reply", reconnect=True)
    )


def _broken(reply: Reply) -> Verdict:
    if reply.step == Step.FINAL_DOT:
        return Verdict(MessageState.AMBIGUOUS, "no_reply_after_the_last_line", reconnect=True)
    return CONNECTION_LOST


def _temporary(reply: Reply) -> Verdict:
    if reason_of(reply.text) is Reason.RATE:
        return Verdict(MessageState.DEFERRED, Reason.RATE, reconnect=True)
    return Verdict(MessageState.DEFERRED, "server_asks_to_wait")


def _permanent(reply: Reply) -> Verdict:
    reason = reason_of(reply.text)
    if reason is Reason.RATE:
        return Verdict(MessageState.DEFERRED, reason)
    if reason is Reason.RELAY:
        return SENDER_REFUSED
    if reason is Reason.UNKNOWN and reply.step == Step.RECIPIENT:
        return Verdict(MessageState.FAILED, reason, suppress=True)
    # After the last line a server speaks of the mail, not of the mailbox.
    return Verdict(MessageState.FAILED, Reason.REFUSED if reason is Reason.UNKNOWN else reason)
