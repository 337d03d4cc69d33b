"""Floor 1: the tables, one file a noun, and the states with their allowed moves.

May import `config` only. Tables do not validate (SQLModel): doors validate, and what must never
break is a CHECK or UNIQUE constraint. Start with `states.py`, then `activities.py` and `offers.py`.
"""

from models.activities import (
    Activity,
    ActivityStaff,
    ActivityUse,
    BulkChange,
    Need,
    Series,
    SeriesException,
    SeriesNeed,
    SeriesStaff,
    SeriesUse,
)
from models.base import Table
from models.call_outs import CallOut, CallOutAsk
from models.certificates import Certificate
from models.commitments import Commitment
from models.digest_times import DigestTime
from models.evaluations import (
    Assessment,
    Cycle,
    CycleHub,
    Evidence,
    FrameworkVersion,
    HubScore,
    Invitation,
    Observation,
    Report,
    ScoreRun,
    SurveyAnswer,
)
from models.funding import FundingAnswer, FundingApplication, FundingExpense, FundingLine, FundingVersion
from models.hours import HoursCategory, HoursClaim, HoursEntry, HoursSource
from models.letters import LetterWording
from models.messages import (
    AuditEntry,
    Dispatch,
    HoldScope,
    InboundMail,
    MailHold,
    MailPace,
    MailRelay,
    Message,
    Suppression,
)
from models.network import Equipment, GatheredBy, Hub, HubFact, Installation, Partner, Term, Unit, Venue
from models.objections import Objection, Override
from models.offers import (
    Attendance,
    Candidate,
    CheckIn,
    CheckInWay,
    MatchingRecord,
    MatchingRun,
    Offer,
    Pause,
)
from models.participants import Consent, ConsentPurpose, Guardian, Participant, Participation
from models.people import (
    Availability,
    BackgroundCheck,
    BlockedPair,
    BlockOut,
    Person,
    PersonAttribute,
    PersonSkill,
    Role,
    RoleKind,
    Skill,
    Volunteer,
)
from models.policies import MatchRule, Policy
from models.risks import ChecklistVersion, RiskCheck
from models.swaps import Swap

__all__ = [
    "Activity",
    "ActivityStaff",
    "ActivityUse",
    "Assessment",
    "Attendance",
    "AuditEntry",
    "Availability",
    "BackgroundCheck",
    "BlockOut",
    "BlockedPair",
    "BulkChange",
    "CallOut",
    "CallOutAsk",
    "Candidate",
    "Certificate",
    "CheckIn",
    "CheckInWay",
    "ChecklistVersion",
    "Commitment",
    "Consent",
    "ConsentPurpose",
    "Cycle",
    "CycleHub",
    "DigestTime",
    "Dispatch",
    "Equipment",
    "Evidence",
    "FrameworkVersion",
    "FundingAnswer",
    "FundingApplication",
    "FundingExpense",
    "FundingLine",
    "FundingVersion",
    "GatheredBy",
    "Guardian",
    "HoldScope",
    "HoursCategory",
    "HoursClaim",
    "HoursEntry",
    "HoursSource",
    "Hub",
    "HubFact",
    "HubScore",
    "InboundMail",
    "Installation",
    "Invitation",
    "LetterWording",
    "MailHold",
    "MailPace",
    "MailRelay",
    "MatchRule",
    "MatchingRecord",
    "MatchingRun",
    "Message",
    "Need",
    "Objection",
    "Observation",
    "Offer",
    "Override",
    "Participant",
    "Participation",
    "Partner",
    "Pause",
    "Person",
    "PersonAttribute",
    "PersonSkill",
    "Policy",
    "Report",
    "RiskCheck",
    "Role",
    "RoleKind",
    "ScoreRun",
    "Series",
    "SeriesException",
    "SeriesNeed",
    "SeriesStaff",
    "SeriesUse",
    "Skill",
    "Suppression",
    "SurveyAnswer",
    "Swap",
    "Table",
    "Term",
    "Unit",
    "Venue",
    "Volunteer",
]
