"""Reminders of what has not been done yet, while there is still time: answers to an evaluation, papers that lapse."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from config.text import Text
from notifications.kinds.base import Contact, Mail
from notifications.kinds.evaluation import AssessmentInvitationMail, SurveyInvitationMail


@dataclass(frozen=True, kw_only=True)
class AssessmentReminderMail(AssessmentInvitationMail):
    """Remind an assessor whose scores have not come; key `assessment:{assessment}:{closes_at}:reminder`."""

    kind: ClassVar[str] = "assessment_reminder"


@dataclass(frozen=True, kw_only=True)
class SurveyReminderMail(SurveyInvitationMail):
    """Remind a drawn resident, once and never again; key `survey:{invitation}:reminder`."""

    kind: ClassVar[str] = "survey_reminder"


@dataclass(frozen=True, kw_only=True)
class CheckLapsingMail(Mail):
    """Tell a volunteer that the background check lapses; key `check:{person}:{expires_on}:{days}`."""

    kind: ClassVar[str] = "check_lapsing"
    is_news: ClassVar[bool] = True

    person_id: int
    hub: Text
    expires_on: date
    in_charge: Contact | None = None

    @property
    def about(self) -> dict[str, int]:
        """Return whose check it is, and the day as a number, since a new check makes this untrue."""
        return {"checked": self.person_id, "until": self.expires_on.toordinal()}

    @property
    def contact(self) -> Contact | None:
        """Return a social worker of the home hub."""
        return self.in_charge
