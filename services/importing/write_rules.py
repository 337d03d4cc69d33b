"""The network's own rules of matching: checked against what is recorded of people, and written."""

from __future__ import annotations

from collections.abc import Iterator

from sqlmodel import Session, select

from config.text import Refusal, Text
from documents.parsing import Tables
from documents.sheets import CellProblem
from matching.rules import PERSON_NAMES, read_conditions
from models import MatchRule, PersonAttribute
from services.importing.rules import BEFORE_START
from services.importing.sync import Work
from services.importing.write_network import by_code

FIELDS = ("name_zh", "name_en", "who", "place", "points", "valid_from", "valid_until")
_UNKNOWN = Text(
    "没有人填过“{name}”：先在“人员”的“属性”里填，或检查写法",
    "“{name}” is recorded of nobody: see the attributes of people",
)


def check_match_rules(session: Session, tables: Tables) -> Iterator[CellProblem]:
    """Yield rules about attributes that nobody has, which would keep everybody out, and days in disorder."""
    records = tables.of("match_rules")
    if not records:
        return
    known = {*PERSON_NAMES.values(), *session.exec(select(PersonAttribute.name).distinct())}
    known |= {name for person in tables.of("people") for name, _ in person.values.get("attributes") or ()}
    for record in records:
        conditions = read_conditions(record.values.get("who") or "", PERSON_NAMES, closed=False)
        for condition in () if isinstance(conditions, Refusal) else conditions:
            if condition.attribute not in known:
                yield record.problem("who", _UNKNOWN.format(name=condition.attribute))
        first, last = record.values.get("valid_from"), record.values.get("valid_until")
        if first is not None and last is not None and last < first:
            yield record.problem("valid_until", BEFORE_START)


def write_match_rules(work: Work, tables: Tables) -> None:
    """Write the rules; one that no longer counts is ended by its last day, not taken away."""
    by_code(work, "match_rules", MatchRule, tables.of("match_rules"), FIELDS)
