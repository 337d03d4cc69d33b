"""`youthhub propose`: the times at which one more date of a series can be staffed, and planning one."""

from __future__ import annotations

from cli.console import say, write_json
from config import clock
from config.text import Refusal, Text
from models.session import open_session
from services import proposal_planning, proposals
from services.errors import HubError
from services.queries import id_of
from services.series_effects import find_series


def run_propose(series: str, *, weeks: int, count: int, plan: int | None, json_out: str | None) -> None:
    """Show the best free times; with `plan` plan the one of that number."""
    from cli import work

    work.require_database()
    now = clock.now()
    with open_session() as session:
        hub_id = id_of(find_series(session, series, None)[1])
        found = proposals.propose(session, series, hub_id=hub_id, now=now, weeks=weeks, count=count)
        planned = None
        if plan is not None:
            one = _chosen(found, plan)
            planned = proposal_planning.plan_extra_date(
                session, series, one.starts_at, one.venue_id, hub_id=hub_id, by=None, now=now
            )
    write_json(planned or found, json_out)
    if json_out == "-":
        return
    for sentence in (
        [planned.sentence] if planned else [found.sentence, *(one.sentence for one in found.proposals)]
    ):
        say(sentence)


def _chosen(found: proposals.Proposals, number: int) -> proposals.Proposal:
    if number > len(found.proposals):
        n = len(found.proposals)
        sentence = Text(
            f"只有{n}个时间，没有第{number}个。", f"There are only {n} times, and no number {number}."
        )
        raise HubError(Refusal("no_such_proposal", sentence, field="plan"))
    return found.proposals[number - 1]
