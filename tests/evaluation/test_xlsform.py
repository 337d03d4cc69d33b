"""A framework as an XLSForm: pyxform, which KoboToolbox and ODK use, makes a form of it."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from pyxform.xls2xform import convert
from typer.testing import CliRunner

from cli.framework import framework_app
from documents.reading import read_workbook
from documents.sheets import Sheet
from documents.workbooks import workbook_of
from evaluation.framework import Framework
from evaluation.loading import load
from evaluation.xlsform import Form, xlsform
from services.errors import HubError
from tests.evaluation.builders import FRAMEWORKS

XFORMS = "{http://www.w3.org/2002/xforms}"


def framework(name: str) -> Framework:
    found = load((FRAMEWORKS / name).read_text(encoding="utf-8")).framework
    assert found is not None
    return found


def converted(framework: Framework, form: Form) -> tuple[ET.Element, list[str]]:
    book = workbook_of(Sheet(table.name, table.rows) for table in xlsform(framework, form))
    warnings: list[str] = []
    found = convert(xlsform=io.BytesIO(book), file_type=".xlsx", warnings=warnings, validate=False)
    return ET.fromstring(found.xform), warnings


def binds(form: ET.Element) -> dict[str, dict[str, str]]:
    return {one.attrib["nodeset"].rsplit("/", 1)[-1]: dict(one.attrib) for one in form.iter(f"{XFORMS}bind")}


def words(form: ET.Element, language: str) -> set[str]:
    (block,) = [one for one in form.iter(f"{XFORMS}translation") if one.attrib["lang"] == language]
    return {"".join(one.itertext()) for one in block.iter(f"{XFORMS}value")}


@pytest.mark.parametrize("name", ["youth-hub-2026.yaml", "single-visit.yaml"])
@pytest.mark.parametrize("form", Form)
def test_pyxform_converts_every_form_of_the_shipped_frameworks(name: str, form: Form) -> None:
    found, warnings = converted(framework(name), form)
    assert warnings == []
    assert {one.attrib["lang"] for one in found.iter(f"{XFORMS}translation")} == {"English (en)", "中文 (zh)"}


def test_assessors_choose_among_the_words_of_the_levels() -> None:
    found, _ = converted(framework("youth-hub-2026.yaml"), Form.ASSESSOR)
    assert set(binds(found)) >= {"hub", "rater", "pj.quality", "ef.observe", "st.case"}
    assert {"需求有数据或访谈依据", "项目申报质量"} <= words(found, "中文 (zh)")
    assert "need shown by data or interviews" in words(found, "English (en)")


def test_residents_may_say_that_they_do_not_know() -> None:
    found, _ = converted(framework("youth-hub-2026.yaml"), Form.RESIDENT)
    assert "rater" not in binds(found)
    assert {"不清楚", "很同意", "对活动满意"} <= words(found, "中文 (zh)")


def test_numbers_outside_their_unit_are_refused_in_both_languages() -> None:
    found, _ = converted(framework("youth-hub-2026.yaml"), Form.OFFICE)
    constraint = "{http://openrosa.org/javarosa}constraintMsg"
    share = binds(found)["st.cert"]
    assert (share["type"], share["constraint"]) == ("decimal", ". >= 0 and . <= 100")
    assert share[constraint]
    assert "应在0到100之间" in words(found, "中文 (zh)")


EVIDENCE: Any = "    kind: rubric\n    evidence: {required: true, types: [pdf, jpg], at_level: 3}\n"


def test_evidence_is_asked_for_from_its_level_on() -> None:
    text = (FRAMEWORKS / "youth-hub-2026.yaml").read_text(encoding="utf-8")
    asked = load(text.replace("    kind: rubric\n", EVIDENCE, 1)).framework
    assert asked is not None
    found, _ = converted(asked, Form.ASSESSOR)
    assert binds(found)["pj.quality.evidence"]["relevant"].endswith("/pj.quality ) >= 3")


def test_the_command_writes_a_form_and_refuses_an_unknown_one(tmp_path: Path) -> None:
    out = tmp_path / "form.xlsx"
    words = ["xlsform", str(FRAMEWORKS / "single-visit.yaml"), str(out)]
    assert CliRunner().invoke(framework_app, words).exit_code == 0
    sheets = read_workbook(out.read_bytes())
    assert [one.name for one in sheets] == ["survey", "choices", "settings"]
    refused = CliRunner().invoke(framework_app, [*words, "--form", "parents"])
    assert isinstance(refused.exception, HubError)
    assert refused.exception.sentence.en == 'There is no form "parents"; it takes assessor, resident, office.'
