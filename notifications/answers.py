"""A yes or a no in somebody's own words, or in their calendar's: only what can mean nothing else counts."""

from __future__ import annotations

import re
from dataclasses import dataclass

YES = frozenset(
    [
        "能来",
        "我能来",
        "可以",
        "可以来",
        "我可以",
        "接受",
        "好",
        "好的",
        "没问题",
        "参加",
        "我参加",
        "来",
        "我来",
        "能去",
        "我能去",
        "去",
        "我去",
        "yes",
        "ok",
        "okay",
        "accept",
        "accepted",
    ]
) | {"i can come", "yes i can come", "i can", "i will come", "i will be there", "ill be there", "count me in"}
NO = frozenset(
    ["不能来", "我不能来", "来不了", "我来不了", "去不了", "我去不了", "不来", "我不来", "不参加", "不接受", "拒绝", "没空", "没时间", "这次来不了", "这次不行", "不行", "no", "decline", "declined"]
) | {
    "i cant come", "i cannot come", "i cant", "i cannot", "cant come", "cannot come", "cant make it",
    "i cant make it", "not this time", "no i cant come", "no i cant",
}  # fmt: skip
POLITE = re.compile(
    r"谢谢(你们?|您)?|多谢|感谢|抱歉|对不起|不好意思|你们?好|您好|辛苦了|[啊哦呀啦哈呢]$"
    r"|\b(thanks?( you)?|many thanks|sorry|hi|hello|dear all|please|best( regards)?|cheers)\b"
)
QUOTED = re.compile(
    r"^\s*>|^\s*-{2,}|^\s*_{5,}|^On .{0,200}wrote:|^在.{0,120}写道|^(From|发件人|Von|De)\s*[:：]|^发自|^Sent from|^获取 ?Outlook",
    re.IGNORECASE,
)
WRAPPED = re.compile(r"^(On [^\n]{0,200})\n([^\n]{0,200}wrote:)", re.MULTILINE)
"""Gmail breaks the line before what it quotes where the address in it is long, as ours is."""
NOT_WORDS = re.compile(r"[^\w\s]|_")
UNFOLD = re.compile(r"\r?\n[ \t]")
FIELD = re.compile(r"^(METHOD|UID|ATTENDEE)([^:\n]*):([^\n]*)$", re.MULTILINE)
PARTSTAT = re.compile(r";PARTSTAT=\"?([A-Z-]+)", re.IGNORECASE)
OFFER = re.compile(r"^offer-(\d{1,10})@")


@dataclass(frozen=True)
class CalendarReply:
    """Hold what a calendar answers (RFC 5546): for which offer, who, and whether they come."""

    offer_id: int
    attendee: str
    comes: bool | None
    """None for a perhaps."""


def meant(text: str) -> bool | None:
    """Return whether the words above what is quoted say yes (True) or no (False), or None."""
    own = _own(text)
    if "?" in own or "？" in own:
        return None  # who asks has not answered
    words = POLITE.sub(
        " ", " ".join(NOT_WORDS.sub(" ", own.lower().replace("'", "").replace("’", "")).split())
    )
    plain = " ".join(words.split())
    found = {answer for answer, phrases in ((True, YES), (False, NO)) if plain in phrases}
    return found.pop() if len(found) == 1 else None


def calendar_reply(text: str) -> CalendarReply | None:
    """Return the answer that a calendar gave to one of our offers, or None if it is none."""
    fields: dict[str, list[tuple[str, str]]] = {}
    for name, parameters, value in FIELD.findall(UNFOLD.sub("", text.replace("\r\n", "\n"))):
        fields.setdefault(name, []).append((parameters, value.strip()))
    methods, uids, people = (fields.get(name, []) for name in ("METHOD", "UID", "ATTENDEE"))
    if [value.upper() for _, value in methods] != ["REPLY"] or len(uids) != 1 or len(people) != 1:
        return None
    offer, status = OFFER.match(uids[0][1]), PARTSTAT.search(people[0][0])
    if offer is None or status is None:
        return None
    comes = {"ACCEPTED": True, "DECLINED": False}.get(status.group(1).upper())
    return CalendarReply(int(offer.group(1)), people[0][1].lower().removeprefix("mailto:"), comes)


def _own(text: str) -> str:
    lines = []
    for line in WRAPPED.sub(r"\1 \2", text).splitlines():
        if QUOTED.match(line):
            break
        lines.append(line)
    return "\n".join(lines)
