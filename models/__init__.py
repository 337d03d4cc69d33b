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
from models.commitments import Commitment
from models.evaluations import (
    Assessment,
    Cycle,
    CycleHub,
    FrameworkVersion,
    HubScore,
    Invitation,
    Observation,
    Report,
    ScoreRun,
    SurveyAnswer,
)
from models.messages import AuditEntry, Dispatch, Message, Suppression
from models.network import Equipment, GatheredBy, Hub, HubFact, Installation, Partner, Term, Unit, Venue
from models.objections import Objection, Override
from models.offers import Attendance, Candidate, HoursEntry, HoursSource, MatchingRun, Offer
from models.participants import Consent, ConsentPurpose, Guardian, Participant, Participation
from models.people import (
    Availability,
    BackgroundCheck,
    BlockedPair,
    BlockOut,
    Person,
    PersonSkill,
    Role,
    RoleKind,
    Skill,
    Volunteer,
)
from models.policies import Policy

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
    "Candidate",
    "Commitment",
    "Consent",
    "ConsentPurpose",
    "Cycle",
    "CycleHub",
    "Dispatch",
    "Equipment",
    "FrameworkVersion",
    "GatheredBy",
    "Guardian",
    "HoursEntry",
    "HoursSource",
    "Hub",
    "HubFact",
    "HubScore",
    "Installation",
    "Invitation",
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
    "Person",
    "PersonSkill",
    "Policy",
    "Report",
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
    "Table",
    "Term",
    "Unit",
    "Venue",
    "Volunteer",
]
