"""Rules as data: what the network or a hub has decided, from which day on.

A hub's own rules stand above the network's, and the network's above the built-in ones. Nothing is ever
overwritten: a new decision is a new row, so that what was done can be told by the rules of its day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import select
from sqlmodel import Session, col

from config.settings import settings
from config.text import Refusal, Text
from models import Policy
from services import audit
from services.errors import HubError
from services.wording import day_text, local_day


class Rules(BaseModel):
    """Hold the rules of one kind; each field's built-in value is its default."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: ClassVar[str]
    title: ClassVar[Text]
    labels: ClassVar[Mapping[str, Text]]
    """What each field means, said to who decides it."""


R = TypeVar("R", bound=Rules)


@dataclass(frozen=True)
class Book(Generic[R]):
    """Hold the rules of one kind that count today, for every hub."""

    network: R
    hubs: Mapping[int, R] = field(default_factory=dict)

    def of(self, hub_id: int | None) -> R:
        """Return the rules of a hub."""
        return self.network if hub_id is None else self.hubs.get(hub_id, self.network)


@dataclass(frozen=True)
class PolicySet:
    """Say what was decided, and from which day it counts."""

    policy_id: int
    valid_from: date
    sentence: Text


def book(session: Session, rules: type[R], *, now: datetime) -> Book[R]:
    """Return the rules of a kind that count today; asked once a session."""
    today = local_day(now, settings().time_zone)
    kept: dict[Any, Any] = session.info.setdefault("policies", {})
    if (rules, today) not in kept:
        kept[rules, today] = _read(session, rules, today)
    found: Book[R] = kept[rules, today]
    return found


def own_rules(session: Session, rules: type[Rules], hub_id: int | None, *, now: datetime) -> dict[str, Any]:
    """Return what a hub, or with None the network, has decided itself."""
    today = local_day(now, settings().time_zone)
    rows = [row for row in _rows(session, rules, today) if row.hub_id == hub_id]
    return dict(rows[-1].rules) if rows else {}


def set_rules(
    session: Session,
    rules: type[Rules],
    given: Mapping[str, Any],
    *,
    hub_id: int | None,
    now: datetime,
    by: int | None = None,
    valid_from: date | None = None,
    reason: str = "",
) -> PolicySet:
    """Decide rules from a day on (None: today); raises `HubError` with every wrong value.

    `given` is added to what the hub or the network had decided; None takes a decision back.
    """
    today = local_day(now, settings().time_zone)
    first = valid_from or today
    if first < today:
        sentence = Text(
            zh=f"生效日期{first}已经过了：填今天或以后的日期。",
            en=f"The rules cannot count from {first}, which is past: enter today or later.",
        )
        raise HubError(Refusal("policy_past", sentence, field="valid_from"))
    decided = {**own_rules(session, rules, hub_id, now=now), **given}
    decided = {name: value for name, value in decided.items() if value is not None}
    checked = _checked(rules, decided)
    plain = {name: value for name, value in checked.model_dump(mode="json").items() if name in decided}
    row = Policy(
        kind=rules.kind,
        hub_id=hub_id,
        valid_from=first,
        rules=plain,
        set_at=now,
        set_by_id=by,
        reason=reason[:200],
    )
    session.add(row)
    session.flush()
    session.info.pop("policies", None)
    audit.record(session, row, "policy.set", now=now, by=by, reason=reason[:200])
    assert row.id is not None
    return PolicySet(row.id, first, _set_sentence(rules, first, today))


def read_typed(typed: Mapping[str, str], rules: type[Rules]) -> dict[str, Any]:
    """Turn what people typed into values; an empty field takes the decision back.

    Yes and no are "1" and "0"; steps are pairs of numbers, as "14:96, 0:48".
    """
    return {name: _value(rules, name, typed[name].strip()) for name in typed}


def shown(rules: Rules) -> dict[str, str]:
    """Return rules as people type them."""
    return {name: _shown(getattr(rules, name)) for name in rules.labels}


def _value(rules: type[Rules], name: str, raw: str) -> Any:
    if not raw:
        return None
    built_in = rules.model_fields[name].default if name in rules.model_fields else ""
    if isinstance(built_in, tuple):
        steps = raw.replace("：", ":").replace("，", ",").split(",")
        return [step.split(":") for step in steps if step.strip()]
    return raw


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, tuple):
        return ", ".join(":".join(f"{part:g}" for part in step) for step in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _read(session: Session, rules: type[R], today: date) -> Book[R]:
    network: dict[str, Any] = {}
    hubs: dict[int, dict[str, Any]] = {}
    for row in _rows(session, rules, today):
        if row.hub_id is None:
            network = row.rules
        else:
            hubs[row.hub_id] = row.rules
    return Book(
        rules.model_validate(network),
        {hub_id: rules.model_validate({**network, **own}) for hub_id, own in hubs.items()},
    )


def _rows(session: Session, rules: type[Rules], today: date) -> list[Policy]:
    question = (
        select(Policy)
        .where(col(Policy.kind) == rules.kind, col(Policy.valid_from) <= today)
        .order_by(col(Policy.valid_from), col(Policy.id))
    )
    return list(session.execute(question).scalars())


def _checked(rules: type[Rules], decided: Mapping[str, Any]) -> Rules:
    try:
        return rules.model_validate(decided)
    except ValidationError as error:
        # One sentence a field, though each step of a list may be wrong in its own way.
        first = {one["loc"][:1]: one for one in reversed(error.errors())}
        raise HubError([_refusal(rules, one) for one in reversed(first.values())]) from None


def _refusal(rules: type[Rules], error: Any) -> Refusal:
    name = str(error["loc"][0]) if error["loc"] else ""
    label = rules.labels.get(name)
    if label is None:
        known = ", ".join(rules.labels)
        return Refusal(
            "policy_unknown",
            Text(
                f"没有叫“{name}”的规则。有的是：{known}。", f"There is no rule “{name}”. There are: {known}."
            ),
        )
    sentence = Text("“{label}”不能是“{value}”：{why}。", "“{label}” cannot be “{value}”: {why}.")
    return Refusal(
        "policy_value",
        sentence.format(label=label, value=_typed(error["input"]), why=_why(error)),
        field=name,
    )


def _typed(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(":".join(map(str, step)) for step in value)
    return str(value)


def _why(error: Any) -> Text:
    bounds = error.get("ctx", {})
    for word, zh, en in (
        ("ge", "最小是{}", "the least is {}"),
        ("gt", "要大于{}", "it must be more than {}"),
        ("le", "最大是{}", "the most is {}"),
        ("lt", "要小于{}", "it must be less than {}"),
    ):
        if word in bounds:
            return Text(zh.format(bounds[word]), en.format(bounds[word]))
    return Text("填得不对", "it is not in the form that is asked for")


def _set_sentence(rules: type[Rules], first: date, today: date) -> Text:
    if first == today:
        return Text("“{title}”改好了，今天起算。", "“{title}” is set and counts from today.").format(
            title=rules.title
        )
    sentence = Text("“{title}”改好了，{day}起算。", "“{title}” is set and counts from {day}.")
    return sentence.format(title=rules.title, day=day_text(first))
