"""Ask the parts of a running network whether they do what they are for, not only whether they live."""

from __future__ import annotations

import json
import os
import secrets
from base64 import b64encode
from collections.abc import Callable
from typing import Any
from urllib.request import Request, urlopen

from config import clock
from models.session import open_session, read_session
from services import dispatch
from services.dispatch import Bell


def post(url: str, question: dict[str, Any], *, password: str | None = None) -> Any:
    """Ask the engine's API and return its answer; raises `OSError` when there is none.

    `password` is "user:password", by default that of PREFECT_API_AUTH_STRING, if any.
    """
    secret = os.environ.get("PREFECT_API_AUTH_STRING", "") if password is None else password
    request = Request(url, data=json.dumps(question).encode())  # noqa: S310 -- the address is our own
    request.add_header("Content-Type", "application/json")
    if secret:
        request.add_header("Authorization", f"Basic {b64encode(secret.encode()).decode()}")
    with urlopen(request, timeout=5) as answer:  # noqa: S310 -- the address is our own
        return json.load(answer)


def is_open_to_all(api_url: str) -> bool:
    """Say whether the engine answers somebody without a password."""
    try:
        post(f"{api_url}/flow_runs/count", {}, password="")  # no password is the question
    except OSError:
        return False
    return True


def is_polling(api_url: str, pool: str) -> bool:
    """Say whether a worker of the pool reported to the engine lately."""
    try:
        workers = post(f"{api_url}/work_pools/{pool}/workers/filter", {})
    except OSError:
        return False
    return any(worker["status"] == "ONLINE" for worker in workers)


def unplanned(api_url: str) -> list[str]:
    """Return the deployments with a schedule of which the engine has planned no run."""
    planned = post(f"{api_url}/flow_runs/filter", {"flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}}})
    with_runs = {run["deployment_id"] for run in planned}
    return sorted(
        deployment["entrypoint"].rpartition(".")[2]
        for deployment in post(f"{api_url}/deployments/filter", {})
        if deployment["id"] not in with_runs and any(item["active"] for item in deployment["schedules"])
    )


def hears_bells(bell: Bell) -> Callable[[], bool]:
    """Ask for work that is nothing but an answer; the result says whether the answer has come."""
    with open_session() as session:
        key = f"answer_the_bell:{secrets.token_hex(8)}"  # every round is one of its own
        row = dispatch.request(session, "answer_the_bell", key=key, params={}, now=clock.now())
    assert row.id is not None
    number = row.id
    bell.ring(number)
    return lambda: _is_over(number)


def _is_over(dispatch_id: int) -> bool:
    with read_session() as session:
        return dispatch.result_view(session, dispatch_id).is_over
