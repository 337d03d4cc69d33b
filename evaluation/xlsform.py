"""A framework as an XLSForm, which KoboToolbox, ODK and others take: one form for each kind of person who answers.

Sheets and columns as https://xlsform.org says. Every observation of a submission is hub, indicator and value, named
as `youthhub evaluate` reads them: a rubric gives its level, a question its answer, a number itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from config.text import Text
from evaluation.framework import Framework, Indicator, Kind
from evaluation.observations import ENDLESS, UNIT_RANGES
from evaluation.tables import Table
from evaluation.wording import AGREEMENT, DO_NOT_KNOW

ENGLISH, CHINESE = "English (en)", "中文 (zh)"
SURVEY_COLUMNS = (
    *("type", "name", f"label::{ENGLISH}", f"label::{CHINESE}", f"hint::{ENGLISH}", f"hint::{CHINESE}"),
    *("required", "relevant", "constraint"),
    *(f"constraint_message::{ENGLISH}", f"constraint_message::{CHINESE}"),
)
CHOICE_COLUMNS = ("list_name", "name", f"label::{ENGLISH}", f"label::{CHINESE}")
NOTHING = Text("", "")
YES_NO = (("1", Text("有", "Yes")), ("0", Text("没有", "No")))


class Form(StrEnum):
    """Who fills a form in: assessors, residents, or the office that reports numbers."""

    ASSESSOR = "assessor"
    RESIDENT = "resident"
    OFFICE = "office"


KINDS = {
    Form.ASSESSOR: (Kind.RUBRIC, Kind.DOCUMENT),
    Form.RESIDENT: (Kind.SURVEY,),
    Form.OFFICE: (Kind.AUTO,),
}
TITLES = {
    Form.ASSESSOR: Text("评估员评分", "Assessors' ratings"),
    Form.RESIDENT: Text("居民问卷", "Residents' survey"),
    Form.OFFICE: Text("单位填报", "Numbers from the office"),
}


@dataclass(frozen=True)
class _Question:
    """A row of the survey sheet, in the order of its columns."""

    type: str
    name: str
    label: Text
    hint: Text = NOTHING
    required: bool = True
    relevant: str = ""
    constraint: str = ""
    message: Text = NOTHING

    @property
    def row(self) -> tuple[str, ...]:
        return (
            *(self.type, self.name, self.label.en, self.label.zh, self.hint.en, self.hint.zh),
            *(
                "yes" if self.required else "",
                self.relevant,
                self.constraint,
                self.message.en,
                self.message.zh,
            ),
        )


def xlsform(framework: Framework, form: Form) -> list[Table]:
    """Return the sheets `survey`, `choices` and `settings` of a form; no question means no rows but the hub's."""
    asked = [one for one in framework.indicators if one.kind in KINDS[form]]
    questions = [*_opening(form), *(row for one in asked for row in _questions(one))]
    title = TITLES[form]
    settings = (
        f"{framework.id}: {title.en} · {title.zh}",
        f"{framework.id}_{form}",
        framework.version,
        CHINESE,
    )
    return [
        Table("survey", (SURVEY_COLUMNS, *(one.row for one in questions))),
        Table("choices", (CHOICE_COLUMNS, *(row for one in asked for row in _choices(one)))),
        Table("settings", (("form_title", "form_id", "version", "default_language"), settings)),
    ]


def _opening(form: Form) -> Iterable[_Question]:
    yield _Question("text", "hub", Text("青年汇编号", "Code of the hub"))
    if form == Form.ASSESSOR:
        yield _Question("text", "rater", Text("评估员编号", "Code of the assessor"))
    if form == Form.RESIDENT:
        yield _Question("text", "stratum", Text("分层", "Stratum"), required=False)


def _questions(one: Indicator) -> Iterable[_Question]:
    if one.kind == Kind.AUTO:
        yield _number(one)
        return
    yield _Question(f"select_one {_list_of(one)}", one.id, one.text)
    if one.evidence is not None:
        types = ", ".join(one.evidence.types)
        yield _Question(
            "file",
            f"{one.id}.evidence",
            Text(f"{one.text.zh}：证明材料", f"{one.text.en}: evidence"),
            Text(types, types),
            relevant=f"number(${{{one.id}}}) >= {max(one.evidence.at_level, 1 if one.kind == Kind.DOCUMENT else 0)}",
        )


def _number(one: Indicator) -> _Question:
    """Return the question for a number, which is refused outside the hard range of its unit as D01 says."""
    low, high = UNIT_RANGES.get(one.unit, (-ENDLESS, ENDLESS))
    limits, words = [], NOTHING
    if low > -ENDLESS:
        limits, words = [f". >= {low:g}"], Text(f"不小于{low:g}", f"It is at least {low:g}")
    if high < ENDLESS:
        limits, words = (
            [*limits, f". <= {high:g}"],
            Text(f"应在{low:g}到{high:g}之间", f"It lies from {low:g} to {high:g}"),
        )
    return _Question(
        "decimal", one.id, one.text, Text(one.unit, one.unit), constraint=" and ".join(limits), message=words
    )


def _choices(one: Indicator) -> Iterable[tuple[str, ...]]:
    for name, words in _options(one):
        yield _list_of(one), name, words.en, words.zh


def _options(one: Indicator) -> Iterable[tuple[str, Text]]:
    if one.kind == Kind.RUBRIC:
        for level, words in enumerate(one.levels):
            yield f"{level}", Text(f"{level}", f"{level}") if words is None else words
    elif one.kind == Kind.SURVEY:
        low, high = one.answers
        spelt = AGREEMENT if (low, high) == (1, 5) else {}
        yield from (
            (f"{answer}", spelt.get(answer, Text(f"{answer}", f"{answer}")))
            for answer in range(low, high + 1)
        )
        yield "dk", DO_NOT_KNOW
    elif one.kind == Kind.DOCUMENT:
        yield from YES_NO


def _list_of(one: Indicator) -> str:
    return f"{one.id}.answers"
