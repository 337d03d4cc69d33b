"""Two versions of a framework in words: what was added, what went, and what changed from what to what."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from config.text import Text
from evaluation.framework import Framework, Indicator

NOTHING = Text("无", "none")
Words = tuple[Text, Callable[[Any], Any]]
"""A property's name, and how it is read off a thing; values are compared and told as they come."""


@dataclass(frozen=True)
class Difference:
    """Hold one difference: where it is (`indicators.hw.area.goalposts`), and what it is in words."""

    path: str
    sentence: Text
    measures_otherwise: bool = False
    """Whether an indicator's values of the two versions cannot be compared any more."""


NAME: dict[str, Words] = {
    "zh": (Text("中文名称", "the Chinese name"), lambda one: one.text.zh),
    "en": (Text("英文名称", "the English name"), lambda one: one.text.en),
}
MEASURE: dict[str, Words] = {
    "kind": (Text("数据来源", "the kind"), lambda one: one.kind),
    "metric": (Text("数据项", "the metric"), lambda one: one.metric),
    "unit": (Text("单位", "the unit"), lambda one: one.unit),
    "goalposts": (Text("端点", "the goalposts"), lambda one: one.goalposts),
    "transform": (Text("换算", "the transform"), lambda one: "log" if one.logarithmic else "identity"),
    "direction": (Text("方向", "the direction"), lambda one: one.direction),
    "levels": (Text("等级数", "the number of levels"), lambda one: len(one.levels)),
    "item": (Text("问题", "the question"), lambda one: one.item),
    "scale": (Text("回答的两端", "the ends of the answers"), lambda one: one.answers),
}
"""What an indicator measures: with one of these changed, its values are of another thing."""
INDICATOR: dict[str, Words] = {
    **NAME,
    "weight": (Text("权重", "the weight"), lambda one: one.weight),
    "part": (Text("所属部分", "the part"), lambda one: one.node),
    "dimension": (Text("所属维度", "the dimension"), lambda one: one.dimension),
    **MEASURE,
    "raters": (Text("评估员人数", "the number of raters"), lambda one: one.raters),
    "evidence": (
        Text("证明材料", "the evidence"),
        lambda one: None if one.evidence is None else (one.evidence.at_level, *one.evidence.types),
    ),
    "step": (Text("一步", "the step"), lambda one: one.step),
}
NODE: dict[str, Words] = {
    **NAME,
    "weight": (Text("权重", "the weight"), lambda one: one.weight),
    "parent": (Text("上级", "the parent"), lambda one: one.parent),
    "combine": (Text("合并办法", "the way of combining"), lambda one: one.combine),
    "floor": (Text("下限", "the floor"), lambda one: one.floor),
}
BAND: dict[str, Words] = {**NAME, "from": (Text("起点", "the start"), lambda one: one.start)}
GATE: dict[str, Words] = {
    **NAME,
    "when": (Text("条件", "the condition"), lambda one: one.source),
    "effect": (Text("作用", "the effect"), lambda one: f"{one.effect} {one.target}".strip()),
}
LABEL: dict[str, Words] = {
    **NAME,
    "when": (Text("条件", "the condition"), lambda one: one.source),
    "valid_years": (Text("有效年数", "the years of validity"), lambda one: one.valid_years),
}
WHOLE: dict[str, Words] = {
    "scale": (
        Text("总分的两端", "the ends of the scale"),
        lambda one: (one.scale.minimum, one.scale.maximum),
    ),
    "survey.strata": (Text("居民分层", "the strata of residents"), lambda one: one.survey.strata),
    "survey.min_n": (Text("最少样本", "the fewest answers"), lambda one: one.survey.min_n),
    "survey.target_n": (
        Text("抽样误差和置信度", "the wanted error and confidence"),
        lambda one: (one.survey.error, one.survey.confidence),
    ),
    "missing.max_share_of_points": (
        Text("最多可缺的比例", "the share of points that may be missing"),
        lambda one: one.max_missing_share,
    ),
}
THINGS: tuple[tuple[str, Text, dict[str, Words], Callable[[Framework], Sequence[Any]]], ...] = (
    ("nodes", Text("节点", "the node"), NODE, lambda one: one.nodes),
    ("dimensions", Text("维度", "the dimension"), NAME, lambda one: one.dimensions),
    ("indicators", Text("指标", "the indicator"), INDICATOR, lambda one: one.indicators),
    ("bands", Text("等级", "the band"), BAND, lambda one: one.bands),
    ("gates", Text("门槛", "the gate"), GATE, lambda one: one.gates),
    ("labels", Text("称号", "the label"), LABEL, lambda one: one.labels),
)


def differences(old: Framework, new: Framework) -> tuple[Difference, ...]:
    """Return everything in which two versions differ, in the order of the newer file."""
    found = list(_changed("", Text("", ""), WHOLE, old, new))
    for key, what, properties, of in THINGS:
        found += _of_things(
            key, what, properties, {one.id: one for one in of(old)}, {one.id: one for one in of(new)}
        )
    return tuple(found)


def measures_the_same(old: Indicator, new: Indicator) -> bool:
    """Say whether values of an indicator in two versions can be compared."""
    return all(of(old) == of(new) for _, of in MEASURE.values())


def _of_things(
    key: str, what: Text, properties: Mapping[str, Words], old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterable[Difference]:
    for name, one in new.items():
        said = Text(f"{what.zh}“{one.text.zh}”（{name}）", f'{what.en} "{one.text.en}" ({name})')
        if name not in old:
            yield Difference(f"{key}.{name}", _sentence(f"新增{said.zh}", f"added {said.en}"))
            continue
        yield from _changed(f"{key}.{name}", said, properties, old[name], one)
        if key == "indicators":
            yield from _levels(name, said, old[name], one)
    for name, one in old.items():
        if name not in new:
            yield Difference(
                f"{key}.{name}",
                _sentence(
                    f"去掉{what.zh}“{one.text.zh}”（{name}）", f'removed {what.en} "{one.text.en}" ({name})'
                ),
            )


def _changed(
    path: str, said: Text, properties: Mapping[str, Words], old: Any, new: Any
) -> Iterable[Difference]:
    for key, (name, of) in properties.items():
        before, after = of(old), of(new)
        if before != after:
            was, now = _value(before), _value(after)
            owner = Text(f"{said.zh}的", f" of {said.en}") if said.zh else Text("", "")
            yield Difference(
                f"{path}.{key}".lstrip("."),
                _sentence(
                    f"{owner.zh}{name.zh}从{was.zh}改为{now.zh}",
                    f"{name.en}{owner.en} changed from {was.en} to {now.en}",
                ),
                measures_otherwise=key in MEASURE and isinstance(new, Indicator),
            )


def _levels(name: str, said: Text, old: Indicator, new: Indicator) -> Iterable[Difference]:
    for number, (before, after) in enumerate(zip(old.levels, new.levels, strict=False)):
        if before != after:
            was, now = (NOTHING if words is None else words for words in (before, after))
            yield Difference(
                f"indicators.{name}.levels.{number}",
                _sentence(
                    f"{said.zh}第{number}级从“{was.zh}”改为“{now.zh}”",
                    f'level {number} of {said.en} changed from "{was.en}" to "{now.en}"',
                ),
            )


def _value(value: Any) -> Text:
    if value is None or value in {"", ()}:
        return NOTHING
    if isinstance(value, tuple):
        parts = [_value(one) for one in value]
        return Text("、".join(one.zh for one in parts), " and ".join(one.en for one in parts))
    if isinstance(value, float):
        return Text(f"{value:g}", f"{value:g}")
    spelt = str(value)
    is_word = isinstance(value, str)
    return Text(f"“{spelt}”" if is_word else spelt, f'"{spelt}"' if is_word else spelt)


def _sentence(zh: str, en: str) -> Text:
    return Text(f"{zh}。", f"{en[:1].upper()}{en[1:]}.")
