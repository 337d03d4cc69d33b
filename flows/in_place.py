"""Run a flow in this process as a run of its deployment: the one place that knows how.

The run is created in state Pending, so no worker may take it: it was never scheduled. Prefect's
own runner calls `run_flow` the same way, but documents it thinly; a test holds it.
"""

from __future__ import annotations

from collections.abc import Awaitable
from importlib import import_module
from typing import Any, cast

from prefect import Flow, get_client
from prefect.client.schemas.objects import FlowRun
from prefect.flow_engine import run_flow
from prefect.states import Pending

DEPLOYMENT = "main"
"""The name of every flow's deployment in prefect.yaml."""


def flow_for(kind: str) -> Flow[..., Any]:
    """Return the flow of a kind of work: flow, file and function all bear the kind's name."""
    return cast("Flow[..., Any]", getattr(import_module(f"flows.{kind}"), kind))


async def create_run(kind: str, params: dict[str, Any], *, name: str | None = None) -> FlowRun:
    """Create a Pending run of the kind's deployment, for this process to execute."""
    async with get_client() as client:
        deployment = await client.read_deployment_by_name(f"{flow_for(kind).name}/{DEPLOYMENT}")
        return await client.create_flow_run_from_deployment(
            deployment.id, parameters=params, state=Pending(), name=name
        )


async def run_here(flow: Flow[..., Any], run: FlowRun) -> Any:
    """Execute a Pending run in this process and return the flow's result, or raise what it raised."""
    # Started from the run alone, so that the deployment's own parameters fill in what is not given.
    return await cast("Awaitable[Any]", run_flow(flow, flow_run=run))


async def run_in_place(kind: str, params: dict[str, Any], *, name: str | None = None) -> Any:
    """Run a kind of work here and now, under its deployment, and return the flow's result."""
    return await run_here(flow_for(kind), await create_run(kind, params, name=name))
