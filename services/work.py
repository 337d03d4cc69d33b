"""The kinds of work that can be asked for, by which door each runs, and what it may be told.

The parameters are the contract between who asks (a page, the clock) and who does (a flow): ids,
codes, periods and switches, never a name or an address, because the engine keeps them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from config.text import Text

Code = Annotated[str, Field(pattern=r"^\S{1,60}$")]


class Door(StrEnum):
    """Where a kind of work runs."""

    WARM = "warm"
    """In the task worker, whose imports are done: expected within 5 s."""
    BULK = "bulk"
    """In a process of its own from the work pool: 3 s to start, any length, memory given back."""
    SCHEDULED = "scheduled"
    """By the calendar in prefect.yaml; asked for by hand it runs like bulk work."""


class Outcome(StrEnum):
    """How asked-for work ended."""

    DONE = "done"
    REFUSED = "refused"
    GAVE_UP = "gave_up"


class Nothing(BaseModel):
    """Hold no parameters."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Planning(Nothing):
    """Say how far ahead activities are dated."""

    weeks: int = Field(default=6, ge=1, le=26)
    hub: Code | None = None


class Matching(Nothing):
    """Say whose open places are filled, how far ahead, and whether it is only a trial."""

    hub: Code | None = None
    unit: Code | None = None
    weeks: int = Field(default=2, ge=1, le=13)
    dry_run: bool = False
    repair: bool = False
    by: int | None = Field(default=None, ge=1)


class Sending(Nothing):
    """Say how long proposed offers wait, so that the hub's people can look at them first."""

    waited_minutes: int = Field(default=0, ge=0, le=1440)


class Stage(StrEnum):
    """Which round of the year an evaluation is."""

    PROMISE = "promise"
    MID_YEAR = "mid_year"
    YEAR_END = "year_end"


class Opening(Nothing):
    """Say which cycle is opened over which unit, whether it is a trial, and until when it takes answers."""

    cycle: Code
    unit: Code
    stage: Stage = Stage.YEAR_END
    pilot: bool = False
    applies_severity: bool = False
    closes_at: AwareDatetime | None = None
    by: int | None = Field(default=None, ge=1)


class Collecting(Nothing):
    """Name an evaluation cycle by its code; None means every cycle that still collects."""

    cycle: Code | None = None


class OfCycle(Nothing):
    """Name an evaluation cycle by its code."""

    cycle: Code


class Releasing(Nothing):
    """Say which report is released, and who answers for it."""

    report: int = Field(ge=1)
    by: int = Field(ge=1)


class OfApplication(Nothing):
    """Name a project application."""

    application: int = Field(ge=1)


class Audience(StrEnum):
    """Who reads a digest."""

    VOLUNTEERS = "volunteers"
    COORDINATORS = "coordinators"
    MANAGERS = "managers"


class Digest(Nothing):
    """Say for whom a digest is written; the period is the one that has just ended.

    A slot names readers and period more exactly, as "coordinators:weekly:1:8:Asia/Shanghai".
    """

    audience: Audience
    slot: Code | None = None


class Delivery(Nothing):
    """Say how many mails one run sends at most, and whether only urgent ones."""

    limit: int = Field(default=2000, ge=1, le=20_000)
    urgent_only: bool = False


@dataclass(frozen=True)
class Kind:
    """Describe one kind of work; the flow and its deployment bear the kind's name."""

    name: str
    door: Door
    params: type[BaseModel]
    title: Text


_ALL = (
    Kind("plan_activities", Door.SCHEDULED, Planning, Text("排活动", "Plan activities")),
    Kind("match_volunteers", Door.WARM, Matching, Text("给空位配人", "Match volunteers")),
    Kind("send_offers", Door.WARM, Sending, Text("发邀请", "Send offers")),
    Kind("follow_up_offers", Door.WARM, Nothing, Text("跟进邀请", "Follow up offers")),
    Kind("remind_volunteers", Door.WARM, Nothing, Text("提醒志愿者", "Remind volunteers")),
    Kind("remind_of_deadlines", Door.WARM, Nothing, Text("提醒快到期的事", "Remind of deadlines")),
    Kind("close_activities", Door.WARM, Nothing, Text("活动收尾", "Close activities")),
    Kind("pass_on_places", Door.WARM, Nothing, Text("名额往下传", "Pass on places")),
    Kind("open_evaluation", Door.BULK, Opening, Text("开始评估", "Open an evaluation")),
    Kind("collect_scores", Door.SCHEDULED, Collecting, Text("收集评分", "Collect scores")),
    Kind("score_hubs", Door.BULK, OfCycle, Text("给青年汇算分", "Score the hubs")),
    Kind("draft_report", Door.BULK, OfCycle, Text("起草报告", "Draft the report")),
    Kind("release_report", Door.WARM, Releasing, Text("签发报告", "Release the report")),
    Kind("follow_up_commitments", Door.WARM, Nothing, Text("跟进承诺", "Follow up commitments")),
    Kind("decide_funding", Door.WARM, OfApplication, Text("办理项目申请", "Decide a project application")),
    Kind("follow_up_funding", Door.WARM, Nothing, Text("跟进项目申请", "Follow up project applications")),
    Kind("send_digests", Door.BULK, Digest, Text("发简报", "Send digests")),
    Kind("deliver_mail", Door.WARM, Delivery, Text("送邮件", "Deliver mail")),
    Kind("answer_the_bell", Door.WARM, Nothing, Text("听铃", "Answer the bell")),
)

KINDS: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in _ALL})
