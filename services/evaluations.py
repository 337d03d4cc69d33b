"""An evaluation from opening to score; each verb stands in a file of its own.

open_cycle -> record_assessment, record_survey -> close_cycle -> collect -> score; then `services.reports`.
"""

from services.evaluation_answers import (
    Recorded,
    declare_conflict,
    record_assessment,
    record_survey,
    refuse_survey,
)
from services.evaluation_collecting import Collected, CycleClosed, close_cycle, collect
from services.evaluation_corrections import correct_assessment
from services.evaluation_opening import CycleOpened, open_cycle
from services.evaluation_scoring import Scored, score
from services.evaluation_views import (
    AssessmentView,
    FormSituation,
    Item,
    Level,
    SurveyView,
    assessment_view,
    survey_view,
)
from services.frameworks import register_framework

__all__ = [
    "AssessmentView",
    "Collected",
    "CycleClosed",
    "CycleOpened",
    "FormSituation",
    "Item",
    "Level",
    "Recorded",
    "Scored",
    "SurveyView",
    "assessment_view",
    "close_cycle",
    "collect",
    "correct_assessment",
    "declare_conflict",
    "open_cycle",
    "record_assessment",
    "record_survey",
    "refuse_survey",
    "register_framework",
    "score",
    "survey_view",
]
