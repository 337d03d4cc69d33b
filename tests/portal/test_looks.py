"""What every page keeps to: no styles or scripts inside, colours one can read, charts that do not lie."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest

from config.text import Language, Text
from portal import charts, words

PORTAL = Path(words.__file__).parent
TEMPLATES = sorted((PORTAL / "templates").glob("*.html"))
CSS = (PORTAL / "static" / "hub.css").read_text(encoding="utf-8")
EDGES = (40, 60, 75, 90, 100)
OWN_SCRIPTS = ("draft_js",)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_template_has_no_inline_style_handler_or_script(path) -> None:
    """The content policy forbids them: the browser would drop them and the page would look broken."""
    text = path.read_text(encoding="utf-8")
    for own in OWN_SCRIPTS:  # a file of ours that the page can do without
        text = text.replace(f'<script src="{{{{ {own} }}}}" defer></script>', "")
    assert re.findall(r"(\sstyle=|\son\w+=|<script|javascript:|hx-on)", text) == []


def test_our_scripts_are_small_and_take_nothing_from_elsewhere() -> None:
    scripts = sorted((PORTAL / "static").glob("*.js"))
    assert [path.stem + "_js" for path in scripts] == list(OWN_SCRIPTS)
    assert sum(path.stat().st_size for path in scripts) < 4096
    for path in scripts:
        assert re.findall(r"https?://|eval\(|innerHTML|import|fetch\(|XMLHttp", path.read_text("utf-8")) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_template_says_every_sentence_in_both_languages(path) -> None:
    """Chinese outside t(...) would stand in an English page."""
    text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    bare = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", text, flags=re.DOTALL)
    assert re.findall(r"[\u4e00-\u9fff]+", bare) in ([], ["中文"])
    one_sided = re.findall(r't\("[^"]*[\u4e00-\u9fff][^"]*"\)', text)
    assert one_sided == []


def test_sentences_in_templates_name_the_same_fields() -> None:
    """A field that one language forgets is a fact that its readers never learn."""
    pairs = [
        (zh, en)
        for path in TEMPLATES
        for zh, en in re.findall(
            r'\bt\("((?:[^"\\]|\\.)*)",\s*"((?:[^"\\]|\\.)*)"', path.read_text(encoding="utf-8")
        )
    ]
    assert len(pairs) > 200
    differ = [
        (zh, en)
        for zh, en in pairs
        if not set(re.findall(r"\{(\w+)\}", zh)) <= set(re.findall(r"\{(\w+)\}", en))
    ]
    assert differ == []


def tokens(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9A-Fa-f]{6})", block))


LIGHT = tokens(CSS.partition("@media (prefers-color-scheme: dark)")[0])
DARK = LIGHT | tokens(CSS.partition("@media (prefers-color-scheme: dark)")[2].partition("@font-face")[0])
CHOSEN_DARK = tokens(CSS.partition(':root[data-theme="dark"]')[2].partition("}")[0])
TEXT_PAIRS = [
    *product(["ink", "ink-2", "qing"], ["paper", "surface"]),
    ("ink-2", "sunken"), ("on-qing", "qing"), ("qing-deep", "qing-tint"), ("ink", "qing-tint"),
    ("shi", "shi-tint"), ("shi", "surface"), ("ink", "shi-tint"), ("zhu", "zhu-tint"), ("zhu", "surface"),
    ("ink", "zhu-tint"), ("on-zhu", "zhu"), ("lan", "lan-tint"), ("ink", "lan-tint"), ("on-lan", "lan"),
    ("ink-2", "shi-tint"), ("ink-2", "qing-tint"),
]  # fmt: skip
MARK_PAIRS = [("edge", "surface"), ("edge", "paper"), *product(["qing", "ink"], ["b1", "b2", "b3", "b4"])]


def test_who_chose_the_dark_gets_the_same_colours_as_a_dark_device() -> None:
    assert LIGHT | CHOSEN_DARK == DARK
    assert len(CHOSEN_DARK) > 20


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2.2."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_PAIRS)
def test_text_can_be_read(theme, text, ground) -> None:
    assert contrast(theme[text], theme[ground]) >= 4.5


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("mark", "ground"), MARK_PAIRS)
def test_controls_and_marks_can_be_seen(theme, mark, ground) -> None:
    assert contrast(theme[mark], theme[ground]) >= 3


def test_style_sheet_is_small_and_loads_nothing_from_elsewhere() -> None:
    assert len(CSS.splitlines()) <= 400
    assert "@import" not in CSS
    assert "url(" not in CSS


def test_marks_and_axis_stand_on_one_scale() -> None:
    """An axis beside its marks by some pixels makes the chart lie."""
    strip = charts.interval_strip(EDGES, 75, 60, 90, mean=79.6)
    _, below = charts.axis(EDGES, ["待改进", "合格", "良好", "优秀"])
    bands = re.findall(r'<rect class="b\d" x="([\d.]+%)"', strip)
    ticks = re.findall(r'<text x="([\d.]+%)"', below)
    assert bands == ticks[:-1] == ["0.00%", "33.33%", "58.33%", "83.33%"]
    assert 'cx="58.33%"' in strip
    assert 'x1="33.33%" x2="83.33%" y1="15"' in strip
    assert '<line class="mean" x1="66.00%"' in strip


def test_strip_without_a_score_draws_no_point() -> None:
    strip = charts.interval_strip(EDGES, None, 55, 85)
    assert "<circle" not in strip
    assert 'class="none"' in strip


def test_score_off_the_scale_stays_inside() -> None:
    assert 'cx="0.00%"' in charts.interval_strip(EDGES, 12, 5, 20)


@pytest.mark.parametrize(
    ("taken", "asked", "wanted", "drawn"),
    [(1, 1, 4, {"taken": 1, "asked": 1, "open": 2}), (2, 0, 2, {"taken": 2}), (0, 0, 0, {}), (3, 0, 13, {})],
)
def test_fill_strip_draws_one_square_a_place(taken, asked, wanted, drawn) -> None:
    strip = charts.fill_strip(taken, asked, wanted)
    kinds = re.findall(r'<rect class="(\w+)"', strip)
    assert {kind: kinds.count(kind) for kind in kinds} == drawn


def test_label_of_a_chart_is_escaped() -> None:
    assert 'aria-label="&lt;b&gt;&#34;"' in charts.fill_strip(1, 0, 1, '<b>"')


def t(language: Language):
    return words._words(language)


def test_fields_of_a_sentence_are_escaped() -> None:
    assert t(Language.ZH)("你好，{name}", "Hello, {name}", name="<b>") == "你好，&lt;b&gt;"


def test_chinese_name_in_an_english_page_is_marked() -> None:
    said = t(Language.EN)("{hub}", "Come to {hub}", hub=Text("悦读", "悦读"))
    assert said == 'Come to <span lang="zh-Hans">悦读</span>'


def test_headings_break_at_punctuation_and_before_names() -> None:
    pieces = re.findall(r'<span class="ph">(.*?)</span>', words.phrases("小满，周六来“修理角”吗？"))
    assert pieces == ["小满，", "周六来", "“修理角”吗？"]
