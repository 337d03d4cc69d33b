"""An evaluation as a JSON document, so that anybody can check us: every node's value unrounded."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from config.text import Text
from evaluation.evaluating import Evaluation
from evaluation.ranks import Rank
from evaluation.scoring import Score


def as_document(found: Evaluation) -> dict[str, Any]:
    """Return `{hubs: [...], ...}`, the hubs in the order of their codes, and what stands beside them."""
    ranks = {one.hub: one for one in found.ranks}
    hubs = []
    for one in found.scores:
        document = hub_document(one, ranks.get(one.hub))
        if one.hub in found.without_careless:
            document["total_without_flagged"] = found.without_careless[one.hub]
        hubs.append(document)
    return {"hubs": hubs, **beside_document(found)}


def beside_document(found: Evaluation) -> dict[str, Any]:
    """Return what stands beside the scores of single hubs, as plain values."""
    return {
        "comparison": None if found.comparison is None else plain(asdict(found.comparison)),
        "weights": [plain(asdict(one)) for one in found.weights],
        "sensitivity": [plain(asdict(one)) for one in found.sensitivity],
        "reliability": [plain(asdict(one)) for one in found.reliability],
        "severity": {
            "applied": found.severity_applied,
            "raters": [plain(asdict(one)) for one in found.severities],
        },
    }


def hub_document(score: Score, rank: Rank | None = None) -> dict[str, Any]:
    """Return one hub's score as plain values; a rank comes with its interval or not at all."""
    return {
        "code": score.hub,
        "nodes": dict(score.nodes),
        "dimensions": dict(score.dimensions),
        "total": score.total,
        "interval": None if score.interval is None else list(score.interval),
        "standard_error": score.error,
        "coverage": score.coverage,
        "gates": [gate.id for gate in score.gates],
        "unknown_gates": [gate.id for gate in score.unknown_gates],
        "band": None if score.band is None else score.band.id,
        "band_probability": dict(score.band_probability),
        "labels": list(score.labels),
        "status": str(score.status),
        "missing": list(score.missing),
        "rank": None if rank is None else rank.rank,
        "rank_interval": None if rank is None else [rank.low, rank.high],
    }


def plain(value: Any) -> Any:
    """Turn texts into both languages, and tuples into lists, however deep they stand."""
    if isinstance(value, Text):
        return {"zh": value.zh, "en": value.en}
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value
