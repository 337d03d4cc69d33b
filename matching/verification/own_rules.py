"""Re-verify the network's own rules for one person and one place, without the code of eligibility."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from matching.inputs import Activity, Need, Volunteer, age_on
from matching.rules import AttributeRule, Condition, Op, number, plain


def keeps_own_rules(
    rules: Iterable[AttributeRule], who: Volunteer, need: Need, activity: Activity, day: date
) -> bool:
    """Say whether a person fulfils every rule that counts for the place on its day."""
    return all(
        _keeps(condition, _of_person(who, condition.attribute, day))
        for rule in rules
        if rule.is_must and _counts(rule, need, activity, day)
        for condition in rule.who
    )


def _counts(rule: AttributeRule, need: Need, activity: Activity, day: date) -> bool:
    begun = (rule.valid_from or date.min) <= day <= (rule.valid_until or date.max)
    return begun and all(
        _keeps(condition, _of_place(need, activity, condition.attribute)) for condition in rule.where
    )


def _of_place(need: Need, activity: Activity, attribute: str) -> list[str]:
    if attribute == "role":
        return [plain(need.role)]
    if attribute == "minors":
        return ["yes" if activity.has_minors else "no"]
    return [plain(value) for name, value in activity.attributes if name == attribute]


def _of_person(who: Volunteer, attribute: str, day: date) -> list[str]:
    if attribute == "age":
        return [] if who.birth_date is None else [str(age_on(who.birth_date, day))]
    known = {
        "gender": [who.gender or ""],
        "experienced": ["yes" if who.is_experienced else "no"],
        "newcomer": ["yes" if who.is_newcomer else "no"],
        "hours": [str(who.hours_given)],
        "language": [plain(language) for language in who.languages],
        "interest": [plain(kind) for kind in who.liked],
    }
    own = [plain(value) for name, value in who.attributes if name == attribute]
    return known.get(attribute, own)


def _keeps(condition: Condition, values: list[str]) -> bool:
    if condition.op is Op.IS_NOT:
        return not any(_is(value, wanted) for value in values for wanted in condition.values)
    if condition.op is Op.IS:
        return any(_is(value, wanted) for value in values for wanted in condition.values)
    limit = float(condition.values[0])
    numbers = [one for value in values if (one := number(value)) is not None]
    if condition.op is Op.AT_LEAST:
        return any(one >= limit for one in numbers)
    return any(one <= limit for one in numbers)


def _is(value: str, wanted: str) -> bool:
    one, other = number(value), number(wanted)
    return value == wanted or (one is not None and one == other)
