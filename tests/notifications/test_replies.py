"""Replies of servers: the text is read before the class of the code."""

from __future__ import annotations

import pytest

from models.states import MessageState
from notifications.replies import Reply, Step, judge

S = MessageState


@pytest.mark.parametrize(
    ("step", "code", "text", "state", "reason"),
    [
        (Step.FINAL_DOT, 250, "2.0.0 queued", S.SENT, ""),
        (Step.FINAL_DOT, 0, "", S.AMBIGUOUS, "no_reply_after_the_last_line"),
        (Step.DATA, 0, "", S.DEFERRED, "connection_lost"),
        (Step.RECIPIENT, 0, "", S.DEFERRED, "connection_lost"),
        (Step.RECIPIENT, 450, "4.2.0 greylisted", S.DEFERRED, "server_asks_to_wait"),
        (Step.FINAL_DOT, 451, "DT:SPM try again", S.DEFERRED, "server_asks_to_wait"),
        (Step.RECIPIENT, 421, "HL:ICC too many connections", S.DEFERRED, "server_busy"),
        (Step.RECIPIENT, 550, "Domain frequency limited", S.DEFERRED, "rate_limited"),
        (Step.RECIPIENT, 550, "Mailbox unavailable or access denied", S.DEFERRED, "rate_limited"),
        (Step.FINAL_DOT, 550, "Mail content denied.", S.FAILED, "refused_by_policy"),
        (Step.RECIPIENT, 550, "Mailbox not found.", S.FAILED, "unknown_mailbox"),
        (Step.RECIPIENT, 450, "MI:DMC 163 smtp", S.DEFERRED, "rate_limited"),
        (Step.RECIPIENT, 554, "MI:STC 163 smtp", S.DEFERRED, "rate_limited"),
        (Step.RECIPIENT, 550, "User not found: v@163.example", S.FAILED, "unknown_mailbox"),
        (Step.RECIPIENT, 550, "5.2.1 mailbox disabled", S.FAILED, "mailbox_disabled"),
        (Step.RECIPIENT, 554, "5.7.1 Relay access denied", S.QUEUED, "sender_refused"),
        (Step.FINAL_DOT, 554, "DT:SPM content", S.FAILED, "refused_by_policy"),
        (Step.RECIPIENT, 550, "5.1.1 no such user", S.FAILED, "unknown_mailbox"),
        (Step.FINAL_DOT, 550, "5.1.1 no such user", S.FAILED, "refused"),
        (Step.RECIPIENT, 552, "mailbox full", S.FAILED, "mailbox_full"),
        (Step.FINAL_DOT, 552, "5.3.4 message too big", S.FAILED, "too_large"),
        (Step.SENDER, 550, "5.7.1 not allowed", S.QUEUED, "sender_refused"),
        (Step.RECIPIENT, 530, "authentication required", S.QUEUED, "sender_refused"),
        (Step.DATA, 250, "odd", S.DEFERRED, "unexpected_reply"),
    ],
)
def test_a_reply_means_one_thing(step: Step, code: int, text: str, state: MessageState, reason: str) -> None:
    verdict = judge(Reply(step, code, text))
    assert (verdict.state, verdict.reason) == (state, reason)


def test_only_an_unknown_mailbox_is_not_written_to_again() -> None:
    texts = ["5.1.1 user unknown", "mailbox full", "5.7.1 spam", "frequency limited", "no"]
    assert [judge(Reply(Step.RECIPIENT, 550, text)).suppress for text in texts] == [True, *[False] * 4]


def test_only_our_own_fault_stops_the_run() -> None:
    assert judge(Reply(Step.SENDER, 553)).stop
    assert not judge(Reply(Step.RECIPIENT, 553)).stop
