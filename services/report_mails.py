"""Mails about a report: who may release it learns that it waits; after the release each learns their own part."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlmodel import Session

from config.text import Text
from models import Person
from notifications import kinds, outbox
from services.describing import recipient
from services.evaluation_cycles import cycle_name
from services.queries import coordinators, id_of, named, required
from services.report_readers import Manager, managers
from services.report_scores import ScoredHub, Scores, scores_of, text_of


def queue_drafted(session: Session, scores: Scores, *, now: datetime) -> int:
    """Tell those who may release a draft that it waits for them; once a draft."""
    report = scores.report
    mails = [
        (
            f"report:{id_of(report)}:{id_of(manager.person)}:draft:{report.drafted_at:%Y%m%dT%H%M%SZ}",
            kinds.ReportDraftedMail(**_about(scores, manager)),
        )
        for manager in managers(session, scores.cycle)
        if manager.may_release
    ]
    return outbox.queue_many(session, mails, now=now)


def queue_released(session: Session, scores: Scores, *, now: datetime) -> int:
    """Tell every manager above and below what was released, each with the hubs of their own branch.

    Who has no hub in it is told nothing.
    """
    report = scores.report
    assert report.released_by_id is not None
    released_by = required(session, Person, report.released_by_id).name
    mails = [
        (
            f"report:{id_of(report)}:{id_of(manager.person)}:released",
            kinds.ReportReleasedMail(**_about(own, manager), released_by=released_by, released_at=now),
        )
        for manager in managers(session, scores.cycle)
        if (own := _own(session, scores, manager)).hubs
    ]
    return outbox.queue_many(session, mails, now=now)


def queue_hub_scores(session: Session, scores: Scores, *, now: datetime) -> int:
    """Send each hub's coordinators the hub's own score, and nobody else's."""
    people = coordinators(session, [id_of(one.hub) for one in scores.hubs])
    mails = [
        (
            f"score:{id_of(scores.report)}:{id_of(one.hub)}:{id_of(person)}",
            kinds.HubScoreMail(
                to=recipient(person),
                report_id=id_of(scores.report),
                hub_id=id_of(one.hub),
                person_id=id_of(person),
                cycle=cycle_name(scores.cycle),
                score=scores.line(one),
                released_at=now,
                gains=tuple(_gains(one)),
            ),
        )
        for one in scores.hubs
        for person in people.get(id_of(one.hub), [])
    ]
    return outbox.queue_many(session, mails, now=now)


def _about(scores: Scores, manager: Manager) -> dict[str, Any]:
    unit = manager.units[0]
    return {
        "to": recipient(manager.person),
        "report_id": id_of(scores.report),
        "person_id": id_of(manager.person),
        "cycle": cycle_name(scores.cycle),
        "unit": named(unit.name_zh, unit.name_en),
        "made_at": scores.report.drafted_at,
        "figures": scores.figures,
        "hubs": tuple(scores.line(one) for one in scores.hubs),
    }


def _own(session: Session, scores: Scores, manager: Manager) -> Scores:
    return scores if manager.may_release else scores_of(session, scores.report, paths=manager.paths)


def _gains(one: ScoredHub) -> Iterable[Text]:
    for step in one.score.detail["explanation"]["steps"]:
        sentence = text_of(step["sentence"])
        if sentence is not None:
            yield sentence
