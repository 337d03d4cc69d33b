"""A hub promises and reports on its own page; a manager confirms on theirs; nobody else sees either."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from sqlmodel import col, select

from models import Commitment
from notifications.links import Purpose
from services import reports
from tests.portal.pages import heading, main, unlabelled
from tests.services.evaluation_cast import LATER, scored_cycle


@dataclass(frozen=True)
class Released:
    hub: str
    other: str
    branch: str
    outsider: str
    commitment: int
    owner: int


@pytest.fixture
def released(site) -> Released:
    with site.db() as session:
        network = scored_cycle(session)
        report = reports.draft_report(session, "E1", now=LATER).report_id
        reports.release_report(session, report, by=network.manager.id or 0, now=LATER)
        mine = select(Commitment.id).where(Commitment.hub_id == network.hubs[0].id)
        first = session.exec(mine.order_by(col(Commitment.id))).first()
        people, hubs = network.coordinators, network.hubs
        return Released(
            hub=site.link(Purpose.HUB, hubs[0].id, people[0].id),
            other=site.link(Purpose.HUB, hubs[1].id, people[1].id),
            branch=site.link(Purpose.BRANCH, network.district.id, network.manager.id),
            outsider=site.link(Purpose.BRANCH, network.district.id, network.outsider.id),
            commitment=first or 0,
            owner=people[0].id or 0,
        )


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_hub_sees_what_it_is_asked_to_promise(site, released, language) -> None:
    page = site.get(f"{released.hub}/commitments", language)
    assert heading(page.text) == ("Our commitments" if language == "en" else "我们的承诺")
    assert ("Young people reached" if language == "en" else "服务青年人数") in main(page.text)
    form = site.get(f"{released.hub}/commitments/{released.commitment}", language)
    assert unlabelled(form.text) == []
    assert 'value="63.2"' in form.text


def test_promise_progress_report_and_confirmation_are_one_press_each(site, released) -> None:
    path = f"{released.hub}/commitments/{released.commitment}"
    wrong = site.post(path, deed="promise", target="１２", due_on="2027-06-30", owner=str(released.owner))
    assert wrong.status_code == 422
    assert "写明要做什么" in wrong.text
    promise = {"target": "６０", "due_on": "2027-06-30", "plan": "请学校来", "evidence": "签到表"}
    assert site.post(path, deed="promise", owner=str(released.owner), **promise).status_code == 303
    assert site.post(path, deed="progress", value="20", note="来了6人").status_code == 303
    assert "走完了目标路程的13%" in main(site.get(path).text)
    assert site.post(path, deed="report", value="60", note="到了").status_code == 303
    assert "上报了，等负责人确认" in main(site.get(path).text)
    desk = site.get(released.branch)
    assert heading(desk.text) == "等你定的1件事"
    decide = f"{released.branch}/commitments/{released.commitment}"
    assert f'href="{decide}"' in desk.text
    assert site.post(decide, deed="back", reason="").status_code == 422
    assert site.post(decide, deed="confirm").status_code == 303
    assert "做到了" in main(site.get(path).text)
    assert heading(site.get(released.branch).text) == "现在没有等你定的事"


def test_reading_changes_nothing(site, released) -> None:
    before = site.rows()
    for path in (released.branch, f"{released.hub}/commitments"):
        assert site.get(path).status_code == 200
    assert site.rows() == before


def test_commitments_are_closed_to_other_hubs_and_other_branches(site, released) -> None:
    before = site.rows()
    assert site.get(f"{released.other}/commitments/{released.commitment}").status_code == 403
    deed = {"deed": "report", "value": "60", "note": "x"}
    assert site.post(f"{released.other}/commitments/{released.commitment}", **deed).status_code == 403
    assert site.get(released.outsider).status_code == 403
    assert site.post(f"{released.outsider}/commitments/{released.commitment}").status_code == 403
    assert site.rows() == before
