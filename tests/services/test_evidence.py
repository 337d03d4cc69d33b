"""Evidence: kept under its hash, never overwritten, needed where the framework says so, and seen by auditors alone."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from config.settings import settings
from models import Assessment, Cycle, Evidence, FrameworkVersion, RoleKind
from services import evaluations, evidence, reports
from services.errors import HubError, NotFound, NotYours, TooLate
from services.evidence_store import Given, path_of
from services.frameworks import register_framework
from tests.documents.test_evidence_types import JPG, PDF
from tests.factories import NOW, make_person, make_role
from tests.services.evaluation_cast import LATER, Network, answer_all, make_network, open_cycle

PHOTO = Given("C:\\照片\\院子.jpg", JPG)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("YOUTHHUB_HOME", str(tmp_path))
    settings.cache_clear()
    yield tmp_path
    settings.cache_clear()


@pytest.fixture
def network(session: Session) -> Network:
    found = make_network(session)
    open_cycle(session)
    return found


def first(session: Session) -> Assessment:
    return session.exec(select(Assessment).order_by(col(Assessment.id)).limit(1)).one()


def attached(session: Session, given: Given = PHOTO, indicator: str = "st.case") -> Evidence:
    number = evidence.attach(session, first(session).id or 0, indicator, given, now=NOW)
    return session.get_one(Evidence, number)


def test_a_file_stands_under_its_hash_and_a_second_time_is_the_same_row(
    session: Session, network: Network, home: Path
) -> None:
    row = attached(session)
    digest = sha256(JPG).hexdigest()
    assert (row.name, row.kind, row.size, row.sha256) == ("院子.jpg", "jpg", len(JPG), digest)
    path = home / "evidence" / digest[:2] / f"{digest}.jpg"
    assert path.read_bytes() == JPG
    assert attached(session).id == row.id
    assert [one.name for one in evidence.of_assessment(session, first(session))] == ["院子.jpg"]
    assert list(path.parent.iterdir()) == [path], "no draft is left"


def test_a_photo_is_kept_without_the_place_where_children_were(
    session: Session, network: Network, home: Path
) -> None:
    place = b"\xff\xe1\0\x18Exif\0\0GPS 39.9N 116.4E"
    row = attached(session, Given("a.jpg", JPG[:2] + place + JPG[2:]))
    assert path_of(row.sha256, "jpg").read_bytes() == JPG
    assert (row.size, row.sha256) == (len(JPG), sha256(JPG).hexdigest())


def test_what_stands_is_never_overwritten(session: Session, network: Network) -> None:
    path = path_of(sha256(JPG).hexdigest(), "jpg")
    path.parent.mkdir(parents=True)
    path.write_bytes(b"something else")
    attached(session)
    assert path.read_bytes() == b"something else"


def test_a_file_is_taken_for_a_rubric_of_an_open_assessment_alone(session: Session, network: Network) -> None:
    for indicator in ("hw.area", "no.such"):
        with pytest.raises(HubError, match="unknown_item"):
            attached(session, indicator=indicator)
    with pytest.raises(HubError, match="wrong_type"):
        attached(session, Given("x.pdf", b"not a pdf"))
    with pytest.raises(TooLate, match="cycle_closed"):
        evidence.attach(session, first(session).id or 0, "st.case", PHOTO, now=LATER)
    assert session.exec(select(Evidence)).all() == []


def test_an_assessment_takes_so_many_files_and_no_more(session: Session, network: Network) -> None:
    for n in range(evidence.MOST_FILES):
        attached(session, Given("a.pdf", PDF.replace(b"trailer", b"%% %d\ntrailer" % n)))
    with pytest.raises(HubError, match="too_many_files"):
        attached(session)


def test_auditors_read_a_file_and_notice_one_that_was_altered(session: Session, network: Network) -> None:
    row = attached(session)
    answer_all(session)
    evaluations.score(session, "E1", now=LATER)
    report = reports.draft_report(session, "E1", now=LATER).report_id
    who = network.manager.id or 0
    assert evidence.read_evidence(session, report, row.id or 0, person_id=who)[1] == JPG
    with pytest.raises(NotYours, match="not_an_auditor"):
        evidence.read_evidence(session, report, row.id or 0, person_id=network.street_manager.id or 0)
    path_of(row.sha256, row.kind).write_bytes(b"forged")
    with pytest.raises(NotFound, match="evidence_altered"):
        evidence.read_evidence(session, report, row.id or 0, person_id=who)


def test_auditors_see_no_file_before_the_report_is_released(session: Session, network: Network) -> None:
    row = attached(session)
    answer_all(session)
    evaluations.score(session, "E1", now=LATER)
    report = reports.draft_report(session, "E1", now=LATER).report_id
    auditor = make_person(session)
    make_role(session, auditor, RoleKind.AUDITOR, unit=network.district)
    with pytest.raises(NotYours, match="not_released"):
        evidence.read_evidence(session, report, row.id or 0, person_id=auditor.id or 0)
    reports.release_report(session, report, by=network.manager.id or 0, now=LATER)
    assert evidence.read_evidence(session, report, row.id or 0, person_id=auditor.id or 0)[1] == JPG


def test_release_waits_for_the_evidence_that_a_level_needs(session: Session) -> None:
    network = make_network(session)
    shipped = (Path(__file__).parents[2] / "data" / "frameworks" / "youth-hub-2026.yaml").read_text("utf-8")
    rule = "    evidence: {required: true, types: [pdf], at_level: 3}\n    zh: 个案评审\n"
    text = shipped.replace("    zh: 个案评审\n", rule).replace('"2026.1"', '"2026.9"')
    register_framework(session, text, now=NOW)
    open_cycle(session)
    assert (
        session.get_one(FrameworkVersion, session.exec(select(Cycle.framework_id)).one()).version == "2026.9"
    )
    with pytest.raises(HubError, match="D07"):
        attached(session)  # a picture, where a PDF is asked for
    attached(session, Given("个案.pdf", PDF))
    answer_all(session)
    evaluations.score(session, "E1", now=LATER)
    report = reports.draft_report(session, "E1", now=LATER).report_id
    with pytest.raises(HubError, match="D07") as refused:
        reports.release_report(session, report, by=network.manager.id or 0, now=LATER)
    assert "2项评分还缺材料" in refused.value.sentence.zh
    assert "个案评审" in refused.value.sentence.zh
