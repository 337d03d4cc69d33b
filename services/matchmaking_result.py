"""What a run of matching says: counts, the proof, and each place that stays empty with its cause."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from config.text import Text, plural
from matching.eligibility import Lack
from matching.explanation import plan_sentence, proof_sentence
from matching.fairness import Fairness, fairness_of_plan
from matching.inputs import Pairing
from matching.rules import AttributeRule
from matching.shortage import Unfilled
from matching.staffing import StaffingPlan
from models import Activity, Hub, Need
from services.queries import batches, named
from services.wording import moment_text

SHOWN = 30
OWN_RULE = "rule:"
"""Before the code of a rule of the network's own, where reasons are kept."""


@dataclass(frozen=True)
class UnfilledNeed:
    """Show a need with empty places: which, when, how many, and why."""

    need_id: int
    activity_id: int
    places: int
    below_minimum: int
    cause: str
    sentence: Text


@dataclass(frozen=True)
class MatchResult:
    """Say what a run of matching did, or what it would do."""

    needs: int
    places: int
    filled: int
    people: int
    proposed: int
    """Offers made; none by a dry run."""
    status: str
    value: float
    bound: float
    gap: float
    seconds: float
    unfilled: tuple[UnfilledNeed, ...]
    sentences: tuple[Text, ...]
    fairness: Fairness
    """How evenly the plan asks those who are willing."""
    moved: int = 0
    """Offers taken back by a repair because others fill more in their place."""


def match_result(
    session: Session,
    plan: StaffingPlan,
    unfilled: Sequence[Unfilled],
    *,
    dry_run: bool,
    held: frozenset[Pairing] = frozenset(),
) -> MatchResult:
    """Return the result of a plan in numbers and sentences; `held` are the offers that it could take back."""
    shown = _in_order_of_time(session, unfilled)
    return MatchResult(
        needs=len(plan.staffing.needs),
        places=sum(need.open_places for need in plan.staffing.needs),
        filled=len(plan.pairings),
        people=len({pairing.volunteer_id for pairing in plan.pairings}),
        proposed=0 if dry_run else len(set(plan.pairings) - held),
        moved=len(held - set(plan.pairings)),
        status=plan.plan.status,
        value=plan.plan.value,
        bound=plan.plan.bound,
        gap=plan.plan.gap,
        seconds=plan.plan.seconds,
        unfilled=shown,
        fairness=fairness_of_plan(plan),
        sentences=(*_sentences(plan, shown, dry_run=dry_run), *_moved(plan, held)),
    )


def unfilled_rows(unfilled: Sequence[Unfilled]) -> list[dict[str, Any]]:
    """Return the unfilled needs as they are kept with the run."""
    return [
        {
            "need_id": need.need_id,
            "places": need.places,
            "below_minimum": need.below_minimum,
            "cause": str(need.cause),
            "eligible": need.eligible,
            "one_short": {_code(lack): count for lack, count in need.one_short},
            "held": {str(hold.name).lower(): count for hold, count in need.held},
            "crowd": asdict(need.crowd) if need.crowd else None,
        }
        for need in unfilled
    ]


def _code(lack: Lack) -> str:
    return f"{OWN_RULE}{lack.code}" if isinstance(lack, AttributeRule) else str(lack.name).lower()


def _sentences(plan: StaffingPlan, unfilled: Sequence[UnfilledNeed], *, dry_run: bool) -> tuple[Text, ...]:
    first = plan_sentence(plan)
    if dry_run:
        tried = Text("试算好了：{first}还没有发出任何邮件。", "Tried: {first} Nothing has been sent.")
        first = tried.format(first=first)
    proof = [proof_sentence(plan)] if plan.staffing.needs else []
    lines = [need.sentence for need in unfilled[:SHOWN]]
    more = len(unfilled) - SHOWN
    if more > 0:
        lines.append(Text(f"还有{more}处空位没有列出。", f"{more} more are not listed."))
    return (first, *proof, *lines)


def _moved(plan: StaffingPlan, held: frozenset[Pairing]) -> tuple[Text, ...]:
    if not held:
        return ()
    moved = len(held - set(plan.pairings))
    return (
        Text(
            f"{len(held)}个还没答复的邀请里，{moved}个换给别人，其余不动。",
            f"Of {len(held)} {plural(len(held), 'offer', 'offers')} without an answer {moved} "
            f"{plural(moved, 'goes', 'go')} to others; the rest stay.",
        ),
    )


def _in_order_of_time(session: Session, unfilled: Sequence[Unfilled]) -> tuple[UnfilledNeed, ...]:
    by_need = {need.need_id: need for need in unfilled}
    rows: list[tuple[Need, Activity, Hub]] = []
    for batch in batches(sorted(by_need)):
        question = (
            select(Need, Activity, Hub)
            .join(Activity, col(Activity.id) == Need.activity_id)
            .join(Hub, col(Hub.id) == Activity.hub_id)
            .where(col(Need.id).in_(batch))
        )
        rows += [(need, activity, hub) for need, activity, hub in session.execute(question).tuples()]
    rows.sort(key=lambda row: (row[1].starts_at, row[0].id))
    return tuple(_shown(by_need[need.id or 0], need, activity, hub) for need, activity, hub in rows)


def _shown(empty: Unfilled, need: Need, activity: Activity, hub: Hub) -> UnfilledNeed:
    line = Text(
        "{when}“{title}”（{hub}）的{role}空着{places}个：{cause}",
        "{when}, “{title}” ({hub}), {role}, {places} open: {cause}",
    )
    sentence = line.format(
        when=moment_text(activity.starts_at, hub.time_zone),
        title=named(activity.title_zh, activity.title_en),
        hub=named(hub.name_zh, hub.name_en),
        role=named(need.role_zh, need.role_en),
        places=empty.places,
        cause=empty.sentence,
    )
    return UnfilledNeed(
        need_id=empty.need_id,
        activity_id=empty.activity_id,
        places=empty.places,
        below_minimum=empty.below_minimum,
        cause=empty.cause,
        sentence=sentence,
    )
