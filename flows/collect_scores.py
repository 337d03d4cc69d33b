"""Collect what the network knows of its hubs by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from prefect import flow
from sqlmodel import Session

from config.text import Text
from flows.base import Code, perform
from services import due, evaluations


@dataclass(frozen=True)
class CollectedAll:
    """Say what collecting for one cycle, or for all that collect, did."""

    cycles: int
    hubs: int
    added: int
    changed: int
    missing: int
    sentences: tuple[Text, ...]


@flow(name="collect-scores", log_prints=False)
async def collect_scores(cycle: Code | None = None) -> CollectedAll:
    """收集评分 · Collect scores: count each hub's own data, for one cycle or all that collect."""

    def collect(session: Session, now: datetime) -> CollectedAll:
        codes = due.collecting(session) if cycle is None else [cycle]
        found = [evaluations.collect(session, code, now=now) for code in codes]
        return CollectedAll(
            cycles=len(found),
            hubs=sum(one.hubs for one in found),
            added=sum(one.added for one in found),
            changed=sum(one.changed for one in found),
            missing=sum(one.missing for one in found),
            sentences=tuple(text for one in found for text in one.sentences),
        )

    return await perform(collect)
