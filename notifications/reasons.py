"""Why a server refused, read from its words: for the reply in the dialogue and for the bounce afterwards.

The class of the code alone is not enough. QQ Mail answers a full rate with 550, "Mailbox unavailable or
access denied" among them; NetEase names its limits by codes as HL:IFC and its spam filter DT:SPM. So the
words come first, in this order, then the enhanced status (RFC 3463), and nothing else says that a
mailbox does not exist. What the words of the two Chinese providers mean is from public pages (smtp.codes/qq,
biecuoliao.com/pa/MBRrwEM.html).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """What a refusal comes to."""

    RATE = "rate_limited"
    """Too many, too fast; the same mail is welcome later."""
    POLICY = "refused_by_policy"
    """Our address, content or signature is not liked; nothing is wrong with the mailbox."""
    RELAY = "sender_refused"
    """We may not send here at all: no mail may fail for it."""
    FULL = "mailbox_full"
    LARGE = "too_large"
    DISABLED = "mailbox_disabled"
    """Locked, asleep or suspended; it may wake up."""
    UNKNOWN = "unknown_mailbox"
    NO_DOMAIN = "unknown_domain"
    MOVED = "mailbox_moved"
    NETWORK = "unreachable"
    REFUSED = "refused"
    """Refused, and nobody says why."""


HARD = frozenset({Reason.UNKNOWN, Reason.NO_DOMAIN, Reason.MOVED})
"""The address is no good and stays so."""


@dataclass(frozen=True)
class _Line:
    reason: Reason
    words: re.Pattern[str]


def _line(reason: Reason, *words: str) -> _Line:
    return _Line(reason, re.compile("|".join(words), re.IGNORECASE))


TABLE = (
    # QQ: the recipient gets too much mail for the moment. It reads like a dead mailbox and is none.
    _line(Reason.RATE, r"mailbox unavailable or access denied"),
    _line(
        Reason.RATE,
        r"(ip|domain|sender|connection|user) frequency limit",  # QQ and Tencent Exmail
        r"\bHL:(ICC|IFC|IFQ|REP|MEP)\b",  # NetEase: connections and mails of one address of ours
        r"\b(MI:(DMC|SFQ|CEL|CCL|STC)|RP:(DRC|QRC|CEL|CCL|TRC))\b",  # NetEase: mails, recipients, commands
        r"\bWM:BLU\b",
        r"rate.?limit|too many (connections|messages|mails|recipients|emails|rcpt|errors|e-mails)|throttl",
        r"(sending|send|hourly|daily) (limit|quota) (is |was |has been )?(exceeded|reached)|exceeded .{0,40}(rate|frequency)",
        r"out of allow rcpt numbers|too many same size mails",
    ),
    # NetEase: "please keep it and try again in two minutes".
    _line(Reason.RATE, r"DT:SPM ?, ?please try again"),
    _line(
        Reason.RELAY,
        r"relay(ing)? (access )?(denied|not permitted|not allowed|is prohibited|prohibited)|unable to relay|host denies relay",
        r"authentication (is )?required|smtp auth|not authenticated|local user only",
    ),
    _line(
        Reason.POLICY,
        r"\bDT:(SPM|SUM|RBL)\b|\bHL:(IHU|IPB)\b|\bMI:(SPB|NHD)\b|\bWM:BLI\b",  # NetEase
        r"mail content denied|content rejected|suspected (spam|bounce)|rejected by recipients",  # QQ
        r"spam|virus|blacklist|black.?list|block(ed| ?list| using)|\bRBL\b|reputation|banned|spamhaus|barracuda|sorbs",
        r"\b(SPF|DKIM|DMARC)\b|policy|content (is )?(rejected|filter)|prohibited|not accept(ed|ing) .{0,30}(html|content|attachment)",
        r"sender (address )?(is )?(rejected|denied|not|unvalidated|verify failed)|from (header|address|mail domain)|fake sender",
        r"access denied|administrative(ly)? prohibit|rejected (by|for) (filter|content|administrative)|unsolicited|bulk",
        r"\bip (address )?(is |in |was )?(rejected|blocked|hangup)|client host .{0,60}(rejected|blocked|denied)|reverse (dns|lookup)|\bPTR\b",
        r"illegal attachment|header .{0,30}(invalid|missing|not)|challenge|not on .{0,20}(whitelist|guest list)|members? only",
    ),
    _line(
        Reason.FULL,
        r"mail.?box (is |has )?(full|exceed)|over.?(the )?quota|quota (is )?(exceed|full)|exceed(ed|s)?.{0,30}(quota|storage|disk)",
        r"(insufficient|not enough|out of|no) (system |disk )?(storage|space|resources)|容量|空间不足|已满|is full\b",
    ),
    _line(
        Reason.LARGE,
        r"too (large|big|long)|size (limit|exceed|too)|exceed.{0,30}(size|length)|mailsize limit",
    ),
    _line(
        Reason.DISABLED,
        r"(user|account|mailbox|recipient|address).{0,30}(disabled|suspended|inactive|locked|frozen|dormant|deactivated|expired|not active|hangup)",
        r"(disabled|inactive|suspended|locked) (user|account|mailbox|recipient)|休眠|冻结|temporarily (unavailable|disabled)",
    ),
    _line(
        Reason.NO_DOMAIN,
        r"(host|domain)( name)? .{0,40}(not found|unknown|does ?n.t exist|does not exist|no such)|unknown (host|domain)|unrouteable (mail )?domain",
        r"name service error|no (MX|mail exchanger|such (host|domain))|nullmx|does not accept mail|non-?existent (host|domain)|bad destination (host|system)",
        r"domain (is )?not (found|exist)|cannot resolve|host not found|all relevant MX records point to non-existent hosts|域名不存在",
    ),
    _line(
        Reason.MOVED,
        r"has moved|no longer (at|with|works|employed|in use|valid|on this server|has an account|accept)|address (has )?changed|left the (company|organi)",
    ),
    _line(
        Reason.UNKNOWN,
        r"(user|mailbox|recipient|account|address|person|addressee|customer)s?( name)?\W.{0,80}(not found|unknown|does ?n.t exist|does not exist|do not exist|is not (a )?(valid|known)|not exist|not listed|isn.t|no longer)",
        r"(unknown|invalid|no such|bad|non-?existent|undeliverable|incorrect|not a valid|not a known) (local )?(user|mailbox|recipient|account|address|person|destination mailbox|virtual|local.part|name|rcpt|email)",
        r"no (mailbox|user|account|recipient|such|valid recipient|one) .{0,40}(here|by that|with (that|this)|found|exist|is)|not our customer|not a user|unrouteable address",
        r"(can.?t|cannot|couldn.t|could not) (be )?(find|found|deliver(ed)? to|locate).{0,40}(user|mailbox|recipient|account|address)|not known (here|at)|mailbox unavailable",
        r"does ?n.t have an? .{0,30}account|does not have an? .{0,30}account|user.{0,3}unknown|not in (the )?(directory|address book)|(recipient|rcpt) (address )?rejected|该用户不存在|未开通|收件人不存在|帐号不存在|no such user",
        r"unknown or illegal alias|(address|user|account) (is )?(invalid|incorrect|wrong)|not listed in|is not a valid|delivery to the following recipient failed permanently",
    ),
    _line(
        Reason.NETWORK,
        r"connection (timed out|refused|reset|lost|dropped)|timed? ?out|unreachable|lost connection|no route|conversation with .{0,60} timed out|retry time|try(ing)? again|later|temporar",
    ),
)

BY_STATUS = (
    (re.compile(r"[45]\.1\.[12]$"), Reason.UNKNOWN),
    (re.compile(r"5\.1\.(3|10)$"), Reason.UNKNOWN),
    (re.compile(r"5\.1\.6$"), Reason.MOVED),
    (re.compile(r"5\.1\.[78]$"), Reason.POLICY),
    (re.compile(r"[45]\.2\.1$"), Reason.DISABLED),
    (re.compile(r"[45]\.2\.2$"), Reason.FULL),
    (re.compile(r"[45]\.(2\.3|3\.4)$"), Reason.LARGE),
    (re.compile(r"[45]\.7\.\d+$"), Reason.POLICY),
    (re.compile(r"[45]\.4\.\d+$"), Reason.NETWORK),
)
STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")


def reason_of(words: str, status: str = "") -> Reason:
    """Return why a server refused; `status` is the enhanced one, looked for in `words` if it is empty."""
    flat = " ".join(words.split())
    for line in TABLE:
        if line.words.search(flat):
            return line.reason
    status = status or (found.group(1) if (found := STATUS.search(flat)) else "")
    for pattern, reason in BY_STATUS:
        if pattern.match(status):
            return reason
    return Reason.REFUSED
