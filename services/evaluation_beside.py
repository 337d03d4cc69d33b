"""What is kept beside scores: how far they can be trusted, and how each hub stands to the demonstration hubs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from config.text import Text
from evaluation.evaluating import Evaluation
from evaluation.explanation import explain
from evaluation.framework import Framework
from evaluation.output import as_document, beside_document, plain
from evaluation.pattern import gaps, pattern
from evaluation.scoring import Score


def beside_of(found: Evaluation, examples: frozenset[str]) -> dict[str, Any]:
    """Return what is kept with a run, as plain values; `examples` are the codes of the demonstration hubs."""
    kept = beside_document(found)
    if kept["comparison"] is not None:
        del kept["comparison"]["hubs"]  # each hub's own stands with the hub
    shown, others = _divided(found.scores, examples)
    lines = pattern(found.framework, shown, others)
    return {
        **kept,
        "pattern": [plain(asdict(line)) for line in lines],
        "notes": [note.document for note in found.notes],
    }


def details_of(found: Evaluation, examples: frozenset[str]) -> Iterable[tuple[Score, dict[str, Any]]]:
    """Return each hub's score with everything that its pages tell, as plain values."""
    standing = {} if found.comparison is None else {one.hub: one for one in found.comparison.hubs}
    shown, _ = _divided(found.scores, examples)
    for one, document in zip(found.scores, as_document(found)["hubs"], strict=True):
        beside = standing.get(one.hub)
        yield (
            one,
            {
                **document,
                "explanation": _explained(found.framework, one),
                "beside": None if beside is None else plain(asdict(beside)),
                "share_errors": dict(one.share_errors),
                "pattern": [plain(asdict(gap)) for gap in gaps(found.framework, one, shown)],
            },
        )


def _divided(scores: Iterable[Score], examples: frozenset[str]) -> tuple[list[Score], list[Score]]:
    """Return the scores of the demonstration hubs and those of the others, where there is a total."""
    known = [one for one in scores if one.total is not None]
    return [one for one in known if one.hub in examples], [one for one in known if one.hub not in examples]


def _explained(framework: Framework, one: Score) -> dict[str, Any]:
    """Return the explanation as plain values, so that a page needs no second scoring."""
    found = explain(framework, one)
    why = {name: measure.why_missing for name, measure in one.measures.items()}
    return {
        "gate": _both(found.gate),
        "next_band": _both(found.next_band),
        "steps": [
            {**asdict(step), "change": _both(step.change), "sentence": _both(step.sentence)}
            for step in found.steps
        ],
        "earned": [
            {
                "indicator": earned.indicator,
                "gained": earned.gained,
                "possible": earned.possible,
                "raw": one.measures[earned.indicator].raw,
                "n": one.measures[earned.indicator].n,
                "why_missing": _both(why[earned.indicator]),
            }
            for earned in found.earned
        ],
    }


def _both(text: Text | None) -> dict[str, str] | None:
    return None if text is None else {"zh": text.zh, "en": text.en}
