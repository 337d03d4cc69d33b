"""Put prefect.yaml onto a server of ours, in one process: pool, deployments, alarm for dead runs.

`prefect deploy --all` does the same on a server elsewhere; it starts several Pythons to do it.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import DeploymentScheduleCreate, DeploymentUpdate, WorkPoolCreate
from prefect.client.schemas.objects import ConcurrencyOptions, StateType
from prefect.client.schemas.schedules import CronSchedule
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound
from prefect.flows import Flow, load_flow_from_entrypoint
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.utilities.callables import parameter_schema
from ruamel.yaml import YAML

POOL = "hubs"
PREFECT_YAML = Path(__file__).resolve().parent.parent / "prefect.yaml"
SILENCE = timedelta(seconds=90)
"""A run whose heartbeat is missing for so long is called crashed, so that people see it."""
ALARM = "runs-without-heartbeat-have-crashed"


def bootstrap(api_url: str) -> None:
    """Make the pool, every deployment of prefect.yaml and the alarm; a second time changes nothing."""
    with temporary_settings({PREFECT_API_URL: api_url}):
        asyncio.run(_bootstrap())


def plan_first_runs(api_url: str) -> None:
    """Plan the next runs of every schedule now; by itself the engine gets to it within a minute."""
    with temporary_settings({PREFECT_API_URL: api_url}):
        asyncio.run(_plan_first_runs())


def deployments() -> list[dict[str, Any]]:
    """Return the deployments of prefect.yaml as they stand there."""
    document = YAML(typ="safe").load(PREFECT_YAML.read_text(encoding="utf-8"))
    return list(document["deployments"])


async def _bootstrap() -> None:
    async with get_client() as client:
        await _make_pool(client)
        for entry in deployments():  # one after the other: together they wait for SQLite's one lock
            await _deploy(client, entry)
        await _make_alarm(client)


async def _plan_first_runs() -> None:
    async with get_client() as client:
        for deployment in await client.read_deployments():
            if any(schedule.active for schedule in deployment.schedules):
                at = {"id": str(deployment.id)}
                # An empty question: the engine's own horizon and numbers.
                answer = await client.request("POST", "/deployments/{id}/schedule", path_params=at, json={})
                answer.raise_for_status()


async def _make_pool(client: PrefectClient) -> None:
    with suppress(ObjectAlreadyExists):
        await client.create_work_pool(WorkPoolCreate(name=POOL, type="process"))


async def _deploy(client: PrefectClient, entry: dict[str, Any]) -> None:
    flow: Flow[..., Any] = load_flow_from_entrypoint(entry["entrypoint"])
    values = _values(flow, entry)
    schedules = [_schedule(item) for item in entry.get("schedules", [])]
    schema = parameter_schema(flow).model_dump_for_openapi()
    try:
        stored = await client.read_deployment_by_name(f"{flow.name}/{entry['name']}")
    except ObjectNotFound:
        create = {**values, "parameter_openapi_schema": schema}
        flow_id = await client.create_flow_from_name(flow.name)
        plans = [DeploymentScheduleCreate(**item) for item in schedules]
        await client.create_deployment(flow_id, entry["name"], schedules=plans, **create)
        return
    # An update keeps the schedules' ids by their slugs; creating anew would plan their runs twice.
    update = {**values, "parameter_openapi_schema": schema, "schedules": schedules}
    await client.update_deployment(stored.id, DeploymentUpdate.model_validate(update))


def _values(flow: Flow[..., Any], entry: dict[str, Any]) -> dict[str, Any]:
    limit = entry.get("concurrency_limit", {})
    return {
        "description": flow.description,
        "tags": entry["tags"],
        "entrypoint": entry["entrypoint"],
        "parameters": entry.get("parameters", {}),
        "enforce_parameter_schema": True,
        "pull_steps": [],
        "work_pool_name": entry["work_pool"]["name"],
        "job_variables": entry["work_pool"]["job_variables"],
        "concurrency_limit": limit.get("limit"),
        "concurrency_options": _options(limit),
    }


def _schedule(item: dict[str, Any]) -> dict[str, Any]:
    return {
        "schedule": CronSchedule(cron=item["cron"], timezone=item["timezone"]),
        "active": item["active"],
        "slug": item["slug"],
        "parameters": item.get("parameters", {}),
    }


def _options(limit: dict[str, Any]) -> ConcurrencyOptions | None:
    return ConcurrencyOptions(collision_strategy=limit["collision_strategy"]) if limit else None


async def _make_alarm(client: PrefectClient) -> None:
    if await client.read_automations_by_name(ALARM):
        return
    silent = EventTrigger(
        after={"prefect.flow-run.heartbeat"},
        expect={"prefect.flow-run.heartbeat"}
        | {f"prefect.flow-run.{state}" for state in ("Completed", "Failed", "Cancelled", "Crashed")},
        match={"prefect.resource.id": ["prefect.flow-run.*"]},
        for_each={"prefect.resource.id"},
        posture=Posture.Proactive,
        threshold=1,
        within=SILENCE,
    )
    crash = ChangeFlowRunState(
        name="Crashed",
        state=StateType.CRASHED,
        message=f"No heartbeat for {SILENCE.total_seconds():.0f} s",
        force=False,
    )
    await client.create_automation(AutomationCore(name=ALARM, trigger=silent, actions=[crash]))
