"""A stored run names the code that made it: the same inputs under the same version give the same scores, for good."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from evaluation.evaluating import evaluate
from evaluation.output import as_document
from evaluation.scoring import CODE_VERSION
from tests.evaluation.test_score_properties import FRAMEWORK, inputs_of

DIGESTS = {"2": "dbfcc7a669f83722"}
"""Of all scores of a made-up network, by version. Another digest means another score: raise CODE_VERSION."""


def settled(value: Any) -> Any:
    """Without the last digits, in which machines may differ."""
    if isinstance(value, float):
        return round(value, 7) + 0.0
    if isinstance(value, dict):
        return {key: settled(one) for key, one in value.items()}
    return [settled(one) for one in value] if isinstance(value, list) else value


def test_scores_change_only_with_the_version_of_the_code() -> None:
    found = evaluate(FRAMEWORK, inputs_of(7, hubs=12), seed=7)
    scores = [
        {key: value for key, value in hub.items() if "rank" not in key} for hub in as_document(found)["hubs"]
    ]
    text = json.dumps(settled(scores), sort_keys=True)
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == DIGESTS[CODE_VERSION]
