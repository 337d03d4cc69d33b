"""How a network calls people out in an emergency."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from pydantic import Field
from sqlmodel import Session

from config.text import Text
from services.policies import Rules, book


class CallOutRules(Rules):
    """Hold how many are asked for an open place, how long they have, and how far away they may live."""

    kind: ClassVar[str] = "call_out"
    title: ClassVar[Text] = Text("紧急动员", "Emergency call-outs")
    labels: ClassVar[Mapping[str, Text]] = {
        "asks_per_place": Text("一个空位同时问几个人", "People asked at once for one place"),
        "answer_minutes": Text("给几分钟回答", "Minutes to answer"),
        "farthest_km": Text("最远住几公里", "Farthest home in km"),
    }

    asks_per_place: int = Field(default=5, ge=1, le=50)
    answer_minutes: int = Field(default=60, ge=5, le=1440)
    farthest_km: float = Field(default=10.0, gt=0, le=100)


def call_out_rules(session: Session, *, now: datetime) -> CallOutRules:
    """Return how people are called out today; it is decided for the whole network."""
    return book(session, CallOutRules, now=now).network
