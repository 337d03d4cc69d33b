"""The report as files: what each reader finds in theirs, the same bytes twice, and rows that score again to the same."""

from __future__ import annotations

import csv
import io
import json
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, select

from config.text import Text
from documents.papers import Chart, Paper, Table, as_pdf
from evaluation.evaluating import evaluation_of
from evaluation.loading import load
from evaluation.observation_file import read_document
from models import HubScore, Report, RoleKind
from services import reports
from services.errors import HubError, NotYours
from services.metrics import METRICS
from services.report_audit import audit_file
from services.report_hub_paper import hub_paper
from services.report_paper import report_paper
from services.report_privacy import REST, coarser
from tests.factories import make_person, make_role
from tests.services.evaluation_cast import LATER, Network, scored_cycle

ANSWERS = 3 * 12


@pytest.fixture
def network(session: Session) -> Network:
    return scored_cycle(session)


@pytest.fixture
def report_id(session: Session, network: Network) -> int:
    return reports.draft_report(session, "E1", now=LATER).report_id


def whole(session: Session, report_id: int, network: Network) -> Paper:
    return report_paper(session, report_id, person_id=network.manager.id or 0, now=LATER).paper


def table(paper: Paper, name: str) -> Table:
    return next(one for one in paper.tables if one.name.en.startswith(name))


def test_a_managers_report_has_every_table_and_chart_with_its_description(
    session: Session, network: Network, report_id: int
) -> None:
    paper = whole(session, report_id, network)
    assert [one.name.zh for one in paper.tables] == [
        "各档家数", "表A 各家", "表B 权重", "表C 五个维度", "表D 落后的承诺", "表E 评估员", "评估员之间的一致性",
        "表F 缺的数据", "表F 更正过的数",
    ]  # fmt: skip
    drawn = [part for section in paper.sections for part in section.parts if isinstance(part, Chart)]
    assert len(drawn) >= 5
    assert all(one.description.zh and one.description.en for one in drawn)
    assert as_pdf(paper, "zh-Hans").refusals == ()


def test_numbers_of_the_report_are_those_of_the_run(
    session: Session, network: Network, report_id: int
) -> None:
    rows = table(whole(session, report_id, network), "Table A").rows
    totals = session.exec(select(HubScore.total, HubScore.low, HubScore.high)).all()
    assert sorted(row[2:5] for row in rows) == sorted(tuple(one) for one in totals)
    assert [row[9:11] for row in rows] == [(12, 14)] * 3


def test_assessors_are_numbers_and_never_names(session: Session, network: Network, report_id: int) -> None:
    paper = whole(session, report_id, network)
    names = {str(row[0]) for row in table(paper, "Table E").rows}
    assert len(names) == len(network.assessors)
    assert not any(person.name in str(paper) for person in network.assessors)


def test_draft_report_is_for_who_may_release_it_and_a_manager_below_reads_their_branch(
    session: Session, network: Network, report_id: int
) -> None:
    below = network.street_manager.id or 0
    with pytest.raises(NotYours, match="not_released"):
        report_paper(session, report_id, person_id=below, now=LATER)
    reports.release_report(session, report_id, by=network.manager.id or 0, now=LATER)
    own = report_paper(session, report_id, person_id=below, now=LATER).paper
    assert {row[0] for row in table(own, "Table A").rows} == {
        Text(hub.name_zh, hub.name_en or hub.name_zh) for hub in network.hubs[1:]
    }
    assert [one.name.zh for one in own.tables][-1] == "表D 落后的承诺", "assessors are for who may release"
    with pytest.raises(NotYours, match="not_your_report"):
        report_paper(session, report_id, person_id=network.outsider.id or 0, now=LATER)


def test_a_hubs_report_names_no_other_hub(session: Session, network: Network, report_id: int) -> None:
    reports.release_report(session, report_id, by=network.manager.id or 0, now=LATER)
    found = hub_paper(
        session, report_id, network.hubs[0].id or 0, person_id=network.coordinators[0].id or 0, now=LATER
    )
    assert network.hubs[0].name_zh in str(found.paper)
    assert not any(hub.name_zh in str(found.paper) for hub in network.hubs[1:])
    points = table(found.paper, "Where every point comes from")
    gained = sum(value for row in points.rows if isinstance(value := row[1], float))
    own = select(HubScore.total).where(HubScore.hub_id == network.hubs[0].id)
    assert gained == pytest.approx(session.exec(own).one())
    assert as_pdf(found.paper, "en").refusals == ()
    with pytest.raises(NotYours):
        hub_paper(
            session, report_id, network.hubs[0].id or 0, person_id=network.coordinators[1].id or 0, now=LATER
        )


def test_a_hub_whose_name_cannot_be_printed_stops_the_release(
    session: Session, network: Network, report_id: int
) -> None:
    network.hubs[0].name_zh = "𠀀街青年汇"
    session.add(network.hubs[0])
    session.flush()
    with pytest.raises(HubError, match="glyph_missing") as refused:
        reports.release_report(session, report_id, by=network.manager.id or 0, now=LATER)
    assert "𠀀" in refused.value.sentence.zh
    assert session.get_one(Report, report_id).released_at is None


def opened(content: bytes) -> dict[str, str]:
    with ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name).decode("utf-8-sig") for name in archive.namelist()}


def test_an_auditor_gets_every_row_twice_the_same_and_scores_it_again_to_the_same(
    session: Session, network: Network, report_id: int
) -> None:
    auditor = make_person(session)
    make_role(session, auditor, RoleKind.AUDITOR, unit=network.district)
    with pytest.raises(NotYours, match="not_released"):
        audit_file(session, report_id, person_id=auditor.id or 0)
    reports.release_report(session, report_id, by=network.manager.id or 0, now=LATER)
    found = audit_file(session, report_id, person_id=auditor.id or 0)
    assert found.content == audit_file(session, report_id, person_id=auditor.id or 0).content
    files = opened(found.content)
    manifest = json.loads(files["manifest.json"])
    assert (manifest["inputs_unchanged"], manifest["withheld_answers"]) == (True, 0)
    framework = load(files["framework.yaml"], metrics=METRICS).framework
    assert framework is not None
    assert framework.sha256 == manifest["framework_hash"]
    again = evaluation_of(framework, read_document(json.loads(files["inputs.json"]), framework))
    totals = dict(session.exec(select(HubScore.hub_id, HubScore.total)).all())
    # Strata of fewer than six were put together at every hub, and the archive says at which.
    assert manifest["hubs_with_strata_put_together"] == [hub.code for hub in network.hubs]
    assert {one.hub: pytest.approx(one.total, abs=0.1) for one in again.scores} == {
        hub.code: totals[hub.id or 0] for hub in network.hubs
    }


def test_auditors_never_see_who_answered_and_no_group_below_the_smallest_number(
    session: Session, network: Network, report_id: int
) -> None:
    content = audit_file(session, report_id, person_id=network.manager.id or 0).content
    rows = list(csv.DictReader(io.StringIO(opened(content)["answers.csv"])))
    assert len(rows) == ANSWERS * 5
    groups: dict[tuple[str, str], set[str]] = {}
    for row in rows:
        groups.setdefault((row["hub"], row["stratum"]), set()).add(row["id"])
    assert min(len(people) for people in groups.values()) >= 6
    assert set(rows[0]) == {"id", "hub", "stratum", "indicator", "value"}


def test_who_may_not_audit_gets_no_rows(session: Session, network: Network, report_id: int) -> None:
    reports.release_report(session, report_id, by=network.manager.id or 0, now=LATER)
    with pytest.raises(NotYours, match="not_an_auditor"):
        audit_file(session, report_id, person_id=network.street_manager.id or 0)


@given(st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.integers(0, 30)), st.integers(1, 12))
def test_put_together_no_group_is_small_unless_everybody_is(sizes, least) -> None:
    names = coarser(sizes, least)
    together: dict[str, int] = {}
    for name, own in names.items():
        together[own] = together.get(own, 0) + sizes[name]
    assert set(names) == set(sizes)
    if sum(sizes.values()) >= least:
        assert all(size >= least for size in together.values())
    else:
        assert set(together) <= {REST}
