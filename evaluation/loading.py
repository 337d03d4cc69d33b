"""From the YAML text of a framework to a proven `Framework`, with everything wrong reported at once.

The codes F00 to F13 are those of docs and tests: F01 sums, F02 bands, F03 names, F04 goalposts, F05 conditions,
F07 languages, F08 numbers, F09 one indicator outweighs the rest, F10 geometric mean with a zero, F11 direction,
F12 types, F13 unknown keys. (F06, an edited version, is the business of whoever keeps versions.)
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from math import isfinite

from evaluation import proofs
from evaluation.framework import Framework, Scale, SurveyPlan
from evaluation.loading_indicators import read_indicators
from evaluation.loading_rules import read_bands, read_bridge, read_gates, read_labels
from evaluation.loading_tree import Reading, read_dimensions, read_nodes
from evaluation.problems import Problem, Problems
from evaluation.source import Section, parse

LANGUAGES = frozenset({"zh", "en"})
FACTS = frozenset(
    {
        "no_annual_check",
        "under_investigation",
        "open_safety_incident",
        "open_audit_finding",
        "days_without_social_worker",
        "fulfilment",
    }
)
"""What offices report about a hub beside numbers that earn points; gates and labels may ask for these."""


@dataclass(frozen=True)
class Loaded:
    """Hold what came of a text: the framework, if nothing fatal was found, and every problem."""

    framework: Framework | None
    problems: tuple[Problem, ...]


def load(text: str, *, metrics: Collection[str] | None = None, facts: Collection[str] = FACTS) -> Loaded:
    """Read and prove a framework; `metrics` are the known ones, or None where any name will do."""
    problems = Problems()
    top = parse(text, problems)
    if top is None:
        return Loaded(None, problems.in_order)
    found = _read(top, text, metrics, frozenset(facts))
    return Loaded(None if problems.are_fatal else found, problems.in_order)


def _read(top: Section, text: str, metrics: Collection[str] | None, facts: frozenset[str]) -> Framework:
    head = top.section("framework") or _empty_head(top)
    languages = _languages(head)
    reading = Reading(top, languages, metrics, facts)
    scale = _scale(top.section("scale"))
    nodes = read_nodes(reading, scale)
    dimensions = read_dimensions(reading)
    bands = read_bands(reading)
    indicators = read_indicators(reading, nodes, dimensions)
    framework = Framework(
        id=head.string("id"),
        version=head.string("version"),
        languages=languages,
        scale=scale,
        nodes=nodes,
        indicators=indicators,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        dimensions=dimensions,
        survey=_survey(top.section("survey")),
        max_missing_share=_missing(top.section("missing")),
        bands=tuple(sorted((band.plain for band in bands), key=lambda band: band.start)),
        gates=read_gates(reading, bands),
        labels=read_labels(reading),
        supersedes=head.string("supersedes", ""),
        bridge=read_bridge(reading, {one.id for one in indicators}),
    )
    head.close()
    top.close()
    proofs.prove(framework, bands, reading)
    return framework


def _empty_head(top: Section) -> Section:
    if not top.has("framework"):
        top.problems.add("F12", "缺“framework”。", '"framework" is missing.', path="framework", line=1)
    return Section(type(top.data)({"id": "?", "version": "?"}), "framework", 1, top.problems)


def _languages(head: Section) -> tuple[str, ...]:
    for day in head.items("effective"):
        if type(day) is not date:
            head.problems.add(
                "F12",
                f"“framework.effective”要写日期，如2026-01-01，读到的是“{day}”。",
                f'"framework.effective" takes dates such as 2026-01-01, and "{day}" was read.',
                read=day,
                **head.where("effective"),
            )
    found = [str(language) for language in head.items("languages")]
    for language in found:
        if language not in LANGUAGES:
            head.problems.add(
                "F03",
                f"没有语言“{language}”，可用的有zh、en。",
                f'There is no language "{language}"; it takes zh and en.',
                read=language,
                among=LANGUAGES,
                **head.where("languages"),
            )
    return tuple(language for language in found if language in LANGUAGES)


def _scale(section: Section | None) -> Scale:
    if section is None:
        return Scale()
    scale = Scale(section.number("min", 0.0), section.number("max", 100.0), section.whole("show_decimals", 1))
    section.choice("rounding", {"half_up"}, "half_up")
    section.choice("rank_on", {"unrounded"}, "unrounded")
    section.close()
    if scale.width <= 0:
        section.problems.add(
            "F04",
            f"量表的最高分{scale.maximum:g}要高于最低分{scale.minimum:g}。",
            f"The scale's highest score, {scale.maximum:g}, must be above its lowest, {scale.minimum:g}.",
            **section.where("max"),
        )
        return Scale()
    return scale


def _survey(section: Section | None) -> SurveyPlan:
    if section is None:
        return SurveyPlan()
    section.string("frame", "")
    section.choice("dont_know", {"missing"}, "missing")
    strata = tuple(str(name) for name in section.items("strata"))
    target = section.section("target_n")
    error, confidence = None, 0.95
    if target is not None:
        error, confidence = _share(target, "error"), _share(target, "confidence", 0.95)
        target.close()
    plan = SurveyPlan(strata, section.whole("min_n", 1), error, confidence)
    section.close()
    return plan


def _missing(section: Section | None) -> float:
    if section is None:
        return 0.1
    section.choice("auto", {"not_assessed"}, "not_assessed")
    section.choice("rubric", {"wait_second_rater"}, "wait_second_rater")
    section.choice("survey", {"below_min_n"}, "below_min_n")
    share = _share(section, "max_share_of_points", 0.1)
    section.close()
    return share


def _share(section: Section, key: str, default: float | None = None) -> float:
    """Return a share of 0 to 1; 10 for ten per cent is refused, for it would let everything through."""
    value = section.number(key, default)
    if not isfinite(value) or 0 <= value <= 1:
        return value
    section.problems.add(
        "F08",
        f"“{section.path}.{key}”是0到1之间的比例，读到的是{value:g}。",
        f'"{section.path}.{key}" is a share between 0 and 1, and {value:g} was read.',
        read=f"{value:g}",
        **section.where(key),
    )
    return value
