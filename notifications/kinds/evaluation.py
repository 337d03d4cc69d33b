"""Messages of an evaluation: assessors and residents are asked, managers and hubs get the result."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import ClassVar

from config.text import Text
from notifications import links
from notifications.kinds.base import Contact, Lane, Mail, Stream
from notifications.links import Purpose

REPORT_LINK_DAYS = 120
MOST_HUBS_SHOWN = 15


@dataclass(frozen=True)
class HubLine:
    """Hold a hub's score as a report tells it; `total` is None where there is no score."""

    hub: Text
    total: float | None
    low: float | None
    high: float | None
    band: Text | None
    """The band's name, or None where there is none yet."""
    note: Text | None = None
    """Why there is no band or score."""


@dataclass(frozen=True)
class ReportFigures:
    """Hold the figures that open a report; `bands` from the highest down, with counts."""

    hubs: int
    scored: int
    mean: float | None
    low: float | None
    high: float | None
    bands: tuple[tuple[Text, int], ...]


@dataclass(frozen=True, kw_only=True)
class AssessmentInvitationMail(Mail):
    """Ask an assessor to score a hub; key `assessment:{assessment}:{n}`."""

    kind: ClassVar[str] = "assessment"

    assessment_id: int
    cycle: Text
    hub: Text
    place: str
    closes_at: datetime
    in_charge: Contact | None = None

    @property
    def about(self) -> dict[str, int]:
        """Return the assessment that is asked for."""
        return {"assessment": self.assessment_id}

    @cached_property
    def url(self) -> str:
        """Return the form."""
        return links.link(Purpose.ASSESSMENT, self.assessment_id, expires_at=self.closes_at)

    @property
    def contact(self) -> Contact | None:
        """Return who answers questions about the evaluation."""
        return self.in_charge


@dataclass(frozen=True, kw_only=True)
class SurveyInvitationMail(Mail):
    """Ask a resident drawn at random; key `survey:{invitation}:{n}`."""

    kind: ClassVar[str] = "survey"
    stream: ClassVar[Stream] = Stream.SURVEYS

    invitation_id: int
    hub: Text
    closes_at: datetime
    questions: int = 6

    @property
    def about(self) -> dict[str, int]:
        """Return the invitation."""
        return {"invitation": self.invitation_id}

    @cached_property
    def url(self) -> str:
        """Return the questions."""
        return links.link(Purpose.SURVEY, self.invitation_id, expires_at=self.closes_at)


@dataclass(frozen=True, kw_only=True)
class AboutReport(Mail):
    """Hold what both messages to a manager share; `made_at` is when the report was drafted."""

    stream: ClassVar[Stream] = Stream.REPORTS

    report_id: int
    person_id: int
    cycle: Text
    unit: Text
    made_at: datetime
    figures: ReportFigures
    hubs: tuple[HubLine, ...] = ()
    """Every hub of the report in its order; the mail shows the first fifteen."""

    @property
    def about(self) -> dict[str, int]:
        """Return the report."""
        return {"report": self.report_id}

    @cached_property
    def url(self) -> str:
        """Return the page where the report is read and released."""
        expires_at = self.made_at + timedelta(days=REPORT_LINK_DAYS)
        return links.link(Purpose.REPORT, self.report_id, self.person_id, expires_at=expires_at)

    @property
    def shown(self) -> tuple[HubLine, ...]:
        """Return the hubs that the mail itself lists."""
        return self.hubs[:MOST_HUBS_SHOWN]


@dataclass(frozen=True, kw_only=True)
class ReportDraftedMail(AboutReport):
    """Ask a manager to read and release a draft; key `report:{report}:{person}:draft`."""

    kind: ClassVar[str] = "report_drafted"


@dataclass(frozen=True, kw_only=True)
class ReportReleasedMail(AboutReport):
    """Tell a manager that a report is released, by whom; key `report:{report}:{person}:released`."""

    kind: ClassVar[str] = "report_released"
    lane: ClassVar[Lane] = Lane.BULK
    is_news: ClassVar[bool] = True

    released_by: str
    released_at: datetime


@dataclass(frozen=True, kw_only=True)
class HubScoreMail(Mail):
    """Tell a coordinator the hub's own score; key `score:{report}:{hub}:{person}`."""

    kind: ClassVar[str] = "hub_score"
    stream: ClassVar[Stream] = Stream.REPORTS
    lane: ClassVar[Lane] = Lane.BULK
    is_news: ClassVar[bool] = True

    report_id: int
    hub_id: int
    person_id: int
    cycle: Text
    score: HubLine
    released_at: datetime
    gains: tuple[Text, ...] = ()
    """What would raise the score most, best first."""

    @property
    def about(self) -> dict[str, int]:
        """Return the report that the score belongs to."""
        return {"report": self.report_id}

    @cached_property
    def url(self) -> str:
        """Return the page that explains the score."""
        expires_at = self.released_at + timedelta(days=REPORT_LINK_DAYS)
        return links.link(
            Purpose.HUB_SCORE, self.report_id, self.hub_id, self.person_id, expires_at=expires_at
        )
