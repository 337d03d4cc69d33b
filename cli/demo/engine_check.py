"""What the engine itself says of the demo's runs: all completed, each with its artifact."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from prefect import get_client
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import FlowRun

from config.text import Text

PAGE = 200


@dataclass(frozen=True)
class EngineView:
    """Runs by flow, and what is wrong with any."""

    runs: dict[str, int]
    troubles: tuple[Text, ...]


async def look_at_engine() -> EngineView:
    """Ask the engine's own API for every run and every artifact."""
    async with get_client() as client:
        names = {flow.id: flow.name for flow in await client.read_flows()}
        runs = await _all_runs(client)
        told = await _runs_with_artifact(client)
    counts = Counter(names[run.flow_id] for run in runs)
    troubles = [trouble for run in runs if (trouble := _trouble(run, names[run.flow_id], told))]
    return EngineView(dict(sorted(counts.items())), tuple(troubles))


def _trouble(run: FlowRun, name: str, told: set[UUID]) -> Text | None:
    if run.state is None or not run.state.is_completed():
        state = run.state.name if run.state else "?"
        return Text(
            f"引擎里的运行 {name} 没有完成：{state}。",
            f"The engine's run of {name} is not completed: {state}.",
        )
    if run.id not in told:
        return Text(f"引擎里的运行 {name} 没有留下说明。", f"The engine's run of {name} left no artifact.")
    return None


async def _all_runs(client: PrefectClient) -> list[FlowRun]:
    runs: list[FlowRun] = []
    while page := await client.read_flow_runs(limit=PAGE, offset=len(runs)):
        runs += page
    return runs


async def _runs_with_artifact(client: PrefectClient) -> set[UUID]:
    found: set[UUID] = set()
    offset = 0
    while page := await client.read_artifacts(limit=PAGE, offset=offset):
        found |= {artifact.flow_run_id for artifact in page if artifact.flow_run_id}
        offset += len(page)
    return found
