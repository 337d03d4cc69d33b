"""From the codes that people type to the hubs they mean."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from sqlmodel import Session, col, select

from config.text import Refusal, Text
from models import Hub, Person, Unit
from services import access
from services.errors import NotFound


def hubs_in_scope(session: Session, *, hub: str | None = None, unit: str | None = None) -> list[int] | None:
    """Return the ids of one hub, or of the hubs below a unit; None means the whole network.

    Raises `NotFound`, with the nearest code that exists.
    """
    if hub is not None:
        return [hub_id(session, hub)]
    return None if unit is None else access.branch_hubs(session, unit_id(session, unit))


def hub_id(session: Session, code: str) -> int:
    """Return the id of the hub with this code; raises `NotFound`, with the nearest code."""
    found = session.exec(select(Hub.id).where(Hub.code == code)).one_or_none()
    if found is None:
        codes = session.exec(select(Hub.code).order_by(col(Hub.code))).all()
        raise NotFound(_unknown("unknown_hub", "青年汇", "hub", code, codes))
    return found


def unit_id(session: Session, code: str) -> int:
    """Return the id of the unit with this code; raises `NotFound`, with the nearest code."""
    found = session.exec(select(Unit.id).where(Unit.code == code)).one_or_none()
    if found is None:
        codes = session.exec(select(Unit.code).order_by(col(Unit.code))).all()
        raise NotFound(_unknown("unknown_unit", "单位", "unit", code, codes))
    return found


def person_id(session: Session, code: str) -> int:
    """Return the id of the person with this code; raises `NotFound`."""
    found = session.exec(select(Person.id).where(Person.code == code)).one_or_none()
    if found is None:
        sentence = Text(f"没有编号为 {code} 的人。", f"There is nobody with the code {code}.")
        raise NotFound(Refusal("unknown_person", sentence))
    return found


def _unknown(refusal: str, zh: str, en: str, code: str, codes: Sequence[str]) -> Refusal:
    near = get_close_matches(code, codes, n=1, cutoff=0.4)
    hint = Text(f"最接近的是 {near[0]}。", f" The nearest one is {near[0]}.") if near else Text("", "")
    return Refusal(
        refusal,
        Text(f"没有编号为 {code} 的{zh}。{hint.zh}", f"There is no {en} with the code {code}.{hint.en}"),
    )
