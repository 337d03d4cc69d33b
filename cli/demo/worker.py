"""One run of the demo through a deployment and a worker of its own, as bulk work runs at scale."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from prefect import get_client

from cli.demo.parts import HEARD_AGAIN
from cli.deploying import POOL
from cli.supervisor import Process
from flows.in_place import DEPLOYMENT, flow_for
from services.errors import refuse

WAIT_SECONDS = 60.0
POLL_SECONDS = 0.2


class Worker:
    """A worker that takes what is scheduled on the pool, in processes of their own."""

    def __init__(self, env: dict[str, str], log: Path) -> None:
        command = [sys.executable, "-m", "prefect", "worker", "start", "--pool", POOL]
        # The worker starts its runs by the name `python`, which must be this one.
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        self.process = Process(
            "worker",
            [*command, "--type", "process", "--name", "demo", "--limit", "1"],
            {**env, **HEARD_AGAIN, "PATH": path},
            log,
        )

    def __enter__(self) -> Self:
        return self

    @property
    def is_started(self) -> bool:
        """Say whether somebody takes what is scheduled, or is about to."""
        return self.process.is_running

    def start(self) -> None:
        """Start the worker, and return before it polls."""
        self.process.start()

    def stop(self) -> None:
        """Stop the worker."""
        self.process.stop()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.stop()

    async def run(self, kind: str, params: dict[str, Any]) -> None:
        """Schedule a run of the kind's deployment and wait until it is completed."""
        end = time.monotonic() + WAIT_SECONDS
        async with get_client() as client:
            deployment = await client.read_deployment_by_name(f"{flow_for(kind).name}/{DEPLOYMENT}")
            run = await client.create_flow_run_from_deployment(deployment.id, parameters=params)
            while run.state is None or not run.state.is_final():
                if time.monotonic() > end or not self.process.is_running:
                    raise self._failed("没有完成", "did not end")
                await asyncio.sleep(POLL_SECONDS)
                run = await client.read_flow_run(run.id)
        if not run.state.is_completed():
            raise self._failed("失败了", "failed")

    def _failed(self, zh: str, en: str) -> Exception:
        log = self.process.log
        return refuse(
            "worker_failed",
            f"交给工作进程的运行{zh}，日志在{log}。",
            f"The run on the worker {en}; its log is {log}.",
        )
