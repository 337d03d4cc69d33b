"""`youthhub demo`: real parts in a home of their own live through a week, and show what happened."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from cli.console import REFUSED, language, say, write_json
from cli.demo.bring_in import BringingIn
from cli.demo.closing import Teller
from cli.demo.figures import Check, checks, count_all
from cli.demo.home import Home, settle
from cli.demo.memory import MemoryWatch, be_frugal
from cli.demo.parts import Parts
from cli.demo.stages import Stage, Stages
from cli.demo.townspeople import Townspeople
from cli.signals import Interrupted, interrupted_once, run_beside
from config.text import Text
from models.session import read_session

if TYPE_CHECKING:  # the engine reads its settings when it is imported, so that comes later
    from cli.demo.engine_check import EngineView

DONE = 0
SETTING_UP = Text(
    "建一个区：引擎、网页、青年汇、志愿者", "Set up a district: engine, pages, hubs, volunteers"
)


@dataclass(frozen=True)
class Size:
    """How much of a district lives, and for how long."""

    hubs: int
    volunteers: int
    weeks: int
    seed: int


@dataclass(frozen=True)
class Ending:
    """What the demo came to."""

    figures: dict[str, int]
    checks: list[Check]
    troubles: list[Text]
    runs: dict[str, int]
    people: dict[str, int]
    requests: int

    @property
    def holds(self) -> bool:
        """Say whether everything that was promised is true."""
        return not self.troubles and all(check.holds for check in self.checks)


@dataclass(frozen=True)
class Spent:
    """What the demo took."""

    seconds: float
    peak_bytes: int | None
    stages: list[Stage]


def run_demo(
    *,
    hubs: int,
    volunteers: int,
    weeks: int,
    seed: int,
    database: str | None,
    keep: Path | None,
    json_file: str | None,
) -> int:
    """Live through `weeks` weeks and return 0, 1 when a promise does not hold, or 128 and the number of a signal.

    What keeps the demo from starting is raised as `HubError`, `SchemaError`, `EngineError` or
    `OSError`, which the command line turns into a sentence.
    """
    started, size = time.monotonic(), Size(hubs, volunteers, weeks, seed)
    console = Console(stderr=json_file == "-")
    stages, teller = Stages(console, language()), Teller(console, language())
    home = settle(keep=keep, database=database)
    be_frugal()
    try:
        with MemoryWatch() as memory, interrupted_once():
            ending = _live(home, size, stages)
    except Interrupted as signal:
        say(_broken_off(home), error=True)
        return signal.exit_code
    spent = Spent(time.monotonic() - started, memory.peak_bytes, stages.finished)
    teller.table(ending.figures, stages.finished, seconds=spent.seconds, peak_bytes=spent.peak_bytes)
    teller.failures([check for check in ending.checks if not check.holds], ending.troubles)
    teller.next_steps(home)
    write_json(_for_machines(size, home, ending, spent), json_file)
    return DONE if ending.holds else REFUSED


def _live(home: Home, size: Size, stages: Stages) -> Ending:
    with Parts(home) as parts:
        _set_up(home, size, parts, stages)
        with Townspeople(home.maildir, home.portal_url, size.seed, home.logs / "town.log") as town:
            # Whoever waits for the town's answer is freed by its end.
            engine = run_beside(_weeks(home, town, parts, stages, size.weeks), town.end)
    with read_session() as session:
        figures = count_all(session)
    troubles = [*engine.troubles, *_in_vain(town)]
    people = dict(sorted(town.done.items()))
    return Ending(figures, checks(figures, hubs=size.hubs), troubles, engine.runs, people, town.requests)


def _set_up(home: Home, size: Size, parts: Parts, stages: Stages) -> None:
    network = BringingIn(home, hubs=size.hubs, volunteers=size.volunteers, seed=size.seed)
    with stages.stage(SETTING_UP, 3, "hubs", "volunteers") as stage, network:
        parts.wait()
        stage.advance()
        parts.deploy()
        stage.advance()
        network.wait()


async def _weeks(home: Home, town: Townspeople, parts: Parts, stages: Stages, weeks: int) -> EngineView:
    from prefect.context import AsyncClientContext

    from cli.demo.engine_check import look_at_engine
    from cli.demo.week import Life
    from cli.demo.worker import Worker

    # One client for all runs: each would read the machine's certificates again, in 60 ms.
    with Worker(parts.engine.env, home.logs / "worker.log") as worker:
        worker.start()  # its run comes first, before the match, which takes the most memory of all
        async with AsyncClientContext.get_or_create():
            await Life(home, town, worker, stages).live(weeks)
    return await look_at_engine()


def _broken_off(home: Home) -> Text:
    return Text(
        f"演示中断了，进程都已停下。已经发生的都在 {home.folder}。",
        f"The demo was broken off, and its processes have ended. What happened so far is in {home.folder}.",
    )


def _in_vain(town: Townspeople) -> list[Text]:
    template = Text("居民没办成（{deed}）{count}次。", "People tried in vain ({deed}), {count} times.")
    return [template.format(deed=deed, count=count) for deed, count in town.failures.items()]


def _for_machines(size: Size, home: Home, ending: Ending, spent: Spent) -> dict[str, Any]:
    return {
        "holds": ending.holds,
        "size": size,
        "seconds": round(spent.seconds, 2),
        "peak_bytes": spent.peak_bytes,
        "stages": [{"title": stage.title, "seconds": round(stage.seconds, 2)} for stage in spent.stages],
        "figures": ending.figures,
        "checks": ending.checks,
        "troubles": ending.troubles,
        "engine_runs": ending.runs,
        "people": ending.people,
        "requests": ending.requests,
        "home": home.folder,
        "maildir": home.maildir,
        "portal_url": home.portal_url,
    }
