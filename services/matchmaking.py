"""Fill open places: one plan for all of them, checked before it is kept, with its proven bound.

The plan becomes offers in state PROPOSED, which `offers.send_offers` sends, and a line of next
candidates for each need. Places that somebody holds or is being asked for count as taken, so a second
run adds nothing where nothing changed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, insert, or_, select
from sqlmodel import Session, col

from matching import explanation, shortage
from matching.highs import SOLVER
from matching.inputs import Activity as PlainActivity
from matching.inputs import Index, MatchingPolicy, Pairing, Staffing
from matching.inputs import Volunteer as PlainVolunteer
from matching.reasons import WhyYou
from matching.staffing import StaffingPlan, fingerprint, match_staffing
from matching.verification import verify_plan
from models import Activity, Candidate, MatchingRun, Need, Offer, Volunteer
from models.states import OfferState
from services import repair as repairs
from services import run_records
from services.matching_rules import matching_rules
from services.matchmaking_inputs import everybody, load_staffing, near
from services.matchmaking_people import MatchRules
from services.matchmaking_result import MatchResult, match_result, unfilled_rows
from services.queries import batches, skill_names

__all__ = ["MatchResult", "MatchRules", "MatchingPolicy", "PlanIsBroken", "match", "next_candidates"]

PATIENCE = 1.0
"""The proof of a plan may take as long again as the plan."""


class PlanIsBroken(AssertionError):  # noqa: N818 -- named after what it says
    """The checker found a broken rule in a plan: a fault of ours, and nothing is kept."""


def match(
    session: Session,
    *,
    now: datetime,
    until: datetime,
    scope: Sequence[int] | None = None,
    policy: MatchingPolicy | None = None,
    rules: MatchRules | None = None,
    dry_run: bool = False,
    repair: bool = False,
    by: int | None = None,
    time_limit: float = 20.0,
    seed: int = 0,
) -> MatchResult:
    """Propose people for the open places of some hubs (None: of all) that start before `until`.

    A dry run says what would be proposed and keeps nothing. Raises `PlanIsBroken` rather than keep a
    plan that breaks a rule. Without `policy` and `rules` those count that the network has decided. A
    repair may also take back offers that nobody has answered, where that fills more (`repair.py`).
    """
    decided = matching_rules(session, now=now)
    policy, rules = policy or decided.policy, rules or decided.loading
    mine = col(Activity.starts_at) < until
    if scope is not None:
        mine = and_(mine, col(Activity.hub_id).in_(scope))
    if not dry_run:
        _lock_needs(session, mine)
    people = everybody() if scope is None else near(session, scope)
    unanswered = repairs.movable(session, mine, decided, now=now) if repair else repairs.NOTHING
    people = or_(people, unanswered.people)
    staffing = load_staffing(session, mine, people, now=now, rules=rules, kept=unanswered.kept)
    staffing = unanswered.applied_to(staffing)
    plan = match_staffing(staffing, policy, time_limit=time_limit, patience=PATIENCE, seed=seed)
    broken = verify_plan(plan.staffing, plan.pairings, policy)
    if broken:
        raise PlanIsBroken("; ".join(map(repr, broken)))
    unfilled = shortage.unfilled_needs(plan, policy, skill_names(session))
    if not dry_run:
        asked = {"hubs": None if scope is None else sorted(scope), "until": until.isoformat()}
        parameters = {**asdict(policy), "time_limit": time_limit, "seed": seed}
        run = _keep_run(session, plan, unfilled, asked, parameters, now=now, by=by)
        repairs.take_back(session, plan, unanswered, now=now, by=by)
        _keep_offers(session, plan, repairs.new_pairings(plan, unanswered), run, now=now)
        _keep_line(session, plan, policy, run)
        run_records.keep(session, run, plan, policy, now=now)
    return match_result(session, plan, unfilled, dry_run=dry_run, held=unanswered.pairings)


def next_candidates(
    session: Session,
    need_ids: Sequence[int],
    *,
    now: datetime,
    policy: MatchingPolicy | None = None,
    places: Mapping[int, int] | None = None,
) -> list[int]:
    """Propose the next people in line for what is open of these needs; return the ids of the offers.

    `places` says how many to propose for a need, where that is not simply what is open of it.
    The line is that of the last run. Each person is judged again as of now, together with the team
    that stands today; who no longer fits is passed over, and nobody is proposed twice in one call.
    """
    if not need_ids:
        return []
    mine = col(Activity.id).in_(select(col(Need.activity_id)).where(col(Need.id).in_(need_ids)))
    _lock_needs(session, mine)
    decided = matching_rules(session, now=now)
    in_line = select(col(Candidate.person_id)).where(col(Candidate.need_id).in_(need_ids))
    people = col(Volunteer.person_id).in_(in_line)
    staffing = load_staffing(session, mine, people, now=now, rules=decided.loading, places=places)
    picks = _pick(staffing, _line(session, need_ids), policy or decided.policy)
    return _keep_picks(session, staffing, picks, now=now)


def _lock_needs(session: Session, mine: ColumnElement[bool]) -> None:
    """Let two runs, or a run and an answer, wait for each other, or both could fill one place."""
    question = select(col(Need.id)).join(Activity, col(Activity.id) == Need.activity_id).where(mine)
    session.execute(question.order_by(col(Need.id)).with_for_update(of=Need))


def _keep_run(
    session: Session,
    plan: StaffingPlan,
    unfilled: Sequence[shortage.Unfilled],
    scope: dict[str, Any],
    parameters: dict[str, Any],
    *,
    now: datetime,
    by: int | None,
) -> int:
    run = MatchingRun(
        created_at=now,
        by_id=by,
        scope=scope,
        parameters=parameters,
        inputs_hash=fingerprint(plan),
        solver=SOLVER,
        status=plan.plan.status,
        value=plan.plan.value,
        bound=plan.plan.bound,
        gap=plan.plan.gap,
        seconds=plan.plan.seconds,
        places=sum(need.open_places for need in plan.staffing.needs),
        filled=len(plan.pairings),
        unfilled=unfilled_rows(unfilled),
    )
    session.add(run)
    session.flush()
    assert run.id is not None
    return run.id


def _keep_offers(
    session: Session, plan: StaffingPlan, pairings: Sequence[Pairing], run: int, *, now: datetime
) -> None:
    reasons, needs = explanation.reasons_of_plan(plan), Index.of(plan.staffing).needs
    rows = [
        {
            "need_id": pairing.need_id,
            "activity_id": needs[pairing.need_id].activity_id,
            "person_id": pairing.volunteer_id,
            "run_id": run,
            "state": OfferState.PROPOSED,
            "reasons": _as_rows(reasons[pairing.volunteer_id, pairing.need_id]),
            "proposed_at": now,
        }
        for pairing in pairings
    ]
    if rows:
        session.execute(insert(Offer), rows)


def _keep_line(session: Session, plan: StaffingPlan, policy: MatchingPolicy, run: int) -> None:
    line = explanation.next_candidates(plan, policy)
    for batch in batches(sorted(line)):
        session.execute(delete(Candidate).where(col(Candidate.need_id).in_(batch)))
    rows = [
        {
            "need_id": need_id,
            "person_id": candidate.volunteer_id,
            "run_id": run,
            "place": place,
            "reasons": _as_rows(candidate.reasons),
        }
        for need_id, candidates in sorted(line.items())
        for place, candidate in enumerate(candidates, start=1)
    ]
    if rows:
        session.execute(insert(Candidate), rows)


def _line(session: Session, need_ids: Sequence[int]) -> dict[int, list[int]]:
    question = (
        select(col(Candidate.need_id), col(Candidate.person_id))
        .where(col(Candidate.need_id).in_(need_ids))
        .order_by(col(Candidate.need_id), col(Candidate.place), col(Candidate.person_id))
    )
    line: dict[int, list[int]] = defaultdict(list)
    for need_id, person_id in session.execute(question):
        line[need_id].append(person_id)
    return line


def _pick(staffing: Staffing, line: dict[int, list[int]], policy: MatchingPolicy) -> list[Pairing]:
    index = Index.of(staffing)
    teams = dict(index.activities)
    picked: dict[int, Pairing] = {}
    for need in sorted(staffing.needs, key=lambda need: (teams[need.activity_id].starts_at, need.id)):
        left = need.open_places
        for person_id in line.get(need.id, ()):
            who, activity = index.volunteers.get(person_id), teams[need.activity_id]
            if left == 0 or who is None or person_id in picked:
                continue
            pairing = Pairing(person_id, need.id)
            if not verify_plan(_alone(staffing, who, activity), [pairing], policy):
                picked[person_id] = pairing
                teams[activity.id] = _joined(activity, who)
                left -= 1
    return list(picked.values())


def _alone(staffing: Staffing, who: PlainVolunteer, activity: PlainActivity) -> Staffing:
    """Return the question whether one person may join one activity."""
    needs = tuple(need for need in staffing.needs if need.activity_id == activity.id)
    return replace(staffing, volunteers=(who,), activities=(activity,), needs=needs)


def _joined(activity: PlainActivity, who: PlainVolunteer) -> PlainActivity:
    """Return the activity with one more person in its team."""
    is_adult = who.is_adult_on(activity.first_day)
    return replace(
        activity,
        team=(*activity.team, who.id),
        adults_present=activity.adults_present + is_adult,
        experienced_present=activity.experienced_present + who.is_experienced,
        company_present=activity.company_present + (not who.is_newcomer),
    )


def _keep_picks(session: Session, staffing: Staffing, picks: list[Pairing], *, now: datetime) -> list[int]:
    needs = Index.of(staffing).needs
    offers = []
    for pick in picks:
        candidate = session.get_one(Candidate, (pick.need_id, pick.volunteer_id))
        offers.append(
            Offer(
                need_id=pick.need_id,
                activity_id=needs[pick.need_id].activity_id,
                person_id=pick.volunteer_id,
                run_id=candidate.run_id,
                reasons=candidate.reasons,
                proposed_at=now,
            )
        )
    session.add_all(offers)
    session.flush()
    return [offer.id for offer in offers if offer.id is not None]


def _as_rows(reasons: Sequence[WhyYou]) -> list[dict[str, Any]]:
    return [{"code": str(reason.code), "value": reason.value} for reason in reasons]
