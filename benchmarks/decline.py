"""How long a no takes with everything: the answer kept, the place freed, the next person chosen and asked.

`python -m benchmarks.decline` brings the demo's district in, plans and matches a week, sends the offers and
lets 200 people decline, each in a transaction of its own. Baseline: matching the hub's open places anew.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from cli.demo.district import district
from models import Activity, Offer, schema
from models.session import make_engine
from models.states import ActivityState, OfferState
from services import matchmaking, offers, schedule
from services.importing.network import import_tables

START = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
WEEK = timedelta(weeks=1)


def bring_in(engine: Engine, hubs: int, volunteers: int) -> None:
    """Fill a database with a district whose offers of a week are on their way."""
    schema.upgrade(engine)
    sheets = district(seed=2026, hubs=hubs, volunteers=volunteers, participants_per_hub=2, start=START)
    _deed(engine, lambda session: import_tables(session, sheets, now=NOW))
    _deed(engine, lambda session: schedule.plan_activities(session, now=NOW, until=START + 2 * WEEK))
    _deed(engine, _publish)
    _deed(engine, lambda session: matchmaking.match(session, now=NOW, until=NOW + WEEK))
    _deed(engine, lambda session: offers.send_offers(session, now=NOW + timedelta(hours=2)))


def _publish(session: Session) -> None:
    # The checklist before publication is another matter.
    for activity in session.exec(select(Activity).where(Activity.state == ActivityState.PLANNED)):
        activity.state = ActivityState.PUBLISHED
        session.add(activity)


def _deed(engine: Engine, deed: Callable[[Session], object]) -> float:
    began = time.perf_counter()
    with Session(engine.execution_options(sqlite_begin="IMMEDIATE")) as session, session.begin():
        deed(session)
    return time.perf_counter() - began


def declines(engine: Engine, count: int) -> tuple[list[float], int]:
    """Let some decline, and return the seconds of each and how many others were asked."""
    with Session(engine) as session:
        sent = session.exec(
            select(Offer.id).where(Offer.state == OfferState.SENT).order_by(col(Offer.id))
        ).all()
    now, asked, seconds = NOW + timedelta(hours=3), 0, []
    for offer_id in random.Random(1).sample(list(sent), min(count, len(sent))):

        def no(session: Session, offer_id: int | None = offer_id) -> None:
            nonlocal asked
            asked += offers.decline(session, offer_id or 0, reason="time", now=now).asked_next

        seconds.append(_deed(engine, no))
    return seconds, asked


def anew(engine: Engine, count: int) -> list[float]:
    """Match the open places of some hubs anew, which a no would need without a kept line."""
    with Session(engine) as session:
        hubs = session.exec(select(Activity.hub_id).distinct().order_by(Activity.hub_id)).all()[:count]
    later = NOW + timedelta(hours=4)
    return [
        _deed(
            engine,
            lambda session, hub=hub: matchmaking.match(  # type: ignore[misc]  # -- bound in the loop
                session, now=later, until=NOW + WEEK, scope=[hub], dry_run=True
            ),
        )
        for hub in hubs
    ]


def _row(name: str, seconds: list[float]) -> None:
    cut = quantiles(seconds, n=20)[-1]
    print(
        f"{name:<36}{len(seconds):>6}{median(seconds) * 1000:>11.1f}{cut * 1000:>9.1f}{max(seconds) * 1000:>9.1f}"
    )


def main(argv: list[str] | None = None) -> None:
    """Read the options and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--hubs", type=int, default=177)
    parser.add_argument("--volunteers", type=int, default=20_000)
    parser.add_argument("--declines", type=int, default=200)
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(f"sqlite:///{Path(folder) / 'youthhub.sqlite3'}")
        bring_in(engine, options.hubs, options.volunteers)
        seconds, asked = declines(engine, options.declines)
        print(
            f"{options.hubs} hubs, {options.volunteers:,} volunteers, SQLite; {asked} others asked after {len(seconds)} noes"
        )
        print(f"{'':<36}{'times':>6}{'median ms':>11}{'95 % ms':>9}{'worst ms':>9}")
        _row("a no, the next person asked", seconds)
        _row("baseline: the hub matched anew", anew(engine, 10))
        engine.dispose()


if __name__ == "__main__":
    main()
