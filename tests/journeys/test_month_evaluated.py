"""The evaluation of the month, told once: assessed, checked, appealed, set right, released, and what was missed promised.

As in the story of the month, every deed goes through the real doors, and whoever is not named has got nothing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from sqlmodel import Session, col, select

from models import Commitment, HubScore, Override, Person, Report
from models.states import CommitmentState, OverrideState
from services import evaluations, reports
from simulator.forms import forms_of, links_of
from tests.factories import make_manager
from tests.services.evaluation_cast import ITEMS, RUBRICS, Network, make_network

OPENED = "2026-11-23 09:00"


@dataclass(frozen=True)
class Cast:
    """Who is in the story: who answers for the district, a colleague of theirs, and the first hub's social worker."""

    manager: str
    second: str
    below: str
    social_worker: str
    social_workers: tuple[str, ...]
    assessors: tuple[str, ...]
    hub_id: int


def name_of(person: Person) -> str:
    return person.email.partition("@")[0]


def people_of(session: Session) -> Cast:
    network: Network = make_network(session)
    second = make_manager(session, network.district)
    return Cast(
        manager=name_of(network.manager),
        second=name_of(second),
        below=name_of(network.street_manager),
        social_worker=name_of(network.coordinators[0]),
        social_workers=tuple(sorted(name_of(person) for person in network.coordinators)),
        assessors=tuple(sorted(name_of(person) for person in network.assessors)),
        hub_id=network.hubs[0].id or 0,
    )


def total_of(session: Session, hub_id: int) -> float:
    """The hub's total in the run that its report shows."""
    run = session.exec(select(Report.run_id)).one()
    found = session.exec(
        select(HubScore.total).where(HubScore.run_id == run, HubScore.hub_id == hub_id)
    ).one()
    assert found is not None
    return found


def desk_link(network, path: str, prefix: str) -> str:
    """The first link on a page that leads further down its own path."""
    found = [urlsplit(one).path for one, _ in links_of(network.browser.get(path).text)]
    return next(one for one in found if one.startswith(f"{path}{prefix}"))


@pytest.mark.slow
def test_a_month_is_assessed_appealed_released_and_promised(network) -> None:
    cast = network.ask(people_of)

    # The cycle opens: six assessors and every drawn resident get one mail, and answer by its link.
    now = network.at(OPENED)
    opened = network.do(
        evaluations.open_cycle, code="E1", unit="XC", stage="year_end", closes_at=now + timedelta(days=6)
    )
    assert (opened.hubs, opened.assessments, opened.residents) == (3, 6, 36)
    kinds = Counter(kind for mails in network.post().values() for kind in mails)
    assert kinds == {"assessment": 6, "survey": 36}
    for place, assessor in enumerate(cast.assessors):
        levels = {name: str(2 + (place + n) % 2) for n, name in enumerate(RUBRICS)}
        assert "评好了" in network.answer(assessor, "assessment", "/a/", **levels)
    for mail in network.relay.messages:
        if mail["X-Youth-Hub-Kind"] == "survey":
            resident = mail["To"].addresses[0].username
            answers = {item: str(3 + (len(resident) + n) % 3) for n, item in enumerate(ITEMS)}
            network.answer(resident, "survey", "/s/", **answers)

    # One of them sees that a level was a slip, and corrects it with a reason; nothing is mailed for that.
    slip = network.link(cast.assessors[0], "assessment", "/a/")
    corrected = network.press(slip, "reason", **{RUBRICS[0]: "3", "reason": "看错了一行"}, to="/correct")
    assert "评好了" in corrected
    assert network.post() == {}

    # It closes, is scored and drafted by itself; only those who may release the report hear of it.
    network.at("2026-11-29 10:00")
    assert network.do(evaluations.score, "E1").hubs == 3
    network.do(reports.draft_report, "E1")
    assert network.post() == {cast.manager: ["report_drafted"], cast.second: ["report_drafted"]}
    report = network.link(cast.manager, "report_drafted", "/r/")
    assert network.browser.get(f"{report}/report.pdf").content.startswith(b"%PDF-")

    # The hubs check the facts of their draft; one objects, a second manager upholds it, and two set the number right.
    network.press(report, "share", share="1")
    network.at("2026-11-29 14:00")
    assert network.post() == {name: ["hub_notice"] for name in cast.social_workers}
    checking = network.link(cast.social_worker, "hub_notice", "/k/")
    words = {"ground": "evidence", "words": "评估计划在申报书第7页"}
    network.press(checking, "indicator", **{"indicator": "pj.quality", **words})
    network.at("2026-11-29 18:00")
    assert network.post() == {cast.manager: ["decisions"], cast.second: ["decisions"]}
    before = network.ask(lambda session: total_of(session, cast.hub_id))
    desk = network.link(cast.second, "decisions", "/b/")
    decide = desk_link(network, desk, "/objections/")
    network.press(decide, "answer", deed="uphold", answer="计划在第7页，没有算进去")
    page = network.browser.get(decide)
    chosen = next(
        form for form in forms_of(page.text) if "observation" in form.names or "observation" in form.values
    )
    network.press(
        decide,
        "observation",
        deed="correct",
        observation=chosen.choices["observation"][0],
        value="4",
        reason="计划在第7页",
    )
    confirm = desk_link(network, network.link(cast.manager, "decisions", "/b/"), "/overrides/")
    network.press(confirm, "deed", deed="confirm")
    state = select(Override.state)
    assert network.ask(lambda session: session.exec(state).one()) == OverrideState.CONFIRMED
    assert network.ask(lambda session: total_of(session, cast.hub_id)) > before
    network.post()

    # Checked and settled, the report is released once: every hub its own score, every manager their own branch.
    network.at("2026-12-15 09:00")
    for _ in range(2):
        network.browser.post(f"{report}/release")
    sent = network.post()
    assert set(sent) == {*cast.social_workers, cast.manager, cast.second, cast.below}
    assert sent[cast.below] == ["report_released"]
    assert sent[cast.social_worker] == ["news"], "its score and what it is asked to promise, in one mail"
    own = network.link(cast.social_worker, "news", "/k/")
    assert network.browser.get(f"{own}/report.pdf").content.startswith(b"%PDF-")
    assert "没有取消的占多少" in network.browser.get(f"{own}/from/ef.held").text

    # What the hub missed is a draft; it promises a target and a day, and a manager sees it on the desk when it is done.
    drafts = network.ask(
        lambda session: session.exec(
            select(Commitment.id, Commitment.baseline)
            .where(Commitment.hub_id == cast.hub_id, Commitment.indicator == "ef.reach")
            .order_by(col(Commitment.id))
        ).all()
    )
    ((number, baseline),) = drafts
    hub = network.link(cast.social_worker, "news", "/h/").partition("/commitments")[0]
    promise = f"{hub}/commitments/{number}"
    target = {
        "target": str(baseline + 40),
        "due_on": "2027-06-30",
        "plan": "和两所学校约好",
        "evidence": "签到表",
    }
    network.press(promise, "target", deed="promise", **target)
    network.press(promise, "value", deed="report", value=str(baseline + 40), note="到了")
    state = select(Commitment.state).where(Commitment.id == number)
    assert network.ask(lambda session: session.exec(state).one()) == CommitmentState.REPORTED
    confirming = desk_link(network, network.link(cast.second, "decisions", "/b/"), "/commitments/")
    network.press(confirming, "deed", deed="confirm")
    assert network.ask(lambda session: session.exec(state).one()) == CommitmentState.CONFIRMED
