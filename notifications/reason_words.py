"""Reasons of rows in the outbox, as an operator reads them: each code once, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from config.text import Text
from models import HoldScope
from notifications.reasons import Reason

GAVE_UP = "gave_up_"
HELD = "held_"

WORDS: Mapping[str, Text] = {
    "no_address": Text("没有可用的邮箱地址", "no usable address"),
    "address_not_ascii": Text(
        "地址“@”前面有汉字等字符", "characters other than Latin ones before the @ of the address"
    ),
    "bad_address": Text("邮箱地址不完整", "the address is not complete"),
    "connection_lost": Text("连接断了，稍后再发", "the connection broke; tried again"),
    "server_busy": Text("服务器忙，让我们先停", "the server is busy and hung up"),
    "server_asks_to_wait": Text("服务器让我们稍后再来", "the server asks to come later"),
    "unexpected_reply": Text("服务器的回答不合规矩", "the server's answer made no sense"),
    "no_reply_after_the_last_line": Text(
        "整封信都交出去了，服务器没有回话", "the whole mail went out, and no answer came"
    ),
    "sender_stopped": Text("发信程序半途停了", "the sender stopped in the middle of it"),
    "may_have_arrived": Text(
        "可能已经到了，不再自动发", "it may have arrived, so it is not sent again by itself"
    ),
    "found_in_the_log": Text("服务器的日志里有，已经到了", "found in the relay's log: it had arrived"),
    "not_in_the_log": Text("服务器的日志里没有，重新发", "not in the relay's log: queued again"),
    "sent_again": Text("说不准到没到，再发一次", "it may have arrived; sent once more"),
    "quiet_hours": Text("对方那里是夜里，早上发", "it is night where its reader is"),
    "person_limit": Text("这个人今天收得够多了", "the person got enough for a day"),
    "domain_limit": Text("发往这个域名要慢一点", "mail to this domain leaves slowly"),
    "relay_limit": Text("邮件服务器要慢一点", "mail leaves slowly through the relay"),
    "too_late": Text("过了有用的时候", "past the time in which it is of use"),
    "no_longer_true": Text("里面说的已经不是这样了", "what it says no longer holds"),
    "keeps_bouncing": Text("这些天一直退信", "it kept bouncing for days"),
    "complained": Text("本人说是垃圾邮件", "the person called it spam"),
    "unsubscribed": Text("本人退订了", "the person unsubscribed"),
    f"{HELD}{HoldScope.EVERYTHING}": Text("所有邮件都停着", "all mail is on hold"),
    f"{HELD}{HoldScope.STREAM}": Text("这一类邮件停着", "this stream is on hold"),
    f"{HELD}{HoldScope.KIND}": Text("这一种邮件停着", "this kind is on hold"),
    f"{HELD}{HoldScope.DOMAIN}": Text("发往这个域名的邮件停着", "mail to this domain is on hold"),
    Reason.RATE: Text("对方说太快、太多，稍后再发", "too many or too fast for the receiver; tried again"),
    Reason.POLICY: Text(
        "内容或发件人被对方的规则挡住", "refused by a rule of the receiver about content or sender"
    ),
    Reason.RELAY: Text("服务器不让我们发信", "the server does not let us send"),
    Reason.FULL: Text("对方邮箱满了", "the mailbox is full"),
    Reason.LARGE: Text("信太大", "the mail is too large"),
    Reason.DISABLED: Text("对方邮箱停用了", "the mailbox is disabled"),
    Reason.UNKNOWN: Text("没有这个邮箱", "there is no such mailbox"),
    Reason.NO_DOMAIN: Text("没有这个域名", "there is no such domain"),
    Reason.MOVED: Text("对方换了地址", "the person has another address now"),
    Reason.NETWORK: Text("对方的服务器连不上", "the receiver's server cannot be reached"),
    Reason.REFUSED: Text("被拒收，没说为什么", "refused, and nobody says why"),
}


def words_of(reason: str) -> Text:
    """Return what a reason says to people; one that nobody knows is its own word."""
    if reason.startswith(GAVE_UP):
        why = words_of(reason.removeprefix(GAVE_UP))
        return Text("试了很多次，放弃了：{why}", "given up after many tries: {why}").format(why=why)
    return WORDS.get(reason, Text(reason, reason))
