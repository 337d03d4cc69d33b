"""The rules of a framework file: bands, gates and labels."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from config.text import Text
from evaluation.conditions import Condition, ConditionError, NoGate, facts_of, parse
from evaluation.framework import Band, Bridge, Effect, Gate, Label
from evaluation.loading_tree import Reading, unique
from evaluation.source import Section

NEVER: Condition = NoGate()


@dataclass(frozen=True)
class PrintedBand:
    """A band as the file prints it; `end` only where it says so, which is how printed tables get gaps."""

    plain: Band
    end: float | None
    section: Section


def read_bands(reading: Reading) -> tuple[PrintedBand, ...]:
    """Return the bands in the order of the file."""
    found = []
    for section in reading.top.sections("bands"):
        name = reading.name(section)
        band = Band(name, reading.text(section, name), section.number("from"))
        end = section.number("to") if section.has("to") else None
        section.close()
        found.append(PrintedBand(band, end, section))
    unique(((band.plain.id, band.section) for band in found), Text("等级", "band"))
    return tuple(found)


def read_gates(reading: Reading, bands: Sequence[PrintedBand]) -> tuple[Gate, ...]:
    """Return the gates in the order in which they are applied."""
    labels = _label_names(reading)
    found = []
    for section in reading.top.sections("gates"):
        name = reading.name(section)
        effect, target = _effect(section, {band.plain.id for band in bands}, labels)
        when, source = _condition(reading, section), section.string("when")
        found.append((Gate(name, reading.text(section, name), when, effect, target, source), section))
        section.close()
    unique(((gate.id, section) for gate, section in found), Text("门槛", "gate"))
    return tuple(gate for gate, _ in found)


def read_labels(reading: Reading) -> tuple[Label, ...]:
    """Return the labels that a hub can earn."""
    section = reading.top.section("labels")
    if section is None:
        return ()
    found = []
    for name in section.data:
        label = section.section(str(name))
        if label is not None:
            words = reading.text(label, str(name))
            when, years = _condition(reading, label), label.whole("valid_years", 1)
            found.append(Label(str(name), words, when, years, label.string("when")))
            label.close()
    section.close()
    return tuple(found)


def read_bridge(reading: Reading, indicators: Collection[str]) -> Bridge | None:
    """Return the bridge to an older version, over indicators of this one."""
    section = reading.top.section("bridge")
    if section is None:
        return None
    name, since = reading.name(section), section.string("from")
    chosen = [str(one) for one in section.items("indicators")]
    for one in chosen:
        if one not in indicators:
            section.problems.add(
                "F03",
                f"“bridge.indicators”里的“{one}”不存在。",
                f'"{one}" in "bridge.indicators" does not exist.',
                read=one,
                among=indicators,
                **section.where("indicators"),
            )
    bridge = Bridge(name, reading.text(section, name), since, tuple(chosen))
    section.close()
    return bridge


def _label_names(reading: Reading) -> set[str]:
    labels = reading.top.data.get("labels")
    return {str(name) for name in labels} if isinstance(labels, dict) else set()


def _effect(section: Section, bands: set[str], labels: set[str]) -> tuple[Effect, str]:
    if not isinstance(section.raw("effect"), dict):
        section.choice("effect", {Effect.NOT_ASSESSED})
        return Effect.NOT_ASSESSED, ""
    effect = section.section("effect")
    assert effect is not None
    kind = Effect.CAP if effect.has("cap") else Effect.NO_LABEL
    target, among = effect.string(kind), bands if kind == Effect.CAP else labels
    if target and target not in among:
        effect.problems.add(
            "F05",
            f"门槛“{section.path}”指向的“{target}”不存在。",
            f'The gate "{section.path}" points to "{target}", which does not exist.',
            read=target,
            among=among,
            **effect.where(kind),
        )
    effect.close()
    return kind, target


def _condition(reading: Reading, section: Section) -> Condition:
    text = section.string("when")
    try:
        condition = parse(text)
    except ConditionError as error:
        _bad_condition(section, text, error)
        return NEVER
    for fact in sorted(facts_of(condition) - reading.facts):
        section.problems.add(
            "F05",
            f"“{section.path}”用到不认识的事实“{fact}”（第{text.find(fact) + 1}个字符）。",
            f'"{section.path}" asks for an unknown fact "{fact}" (character {text.find(fact) + 1}).',
            read=fact,
            among=reading.facts,
            **section.where("when"),
        )
    return condition


def _bad_condition(section: Section, text: str, error: ConditionError) -> None:
    if not text:
        return
    section.problems.add(
        "F05",
        f"“{section.path}.when”第{error.position}个字符处读不懂：“{text}”。",
        f'"{section.path}.when" makes no sense at character {error.position}: "{text}".',
        read=text,
        **section.where("when"),
    )
