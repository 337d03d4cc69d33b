"""All the sheets of a network's workbook, in the order in which they are written and read."""

from __future__ import annotations

from documents.columns import TableForm
from services.importing.forms_activities import ACTIVITIES, NEEDS, SERIES, USES
from services.importing.forms_network import (
    EQUIPMENT,
    FACT_ROWS,
    HUBS,
    PARTNERS,
    SKILLS,
    TERMS,
    UNITS,
    VENUES,
)
from services.importing.forms_people import BLOCK_OUTS, GUARDIANS, PARTICIPANTS, PARTICIPATIONS, PEOPLE
from services.importing.forms_rules import MATCH_RULES

FORMS: tuple[TableForm, ...] = (
    UNITS,
    PARTNERS,
    SKILLS,
    HUBS,
    FACT_ROWS,
    VENUES,
    EQUIPMENT,
    TERMS,
    PEOPLE,
    BLOCK_OUTS,
    PARTICIPANTS,
    GUARDIANS,
    SERIES,
    NEEDS,
    USES,
    ACTIVITIES,
    PARTICIPATIONS,
    MATCH_RULES,
)
