"""Frameworks, cycles, who scores whom, observations, answers of residents, scores and reports."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Text as LongText
from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from models.base import Table, data, when
from models.states import AssessmentState, CycleState, InvitationState


class FrameworkVersion(Table, table=True):
    """A standards framework as the file that was loaded; it never changes."""

    __table_args__ = (UniqueConstraint("code", "version"),)
    id: int | None = Field(default=None, primary_key=True)
    code: str
    version: str
    sha256: str
    text: str = Field(sa_type=LongText)
    loaded_at: datetime = when()


class Cycle(Table, table=True):
    """One round of evaluation."""

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True)
    name_zh: str
    name_en: str
    framework_id: int = Field(foreign_key="framework_version.id")
    unit_id: int = Field(foreign_key="unit.id")
    """The branch whose hubs are evaluated."""
    year: int
    stage: str = "year_end"
    period_start: date
    period_end: date
    opened_at: datetime | None = when(default=None)
    closes_at: datetime = when()
    seed: int
    residents_per_hub: int = 12
    assessors_per_hub: int = 2
    is_pilot: bool = False
    applies_severity: bool = False
    """Whether ratings lose what their assessor's severity adds; said when the cycle opens, and never after."""
    commit_below: float = 0.5
    """Share of a criterion's points below which a hub is asked to commit itself to better."""
    objection_days: int = 10
    """Working days in which a hub may object, to a draft and again to what was released."""
    state: str = CycleState.DRAFT


class CycleHub(Table, table=True):
    """A hub of a cycle, with the frame from which its residents were drawn."""

    cycle_id: int = Field(primary_key=True, foreign_key="cycle.id")
    hub_id: int = Field(primary_key=True, foreign_key="hub.id")
    frame: dict[str, int] = data(default_factory=dict)
    """Number of people served, by stratum."""


class Assessment(Table, table=True):
    """An assessor is asked to score a hub."""

    __table_args__ = (UniqueConstraint("cycle_id", "hub_id", "assessor_id"),)
    id: int | None = Field(default=None, primary_key=True)
    cycle_id: int = Field(foreign_key="cycle.id", index=True)
    hub_id: int = Field(foreign_key="hub.id")
    assessor_id: int = Field(foreign_key="person.id", index=True)
    state: str = AssessmentState.ASKED
    submitted_at: datetime | None = when(default=None)
    note: str = ""


class Invitation(Table, table=True):
    """A resident was drawn; whether they answered is kept here, what they answered is not."""

    __table_args__ = (UniqueConstraint("cycle_id", "participant_id"),)
    id: int | None = Field(default=None, primary_key=True)
    cycle_id: int = Field(foreign_key="cycle.id", index=True)
    hub_id: int = Field(foreign_key="hub.id", index=True)
    participant_id: int = Field(foreign_key="participant.id", index=True)
    stratum: str
    state: str = InvitationState.DRAWN
    drawn_on: date


class SurveyAnswer(Table, table=True):
    """A resident's answers, without the resident: a random id, the day and not the time."""

    id: str = Field(primary_key=True)
    cycle_id: int = Field(foreign_key="cycle.id", index=True)
    hub_id: int = Field(foreign_key="hub.id", index=True)
    stratum: str
    answers: dict[str, int] = data(default_factory=dict)
    answered_on: date


class Observation(Table, table=True):
    """One value of one indicator of one hub; a correction is a new row that names the old one."""

    id: int | None = Field(default=None, primary_key=True)
    cycle_id: int = Field(foreign_key="cycle.id", index=True)
    hub_id: int = Field(foreign_key="hub.id", index=True)
    indicator: str
    value: float
    source: str = "auto"
    rater_id: int | None = Field(default=None, foreign_key="person.id")
    observed_at: datetime = when()
    corrects_id: int | None = Field(default=None, foreign_key="observation.id", unique=True)
    reason: str = ""


class Evidence(Table, table=True):
    """A file that shows what a rating says; its bytes stand under their hash outside the web and are never overwritten."""

    __table_args__ = (UniqueConstraint("assessment_id", "indicator", "sha256"),)
    id: int | None = Field(default=None, primary_key=True)
    assessment_id: int = Field(foreign_key="assessment.id", index=True)
    indicator: str
    name: str
    """As its sender called it; shown, and never a path of ours."""
    kind: str
    """pdf, png or jpg, as its content says."""
    size: int
    sha256: str = Field(index=True)
    by_id: int = Field(foreign_key="person.id")
    added_at: datetime = when()


class ScoreRun(Table, table=True):
    """One scoring of a cycle; the same inputs and the same code give the same run."""

    __table_args__ = (UniqueConstraint("cycle_id", "inputs_hash", "code_version"),)
    id: int | None = Field(default=None, primary_key=True)
    cycle_id: int = Field(foreign_key="cycle.id", index=True)
    created_at: datetime = when()
    framework_hash: str
    inputs_hash: str
    code_version: str
    summary: dict[str, Any] = data(default_factory=dict)
    beside: dict[str, Any] = data(default_factory=dict)
    """How far the scores can be trusted: agreement, severity, effective weights, sensitivity, the pattern."""


class HubScore(Table, table=True):
    """A hub's score in a run, with its interval; missing is missing, never zero."""

    run_id: int = Field(primary_key=True, foreign_key="score_run.id")
    hub_id: int = Field(primary_key=True, foreign_key="hub.id", index=True)
    total: float | None = None
    low: float | None = None
    high: float | None = None
    coverage: float
    band: str | None = None
    status: str
    detail: dict[str, Any] = data(default_factory=dict)
    """Unrounded value of every node, gates, band chances, next steps."""


class Report(Table, table=True):
    """A drafted report of a cycle, held until a manager releases it."""

    id: int | None = Field(default=None, primary_key=True)
    cycle_id: int = Field(foreign_key="cycle.id", unique=True)
    run_id: int = Field(foreign_key="score_run.id")
    drafted_at: datetime = when()
    released_at: datetime | None = when(default=None)
    released_by_id: int | None = Field(default=None, foreign_key="person.id")
    returned_reason: str = ""
    accuracy_until: datetime | None = when(default=None)
    """Until when hubs may object to the facts of the draft; None while they have not seen it."""
    revision: int = 1
    """Rises when a released score is set right."""
