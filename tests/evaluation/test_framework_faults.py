"""What a framework file can get wrong: each code with its line, what was read, and both languages."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from evaluation.loading import load
from evaluation.problems import Problem
from tests.evaluation.builders import FACTS, HERE

GOOD = (HERE / "worked.yaml").read_text(encoding="utf-8")


def faults(text: str, *, metrics: set[str] | None = None) -> tuple[Problem, ...]:
    return load(text, metrics=metrics, facts=FACTS).problems


def edited(old: str, new: str) -> str:
    assert GOOD.count(old) >= 1, old
    return GOOD.replace(old, new, 1)


def line_of(text: str, part: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if part in line)


CASES: dict[str, tuple[str, str, str, str, str]] = {
    "F01 parts": (
        "F01",
        "zh: 工作成效, en: Work results,        points: 40}",
        "zh: 工作成效, en: Work results,        points: 38}",
        "权重合计98，应为100（差-2）",
        "add to 98, and must add to 100 (-2)",
    ),
    "F01 indicators": (
        "F01",
        "points: 20, kind: survey",
        "points: 21, kind: survey",
        "“satisfaction”权重合计51，应为50（差+1）",
        '"satisfaction" add to 51',
    ),
    "F02 gap at zero": ("F02", "from: 0}", "from: 5}", "0没有等级", "so 0 has none"),
    "F02 unreachable": ("F02", "from: 90}", "from: 100}", "够不着", "out of reach"),
    "F02 same start": ("F02", "from: 75}", "from: 60}", "都从60起", "both begin at 60"),
    "F03 part": ("F03", "hw.area,  part: results", "hw.area,  part: result", "“result”不存在", '"result" in'),
    "F03 kind": (
        "F03",
        "kind: auto, metric: venue_area_m2",
        "kind: auto_, metric: v",
        "“auto_”不认识",
        "does not know",
    ),
    "F03 id": ("F03", "{id: hw.hours,", "{id: hw.area,", "写了两次", "is given twice, first on line 10"),
    "F04 equal": ("F04", "[40, 120]", "[40, 40]", "两个端点相等", "the goalposts are equal"),
    "F04 reversed": ("F04", "[40, 120]", "[120, 40]", "端点倒置", "direction: -1"),
    "F04 log": ("F04", "[20, 400]", "[0, 400]", "低端点要大于0", "above 0"),
    "F05 fact": ("F05", "open_audit_finding,", "open_audit_findings,", "不认识的事实", "unknown fact"),
    "F05 grammar": ("F05", "0.5 * points", "0.5 ** points", "第17个字符", "at character 17"),
    "F05 band": (
        "F05",
        "{cap: pass}, zh: 经费",
        "{cap: passed}, zh: 经费",
        "“passed”不存在",
        '"passed", which',
    ),
    "F07 english": (
        "F07",
        "zh: 场地面积, en: Floor area",
        "zh: 场地面积",
        "缺英文名称",
        "has no English text",
    ),
    "F07 chinese": ("F07", "zh: 良好,   en: Good", "en: Good", "缺中文名称", "has no Chinese text"),
    "F08 per cent": ("F08", "points: 40}", 'points: "40%"}', "读到的是“40%”", '"40%" was read'),
    "F08 full width": ("F08", "points: 40}", "points: ４０}", "读到的是“４０”", '"４０" was read'),
    "F08 not finite": ("F08", "points: 40}", "points: .inf}", "要写数字", "takes a number"),
    "F11 part": ("F11", "points: 40}", "points: 40, direction: -1}", "方向只写在指标上", "only indicators"),
    "F11 dimension": (
        "F11",
        "en: Venue and equipment}",
        "en: Venue, direction: 1}",
        "方向只写在指标上",
        "only indicators",
    ),
    "F03 same key twice": (
        "F03",
        "zh: 场地面积, en: Floor area",
        "zh: 场地面积, zh: 面积, en: Floor area",
        "写了两次，第一次在第10行",
        "is written twice, first on line 10",
    ),
    "F08 huge": ("F08", "points: 40}", "points: 1" + "0" * 400 + "}", "要写数字", "takes a number"),
    "F08 share": (
        "F08",
        "bands:",
        "missing: {max_share_of_points: 10}\nbands:",
        "0到1之间的比例",
        "a share between 0 and 1",
    ),
    "F12 bare no": (
        "F12",
        "zh: 场地面积,",
        "zh: no,",
        "读到的是是非值（no）",
        "a yes/no value was read (no)",
    ),
    "F12 bare on": (
        "F12",
        "{id: hw.hours,",
        "{id: on,",
        "读到的是是非值（on）",
        "a yes/no value was read (on)",
    ),
    "F12 null": ("F12", "zh: 场地面积,", "zh: ~,", "读到的是空值", "nothing was read"),
    "F12 boolean": ("F12", "zh: 场地面积,", "zh: true,", "读到的是是非值", "a yes/no value was read"),
    "F12 date": ("F12", 'version: "1"', "version: 2026-01-01", "读到的是日期", "a date was read"),
    "F12 number": ("F12", 'version: "1"', "version: 2026.1", "读到的是数字", "a number was read"),
    "F13 comma": (
        "F13",
        "zh: 无依据, en: no evidence",
        "zh: 有申报, 需求无依据, en: x",
        "不认识的键",
        "Unknown key",
    ),
    "F13 typo": ("F13", "bands:", "band:", "不认识的键“band”", 'Unknown key "band"'),
}


@pytest.mark.parametrize("name", CASES)
def test_fault_is_told_with_code_line_and_both_languages(name: str) -> None:
    code, old, new, zh, en = CASES[name]
    text = edited(old, new)
    found = [problem for problem in faults(text) if problem.code == code]
    assert found
    assert any(zh in problem.sentence.zh and en in problem.sentence.en for problem in found), found
    assert all(problem.line for problem in found)
    assert load(text, facts=FACTS).framework is None


@pytest.mark.parametrize(
    ("old", "new", "read", "nearest"),
    [
        ("hw.area,  part: results", "hw.area,  part: result", "result", "results"),
        ("kind: auto, metric: venue_area_m2", "kind: automatic, metric: v", "automatic", "auto"),
        ("open_audit_finding,", "open_audit_findings,", "open_audit_findings", "open_audit_finding"),
        ("{cap: pass}, zh: 经费", "{cap: passed}, zh: 经费", "passed", "pass"),
        ("item: q1, zh", "itme: q1, zh", "itme", "item"),
    ],
)
def test_nearest_valid_value_is_offered_on_the_line_of_the_fault(
    old: str, new: str, read: str, nearest: str
) -> None:
    text = edited(old, new)
    found = next(problem for problem in faults(text) if problem.read == read)
    assert (found.nearest, found.line) == (nearest, line_of(text, new))
    assert f"是不是想写“{nearest}”？" in found.told.zh
    assert f'Did you mean "{nearest}"?' in found.told.en


def test_unknown_metric_is_refused_where_the_catalogue_is_known() -> None:
    known = {"venue_area_m2", "open_hours_week", "funds_used_on_time_pct", "certified_share_pct"}
    found = faults(GOOD.replace("venue_area_m2", "venue_area"), metrics=known | {"participants_per_1000"})
    assert [(problem.code, problem.read, problem.nearest) for problem in found] == [
        ("F03", "venue_area", "venue_area_m2")
    ]


PRINTED_TABLES = {
    "3A 851-900 and 4A 901-950 leave 900.5 out": ("{id: a, from: 0, to: 900}", "{id: b, from: 901}", "900.5"),
    "4A to 950 and 5A from 950.0 share nothing": ("{id: a, from: 0, to: 950}", "{id: b, from: 950}", None),
    "62 and 63 per cent leave 62.5 out": ("{id: a, from: 0, to: 62}", "{id: b, from: 63}", "62.5"),
    "two bands that both hold 950": ("{id: a, from: 0, to: 960}", "{id: b, from: 940}", "950"),
}


@pytest.mark.parametrize("name", PRINTED_TABLES)
def test_printed_tables_of_others_are_proven_to_have_gaps_and_overlaps(name: str) -> None:
    first, second, read = PRINTED_TABLES[name]
    text = (
        'framework: {id: f, version: "1"}\nscale: {max: 1000}\nindicators:\n'
        f"  - {{id: i, kind: document}}\nbands:\n  - {first}\n  - {second}\n"
    )
    found = [problem for problem in faults(text) if problem.code == "F02"]
    assert [problem.read for problem in found] == ([read] if read else [])


def test_an_indicator_that_dictates_the_result_is_warned_of_and_still_loads() -> None:
    text = (
        'framework: {id: f, version: "1"}\nparts:\n  - {id: p, points: 100}\nindicators:\n'
        "  - {id: big, part: p, points: 60, kind: document}\n  - {id: small, part: p, points: 40, kind: document}\n"
    )
    loaded = load(text)
    assert [(one.code, one.line, one.is_warning, one.read) for one in loaded.problems] == [
        ("F09", 5, True, "60%")
    ]
    assert loaded.framework is not None


@pytest.mark.parametrize(
    ("node", "is_fatal", "codes"),
    [
        ("{id: top, combine: geometric}", False, ["F10"]),
        ("{id: top, combine: geometric, floor: 0}", True, ["F10", "F10"]),
        ("{id: top, combine: geometric, floor: 0.01}", False, []),
    ],
)
def test_a_geometric_mean_that_can_meet_a_zero_asks_for_a_floor(
    node: str, is_fatal: bool, codes: list[str]
) -> None:
    text = (
        f'framework: {{id: f, version: "1"}}\nnodes:\n  - {node}\nindicators:\n'
        "  - {id: a, part: top, kind: document}\n  - {id: b, part: top, kind: document}\n"
    )
    loaded = load(text)
    assert [problem.code for problem in loaded.problems] == codes
    assert (loaded.framework is None) == is_fatal


def test_quoted_yes_and_no_are_text() -> None:
    assert faults(GOOD.replace("zh: 场地面积,", 'zh: "no",')) == ()


def test_a_gate_that_caps_at_the_highest_band_limits_nobody() -> None:
    loaded = load(GOOD.replace("{cap: pass}, zh: 经费", "{cap: best}, zh: 经费"), facts=FACTS)
    assert [(one.code, one.read, one.is_warning) for one in loaded.problems] == [("F05", "best", True)]


def test_a_number_that_is_no_number_is_one_fault_and_no_sum_of_it() -> None:
    assert [one.code for one in faults(GOOD.replace("points: 40}", 'points: "40%"}'))] == ["F08"]


def test_aliases_upon_aliases_and_deep_nests_are_told_at_once_and_do_not_hang() -> None:
    nested = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 20))
    assert {problem.code for problem in faults(f"a0: &a0 [x, x]\n{nested}\n")} >= {"F12", "F13"}
    (problem,) = faults("a: " + "[" * 50_000)
    assert problem.told.en == "F00 It is nested too deeply to be a framework."


@pytest.mark.parametrize("key", ["part", "parent", "node"])
def test_an_index_needs_neither_parts_nor_metrics(key: str) -> None:
    text = (
        'framework: {id: f, version: "1"}\nnodes:\n  - {id: index, combine: geometric}\n'
        "  - {id: knowledge, parent: index, combine: points, weight: 0.5}\nindicators:\n"
        f"  - {{id: a, {key}: knowledge, kind: auto, weight: 60}}\n"
        f"  - {{id: b, {key}: knowledge, kind: auto, points: 40}}\n"
        f"  - {{id: c, {key}: index, kind: auto, weight: 0.5}}\n"
        "bands:\n  - {id: 5A, from: 90}\n  - {id: 4A, from: 0, to: 90}\n"
    )
    loaded = load(text)
    assert [one.code for one in loaded.problems] == ["F10"]
    assert loaded.framework is not None
    assert [band.id for band in loaded.framework.bands] == ["4A", "5A"]


def test_everything_wrong_is_told_at_once_from_the_top_down() -> None:
    text = GOOD
    for name in ("F01 parts", "F03 part", "F04 log", "F05 fact", "F12 boolean", "F13 comma"):
        _, old, new, _, _ = CASES[name]
        text = text.replace(old, new, 1)
    found = faults(text)
    assert {problem.code for problem in found} >= {"F01", "F03", "F04", "F05", "F12", "F13"}
    assert [problem.line for problem in found] == sorted(problem.line or 0 for problem in found)


BROKEN: dict[str, str] = {
    "nothing": "",
    "a list": "- 1\n- 2\n",
    "not YAML": "parts: [1, 2\nbands: {",
    "a tab": "parts:\n\t- x\n",
    "same key twice": "framework: {id: a, id: b}\n",
    "too large": "# " + "x" * 1_000_001,
    "deep": "a: " + "[" * 3000,
    "python object": "framework: !!python/object/apply:os.system ['true']\n",
    "no framework": "parts: []\n",
    "parts is text": "framework: {id: f, version: '1'}\nparts: hello\n",
    "text in a list": "framework: {id: f, version: '1'}\nindicators: [hello]\n",
    "no indicators": "framework: {id: f, version: '1'}\n",
    "null everywhere": "framework:\nparts:\nindicators:\nbands:\ngates:\nlabels:\nscale:\n",
    "a circle of nodes": "framework: {id: f, version: '1'}\nnodes:\n  - {id: a, parent: b}\n  - {id: b, parent: a}\n",
    "two roots": "framework: {id: f, version: '1'}\nnodes:\n  - {id: a}\n  - {id: b}\n",
    "levels with a gap": "framework: {id: f, version: '1'}\nindicators:\n  - {id: a, kind: rubric, levels: {0: {zh: x}, 2: {zh: y}}}\n",
    "levels as text": "framework: {id: f, version: '1'}\nindicators:\n  - {id: a, kind: rubric, levels: {0: x, 1: y}}\n",
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_framework_is_answered_with_sentences(name: str) -> None:
    loaded = load(BROKEN[name])
    assert loaded.framework is None
    assert loaded.problems
    assert all(problem.sentence.zh and problem.sentence.en for problem in loaded.problems)


@pytest.mark.parametrize("cut", [lambda text: text[: len(text) // 2], lambda text: text[40:], str.upper])
def test_a_damaged_file_never_raises(cut: Callable[[str], str]) -> None:
    assert load(cut(GOOD)).framework is None
