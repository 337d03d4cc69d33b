"""Why somebody is asked for an activity, or why not, and what would change if they were: for coordinators.

The question of the last run that looked at the activity is put again, with what that run proposed taken
back; its hash says whether anything has changed since. Whoever asks hears of other volunteers only at
their own hubs, and a volunteer never hears of another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_
from sqlmodel import Session, col, select

from config.text import Refusal, Text
from matching.counterfactual import Change, WhatIf
from matching.inputs import Index
from matching.staffing import StaffingPlan, fingerprint, match_staffing
from matching.why import Standing, Verdict, verdict
from models import Activity, MatchingRun, Need, Offer, Person, Volunteer
from services import why_words
from services.errors import NotFound, TooLate
from services.matching_rules import matching_rules
from services.matchmaking_inputs import everybody, load_staffing, near
from services.matchmaking_people import HOLDS
from services.queries import Occasion, id_of, named, occasions
from services.run_records import last_known
from services.unfilled import last_run

TIME_LIMIT = 10.0


@dataclass(frozen=True)
class RoleAnswer:
    """Say how somebody stands to one role: `sentences` why, `changes` what placing them would change."""

    need_id: int
    role: Text
    standing: Standing
    sentences: tuple[Text, ...]
    changes: tuple[Text, ...] = ()
    cost: float | None = None


@dataclass(frozen=True)
class Explanation:
    """Say how somebody stands to the roles of an activity; `run_id` is the run, `is_same` that nothing changed."""

    person_code: str
    activity_code: str
    title: Text
    run_id: int | None
    is_same: bool
    roles: tuple[RoleAnswer, ...]
    sentences: tuple[Text, ...]


def explain(
    session: Session,
    person_code: str,
    activity_code: str,
    *,
    now: datetime,
    hub_ids: Sequence[int] | None = None,
) -> Explanation:
    """Return why a volunteer is or is not asked for an activity, and what asking them would change.

    With `hub_ids` other volunteers are named only at these hubs. Of an activity that nobody is matched to
    any more it tells what the last run knew. Raises `NotFound` for an unknown code, `TooLate` where no run
    is remembered.
    """
    one, person = _occasion(session, activity_code), _volunteer(session, person_code)
    run = last_run(session, one.activity, now=now)
    result = _asked_again(session, one.activity, run, now=now)
    index = Index.of(result.staffing)
    needs = [need for need in result.staffing.needs if need.activity_id == id_of(one.activity)]
    if not needs:
        return _as_it_was(session, one, person)
    if id_of(person) not in index.volunteers:
        raise NotFound(Refusal("out_of_reach", _OUT_OF_REACH.format(name=person.name)))
    policy = matching_rules(session, now=now).policy
    words = _Words(session, result, id_of(one.activity), hub_ids)
    found = [verdict(result, policy, id_of(person), need.id) for need in needs]
    roles = tuple(words.answer(one_verdict) for one_verdict in found)
    is_same = run is not None and fingerprint(result) == run.inputs_hash
    return Explanation(
        person_code=person.code,
        activity_code=one.activity.code,
        title=one.title,
        run_id=None if run is None else id_of(run),
        is_same=is_same,
        roles=roles,
        sentences=_sentences(person, one, roles, run, is_same=is_same),
    )


_NOT_MATCHED = Text(
    "这场现在没有要配的人（已经开始、取消，或者不需要志愿者），以前配人的记录也没有了。",
    "Nobody is matched to this activity now (it has begun, is cancelled, or needs no volunteers), and no earlier match is remembered.",
)
_OUT_OF_REACH = Text(
    "{name}不在这家青年汇附近，也不是这里的人，配人时没有看。",
    "{name} neither lives near this hub nor belongs to it, so the match did not look at them.",
)
_NOT_OURS = Text(
    "这家青年汇没有叫“{name}”的志愿者，检查姓名或编号。",
    "This hub has no volunteer called “{name}”; check the name or code.",
)
_SEVERAL = Text("有几位都叫“{name}”，填编号。", "Several are called “{name}”; enter the code.")
_NO_PERSON = Text("没有编号为 {code} 的志愿者。", "There is no volunteer with the code {code}.")
_NO_ACTIVITY = Text("没有编号为 {code} 的活动。", "There is no activity with the code {code}.")


def volunteer_of(session: Session, hub_id: int, typed: str) -> str:
    """Return the code of the hub's own volunteer with a code or name; raises `NotFound`."""
    word = typed.strip()
    question = (
        select(Person.code)
        .join(Volunteer, col(Volunteer.person_id) == Person.id)
        .where(col(Volunteer.home_hub_id) == hub_id, or_(col(Person.code) == word, col(Person.name) == word))
    )
    found = session.exec(question).all()
    if len(found) != 1:
        sentence = _SEVERAL if found else _NOT_OURS
        raise NotFound(Refusal("unknown_volunteer", sentence.format(name=word), field="person"))
    return found[0]


def _occasion(session: Session, code: str) -> Occasion:
    found = occasions(session, col(Activity.code) == code)
    if not found:
        raise NotFound(Refusal("unknown_activity", _NO_ACTIVITY.format(code=code)))
    return found[0]


def _volunteer(session: Session, code: str) -> Person:
    question = select(Person).join(Volunteer, col(Volunteer.person_id) == Person.id)
    person = session.exec(question.where(Person.code == code)).first()
    if person is None:
        raise NotFound(Refusal("unknown_volunteer", _NO_PERSON.format(code=code)))
    return person


def _asked_again(
    session: Session, activity: Activity, run: MatchingRun | None, *, now: datetime
) -> StaffingPlan:
    """Put the run's question again, as if it had proposed nobody; without a run, that of the hub's week."""
    scope = [activity.hub_id] if run is None else run.scope.get("hubs")
    until = None if run is None else run.scope.get("until")
    last = datetime.fromisoformat(until) if until else activity.ends_at
    mine = col(Activity.starts_at) < last
    if scope is not None:
        mine = and_(mine, col(Activity.hub_id).in_(scope))
    decided = matching_rules(session, now=now)
    kept = None
    if run is not None:
        kept = or_(
            col(Offer.run_id).is_(None), col(Offer.run_id) != id_of(run), col(Offer.state).not_in(HOLDS)
        )
    people = everybody() if scope is None else near(session, scope)
    staffing = load_staffing(session, mine, people, now=now, rules=decided.loading, kept=kept)
    seed = 0 if run is None else int(run.parameters.get("seed", 0))
    return match_staffing(staffing, decided.policy, time_limit=TIME_LIMIT, patience=1.0, seed=seed)


def _as_it_was(session: Session, one: Occasion, person: Person) -> Explanation:
    """Tell what the last run before the start knew, from what was kept of it."""
    rows = session.exec(select(Need).where(Need.activity_id == id_of(one.activity)).order_by(col(Need.id)))
    found = [
        (need, known)
        for need in rows
        if (known := last_known(session, id_of(need), id_of(person), before=one.activity.starts_at))
    ]
    if not found:
        raise TooLate(Refusal("not_matched", _NOT_MATCHED))
    roles = tuple(
        RoleAnswer(
            need_id=id_of(need),
            role=named(need.role_zh, need.role_en),
            standing=why_words.standing_then(known),
            sentences=(why_words.as_known(known),),
        )
        for need, (_, known) in found
    )
    run_id = max(run for _, (run, _) in found)
    said = [why_words.of_role(role.role, sentence) for role in roles for sentence in role.sentences]
    return Explanation(
        person_code=person.code,
        activity_code=one.activity.code,
        title=one.title,
        run_id=run_id,
        is_same=False,
        roles=roles,
        sentences=(why_words.head(person.name, one), *said, why_words.as_then(run_id)),
    )


class _Words:
    """Put verdicts into sentences, with the names that the reader may see."""

    def __init__(
        self, session: Session, result: StaffingPlan, here: int, hub_ids: Sequence[int] | None
    ) -> None:
        self._session, self._result, self._hub_ids = session, result, hub_ids
        self._index = Index.of(result.staffing)
        self._titles = {here: why_words.HERE}

    def answer(self, found: Verdict) -> RoleAnswer:
        """Return a verdict in words."""
        need = self._session.get_one(Need, found.need_id)
        what_if = found.what_if
        sentences = why_words.reasons(found, [self._title(key) for key in found.needed_at])
        shows_changes = what_if is not None and found.standing in (Standing.ELSEWHERE, Standing.OUTBID)
        return RoleAnswer(
            need_id=found.need_id,
            role=named(need.role_zh, need.role_en),
            standing=found.standing,
            sentences=sentences,
            changes=self._changes(what_if) if shows_changes and what_if else (),
            cost=what_if.cost if what_if else None,
        )

    def _changes(self, what_if: WhatIf) -> tuple[Text, ...]:
        return tuple(self._change(change) for change in what_if.changes)

    def _change(self, change: Change) -> Text:
        places = [
            None if need is None else self._title(self._index.needs[need].activity_id)
            for need in (change.from_need, change.to_need)
        ]
        return why_words.change(self._name(change), *places)

    def _name(self, change: Change) -> Text:
        """Return a name to whom it concerns: everybody else is another volunteer."""
        hubs = {
            self._index.activities[self._index.needs[need].activity_id].hub_id
            for need in (change.from_need, change.to_need)
            if need is not None
        }
        if self._hub_ids is not None and not hubs & set(self._hub_ids):
            return Text("另一位志愿者", "another volunteer")
        name = self._session.get_one(Person, change.volunteer_id).name
        return Text(name, name)

    def _title(self, activity_id: int) -> Text:
        if activity_id not in self._titles:
            (one,) = occasions(self._session, col(Activity.id) == activity_id)
            self._titles[activity_id] = why_words.occasion(one)
        return self._titles[activity_id]


def _sentences(
    person: Person, one: Occasion, roles: Sequence[RoleAnswer], run: MatchingRun | None, *, is_same: bool
) -> tuple[Text, ...]:
    said = [why_words.head(person.name, one)]
    for role in roles:
        said += [why_words.of_role(role.role, sentence) for sentence in role.sentences]
        if role.changes:
            said += [why_words.IF_ASKED, *(why_words.item(change) for change in role.changes)]
    return (*said, why_words.as_of(None if run is None else id_of(run), is_same=is_same))
