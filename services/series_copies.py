"""What an activity and its needs take over from their series, when a date is planned."""

from __future__ import annotations

from services.gate import FACTS

TEXTS = ("title_zh", "title_en", "summary_zh", "summary_en", "topic", "gathered_by")
OF_ACTIVITY = (*TEXTS, *FACTS, "members_only", "hub_id")
"""What an activity takes over from its series."""
OF_NEED = (
    *("role_zh", "role_en", "minimum", "desired", "maximum", "skill_id"),
    *("min_age", "needs_check", "needs_experience", "gender", "language"),
)
"""What a need of an activity takes over from its series' own."""
