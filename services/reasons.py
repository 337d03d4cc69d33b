"""The managed list of reasons to decline, and the reasons of an offer in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from config.text import Text
from matching.reasons import Why, WhyYou, why_sentence

DECLINE_REASONS: dict[str, Text] = {
    "busy": Text(zh="那个时间有事", en="I am busy then"),
    "too_far": Text(zh="太远了", en="It is too far"),
    "not_my_thing": Text(zh="不太适合我", en="It does not suit me"),
    "too_often": Text(zh="最近问得太勤了", en="You ask me too often"),
    "unwell": Text(zh="身体不舒服", en="I am not well"),
    "other": Text(zh="其他原因", en="Another reason"),
}
"""Why somebody cannot come; skipping the question is fine."""

SUBSTITUTED = "substituted"
"""Kept instead of a reason where a place went to a substitute."""

SWAPPED = "swapped"
"""Kept instead of a reason where two volunteers traded their places."""


def reason_in_words(code: str) -> Text | None:
    """Return why somebody does not come, if it is known."""
    if code == SUBSTITUTED:
        return Text(zh="有人替你来了", en="Somebody took your place")
    if code == SWAPPED:
        return Text(zh="换到另一场去了", en="Swapped for another activity")
    return DECLINE_REASONS.get(code)


def decline_reason(code: str) -> str:
    """Return the code if it is on the list, else nothing: free text is not kept."""
    return code if code in DECLINE_REASONS else ""


def in_words(reasons: Sequence[dict[str, Any]], skill: Text | None = None) -> tuple[Text, ...]:
    """Return the stored reasons of an offer as sentences; a code that we do not know is left out."""
    known = [reason for reason in reasons if reason.get("code") in set(Why)]
    return tuple(why_sentence(WhyYou(Why(one["code"]), one.get("value", 0)), skill) for one in known)
