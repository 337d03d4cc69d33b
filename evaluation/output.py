"""Scores as a JSON document, so that anybody can check us: every node's value unrounded."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from evaluation.scoring import Score


def as_document(scores: Iterable[Score]) -> dict[str, Any]:
    """Return `{hubs: [...]}` in the order of the scores."""
    return {"hubs": [hub_document(score) for score in scores]}


def hub_document(score: Score) -> dict[str, Any]:
    """Return one hub's score as plain values."""
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
    }
