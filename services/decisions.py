"""What waits for a manager's decision in a branch of the tree, on one page and in one mail."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from config.text import Text
from models import (
    Activity,
    Cycle,
    FundingApplication,
    Hub,
    Objection,
    Override,
    Person,
    Report,
    RiskCheck,
    Series,
    Unit,
)
from models.states import (
    CommitmentState,
    FundingState,
    ObjectionState,
    OverrideState,
    RiskCheckState,
)
from notifications import kinds, outbox
from notifications.dates import MONTHS_EN
from services import commitment_views, funding_people
from services.access import branch_hubs, may_release
from services.commitment_views import CommitmentView
from services.describing import recipient
from services.errors import NotYours
from services.frameworks import framework_of
from services.funding_money import money
from services.gate_rules import gate_rules, waiting_words
from services.managers import nearest_managers
from services.queries import id_of, named, required
from services.report_readers import NOT_YOUR_REPORT
from services.wording import local_day


@dataclass(frozen=True)
class Waiting:
    """Hold one thing to decide; `path` is its page below the branch's own."""

    path: str
    title: Text
    sentence: Text
    is_overdue: bool = False


@dataclass(frozen=True)
class BranchDesk:
    """Hold what a manager's page shows."""

    unit_id: int
    person_id: int
    language: str
    time_zone: str
    unit: Text
    waiting: tuple[Waiting, ...]
    is_whole: bool = False
    """Whether the branch is the whole network."""


Source = Callable[[Session, Sequence[int], int, datetime], Iterable[Waiting]]
"""What finds the waiting things of some hubs, for one manager."""


def branch_desk(session: Session, unit_id: int, *, by: int, now: datetime) -> BranchDesk:
    """Return everything that waits in a branch; raises `NotYours` for who does not manage it."""
    unit = required(session, Unit, unit_id)
    if not may_release(session, by, unit_id):
        raise NotYours(NOT_YOUR_REPORT)
    hubs = branch_hubs(session, unit_id)
    person = required(session, Person, by)
    found = [one for source in SOURCES for one in source(session, hubs, by, now)]
    return BranchDesk(
        unit_id=unit_id,
        person_id=by,
        language=person.language,
        time_zone=person.time_zone,
        unit=named(unit.name_zh, unit.name_en),
        waiting=tuple(sorted(found, key=lambda one: not one.is_overdue)),
        is_whole=unit.parent_id is None,
    )


def tell_managers(
    session: Session,
    unit_id: int,
    what: str,
    points: Sequence[kinds.Point],
    *,
    now: datetime,
    but: Sequence[int | None] = (),
) -> int:
    """Tell the managers of a unit, or of the nearest above where somebody is left, what waits for them.

    `but` are people who may not decide it; each `what` is told once.
    """
    unit = required(session, Unit, unit_id)
    while True:
        unit, people = nearest_managers(session, unit)
        chosen = [person for person in people if id_of(person) not in but]
        if chosen or unit.parent_id is None:
            return tell(session, unit, chosen, what, points, now=now)
        unit = required(session, Unit, unit.parent_id)


def tell(
    session: Session,
    unit: Unit,
    people: Iterable[Person],
    what: str,
    points: Sequence[kinds.Point],
    *,
    now: datetime,
    is_overdue: bool = False,
) -> int:
    """Queue one mail to each of these managers about a branch, once for each `what`."""
    mails = [
        (
            f"decisions:{id_of(unit)}:{id_of(person)}:{what}",
            kinds.DecisionsMail(
                to=recipient(person),
                unit_id=id_of(unit),
                person_id=id_of(person),
                unit=named(unit.name_zh, unit.name_en),
                points=tuple(points),
                made_at=now,
                is_overdue=is_overdue,
            ),
        )
        for person in people
    ]
    return outbox.queue_many(session, mails, now=now)


def point_of(view: CommitmentView) -> kinds.Point:
    """Return a commitment as mails and lists tell it."""
    return kinds.Point(
        Text("{hub}，{title}", "{hub}, {title}").format(hub=view.hub, title=view.title), _about(view)
    )


def _commitments(session: Session, hub_ids: Sequence[int], _by: int, now: datetime) -> Iterable[Waiting]:
    states = (CommitmentState.REPORTED, CommitmentState.PROMISED)
    for view in commitment_views.of_hubs(session, hub_ids, *states, now=now):
        if view.state == CommitmentState.REPORTED or view.is_overdue:
            point = point_of(view)
            path = f"/commitments/{view.commitment_id}"
            yield Waiting(path, point.title, point.sentence, view.is_overdue)


def _about(view: CommitmentView) -> Text:
    if view.state == CommitmentState.REPORTED:
        return Text(
            f"目标{view.target:g}{view.unit.zh}，上报{view.result:g}，等你确认。",
            f"target {view.target:g} {view.unit.en}, reported {view.result:g}; it waits for your confirmation.",
        )
    due = day_words(view.due_on)
    if view.state == CommitmentState.DRAFT:
        return Text("还没有认下这项承诺。", "the hub has not promised it yet.")
    return Text(
        f"承诺{due.zh}前到{view.target:g}{view.unit.zh}，还没有上报结果。",
        f"promised {view.target:g} {view.unit.en} by {due.en}, and no result is reported.",
    )


def day_words(day: date) -> Text:
    """Return a day with its year, as "31 Dec 2027"."""
    return Text(f"{day.year}年{day.month}月{day.day}日", f"{day.day} {MONTHS_EN[day.month - 1]} {day.year}")


def _objections(session: Session, hub_ids: Sequence[int], by: int, _now: datetime) -> Iterable[Waiting]:
    question = (
        select(Objection, Hub, Cycle)
        .join(Hub, col(Hub.id) == Objection.hub_id)
        .join(Report, col(Report.id) == Objection.report_id)
        .join(Cycle, col(Cycle.id) == Report.cycle_id)
        .where(col(Objection.hub_id).in_(hub_ids), Objection.state == ObjectionState.OPEN)
        .order_by(col(Objection.id))
    )
    for one, hub, cycle in session.exec(question):
        if may_release(session, by, cycle.unit_id):
            name = framework_of(session, cycle).indicator[one.indicator].text
            title = Text("{hub}提出异议：{name}", "{hub} objects: {name}")
            sentence = Text(one.words, one.words)
            yield Waiting(
                f"/objections/{one.id}",
                title.format(hub=named(hub.name_zh, hub.name_en), name=name),
                sentence,
            )


def _overrides(session: Session, hub_ids: Sequence[int], by: int, _now: datetime) -> Iterable[Waiting]:
    question = (
        select(Override, Hub, Cycle)
        .join(Hub, col(Hub.id) == Override.hub_id)
        .join(Report, col(Report.id) == Override.report_id)
        .join(Cycle, col(Cycle.id) == Report.cycle_id)
        .where(
            col(Override.hub_id).in_(hub_ids),
            Override.state == OverrideState.PROPOSED,
            Override.proposed_by_id != by,
        )
        .order_by(col(Override.id))
    )
    for one, hub, cycle in session.exec(question):
        if may_release(session, by, cycle.unit_id):
            name = framework_of(session, cycle).indicator[one.indicator].text
            title = Text(
                "{hub}的{name}要改，等第二个人", "{hub}: {name} is to be set right, by a second person"
            )
            old = "–" if one.old_value is None else f"{one.old_value:g}"
            yield Waiting(
                f"/overrides/{one.id}",
                title.format(hub=named(hub.name_zh, hub.name_en), name=name),
                Text(
                    f"{old}改成{one.new_value:g}：{one.reason}",
                    f"from {old} to {one.new_value:g}: {one.reason}",
                ),
            )


def _risk_checks(session: Session, hub_ids: Sequence[int], by: int, now: datetime) -> Iterable[Waiting]:
    question = (
        select(RiskCheck, Hub, Series, Activity)
        .join(Hub, col(Hub.id) == RiskCheck.hub_id)
        .outerjoin(Series, col(Series.id) == RiskCheck.series_id)
        .outerjoin(Activity, col(Activity.id) == RiskCheck.activity_id)
        .where(
            col(RiskCheck.hub_id).in_(hub_ids),
            RiskCheck.state == RiskCheckState.ASKED,
            RiskCheck.asked_by_id != by,
        )
        .order_by(col(RiskCheck.id))
    )
    rules = gate_rules(session, now=now)
    for one, hub, series, activity in session.exec(question):
        thing = series or activity
        title = Text("{hub}：{title}", "{hub}: {title}").format(
            hub=named(hub.name_zh, hub.name_en), title=named(thing.title_zh, thing.title_en)
        )
        yield Waiting(f"/checks/{one.id}", title, waiting_words(rules.risks(one)))


def _funding(session: Session, hub_ids: Sequence[int], by: int, now: datetime) -> Iterable[Waiting]:
    question = (
        select(FundingApplication, Hub)
        .join(Hub, col(Hub.id) == FundingApplication.hub_id)
        .where(
            col(FundingApplication.hub_id).in_(hub_ids),
            col(FundingApplication.state).in_((FundingState.SUBMITTED, FundingState.UNDER_REVIEW)),
        )
        .order_by(col(FundingApplication.due_at), col(FundingApplication.id))
    )
    for found, hub in session.exec(question):
        if funding_people.awaits(session, found, by) and found.due_at is not None:
            due = day_words(local_day(found.due_at, hub.time_zone))
            title = Text("{hub}申请{amount}：{title}", "{hub} asks for {amount}: {title}").format(
                hub=named(hub.name_zh, hub.name_en), amount=money(found.amount_fen), title=found.title
            )
            sentence = Text("{day}前答复。", "An answer is expected by {day}.").format(day=due)
            yield Waiting(f"/funding/{id_of(found)}", title, sentence, found.due_at < now)


SOURCES: list[Source] = [_risk_checks, _funding, _objections, _overrides, _commitments]
