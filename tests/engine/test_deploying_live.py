"""On a live server: deploying twice changes nothing, schedules do fire, dead runs are noticed."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest
from prefect import get_client
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import DeploymentScheduleCreate
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateName,
)
from prefect.client.schemas.schedules import CronSchedule

from cli.deploying import ALARM, PREFECT_YAML, bootstrap, deployments
from cli.engine import EngineServer
from cli.rounds import unplanned
from tests.engine.conftest import eventually

pytestmark = [pytest.mark.slow, pytest.mark.prefect]
T = TypeVar("T")


def asked(question: Callable[[PrefectClient], Awaitable[T]]) -> T:
    async def ask() -> T:
        async with get_client() as client:
            return await question(client)

    return asyncio.run(ask())


async def deployed(client: PrefectClient) -> dict[str, tuple[str, list[tuple[str | None, str]]]]:
    """Each deployment's id, with the slugs and ids of its schedules, by entrypoint."""
    found = await client.read_deployments()
    return {
        str(item.entrypoint): (str(item.id), sorted((plan.slug, str(plan.id)) for plan in item.schedules))
        for item in found
    }


def test_deploying_again_by_command_keeps_every_deployment_and_schedule(server: EngineServer) -> None:
    """The second time by `prefect deploy --all`, which some versions of fastapi refuse."""
    before = asked(deployed)
    assert sorted(before) == sorted(entry["entrypoint"] for entry in deployments())
    command = [sys.executable, "-m", "prefect", "deploy", "--all", "--no-prompt"]
    done = subprocess.run(command, cwd=PREFECT_YAML.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    bootstrap(os.environ["PREFECT_API_URL"])
    assert asked(deployed) == before
    assert len(asked(lambda client: client.read_automations_by_name(ALARM))) == 1


def test_schedules_fire(server: EngineServer) -> None:
    """With SQLAlchemy 2.1 the server starts, deploys and runs by hand, and no schedule ever fires."""

    async def plan(client: PrefectClient) -> str:
        flow_id = await client.create_flow_from_name("answer-the-bell")
        every_minute = CronSchedule(cron="* * * * *", timezone="Asia/Shanghai")
        schedule = DeploymentScheduleCreate(schedule=every_minute, active=True, slug="minutely")
        return str(await client.create_deployment(flow_id, "minutely", schedules=[schedule]))

    mine = DeploymentFilter(id=DeploymentFilterId(any_=[asked(plan)]))
    scheduled = FlowRunFilter(state=FlowRunFilterState(name=FlowRunFilterStateName(any_=["Scheduled"])))

    async def planned(client: PrefectClient) -> int:
        return len(await client.read_flow_runs(deployment_filter=mine, flow_run_filter=scheduled))

    eventually(lambda: asked(planned) >= 3)
    eventually(lambda: unplanned(server.api_url) == [])
