"""Every kind of rule that a network or a hub can decide, and what counts where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType

from sqlmodel import Session

from config.text import Refusal, Text
from matching.rules import text_of
from services.call_out_rules import CallOutRules
from services.check_in_rules import CheckInRules
from services.digest_times import DigestRules
from services.errors import NotFound
from services.funding_rules import FundingRules
from services.gate_rules import GateRules
from services.hours_rules import HoursRules, StarRules
from services.mail_rules import MailRules
from services.matching_rules import MatchingRules
from services.matching_rules import own_rules as own_matching_rules
from services.no_show_rules import NoShowRules
from services.offer_rules import OfferRules
from services.policies import PolicySet, Rules, book, own_rules, read_typed, set_rules, shown
from services.proposal_rules import ProposalRules
from services.reminder_rules import ReminderRules

KINDS: Mapping[str, type[Rules]] = MappingProxyType(
    {
        rules.kind: rules
        for rules in (
            OfferRules,
            ReminderRules,
            CheckInRules,
            MatchingRules,
            MailRules,
            GateRules,
            FundingRules,
            CallOutRules,
            DigestRules,
            ProposalRules,
            HoursRules,
            StarRules,
            NoShowRules,
        )
    }
)
HUBS_OWN: tuple[str, ...] = (
    OfferRules.kind,
    ReminderRules.kind,
    CheckInRules.kind,
    ProposalRules.kind,
    NoShowRules.kind,
)
"""The kinds that a hub's coordinators may decide; the others are the network's."""


@dataclass(frozen=True)
class RuleLine:
    """Show one rule: what it means, what counts, and whether the hub (or network) decided it itself."""

    name: str
    label: Text
    value: str
    is_switch: bool
    is_own: bool


@dataclass(frozen=True)
class RulePage:
    """Show the rules of a kind."""

    kind: str
    title: Text
    lines: tuple[RuleLine, ...]


def kind_of(name: str) -> type[Rules]:
    """Return a kind of rules by its name; raises `NotFound`, with the names that there are."""
    if name not in KINDS:
        known = ", ".join(sorted(KINDS))
        sentence = Text(
            f"没有叫“{name}”的一类规则。有的是：{known}。",
            f"There are no rules called “{name}”. There are: {known}.",
        )
        raise NotFound(Refusal("policy_kind", sentence))
    return KINDS[name]


def pages(
    session: Session, hub_id: int | None, *, now: datetime, kinds: Sequence[str] = tuple(KINDS)
) -> tuple[RulePage, ...]:
    """Return what counts today for a hub, or with None for the network."""
    return tuple(_page(session, KINDS[name], hub_id, now) for name in kinds)


def own_rule_lines(session: Session) -> list[Text]:
    """Return the network's own rules of matching, one a line, with the days from and until which they count."""
    line = Text("   {code} {name}：{who}{place}{what}{days}", "   {code} {name}: {who}{place}{what}{days}")
    return [
        line.format(
            code=rule.code,
            name=rule.name,
            who=text_of(rule.who),
            place=f" @ {text_of(rule.where)}" if rule.where else "",
            what="" if rule.is_must else f" {rule.points:+}",
            days=""
            if rule.valid_from is None and rule.valid_until is None
            else f" [{rule.valid_from or ''}..{rule.valid_until or ''}]",
        )
        for rule in own_matching_rules(session)
    ]


def decide(
    session: Session,
    kind: str,
    typed: Mapping[str, str],
    *,
    hub_id: int | None,
    now: datetime,
    by: int | None = None,
    valid_from: date | None = None,
    reason: str = "",
) -> PolicySet:
    """Keep what was typed and differs from what counts; raises `HubError` with every wrong value.

    A hub decides only what is its own to decide; raises `NotFound` for anything else.
    """
    rules = kind_of(kind)
    if hub_id is not None and kind not in HUBS_OWN:
        raise NotFound(_not_a_hubs(rules))
    today = shown(book(session, rules, now=now).of(hub_id))
    changed = {name: value for name, value in typed.items() if value.strip() != today.get(name)}
    return set_rules(
        session,
        rules,
        read_typed(changed, rules),
        hub_id=hub_id,
        now=now,
        by=by,
        valid_from=valid_from,
        reason=reason,
    )


def _not_a_hubs(rules: type[Rules]) -> Refusal:
    sentence = Text(
        "“{title}”由网络统一定，青年汇不能自己改。",
        "“{title}” is decided for the whole network, not by a hub.",
    )
    return Refusal("policy_of_the_network", sentence.format(title=rules.title))


def _page(session: Session, rules: type[Rules], hub_id: int | None, now: datetime) -> RulePage:
    today = book(session, rules, now=now).of(hub_id)
    own, values = own_rules(session, rules, hub_id, now=now), shown(today)
    lines = [
        RuleLine(name, label, values[name], isinstance(getattr(today, name), bool), name in own)
        for name, label in rules.labels.items()
    ]
    return RulePage(rules.kind, rules.title, tuple(lines))
