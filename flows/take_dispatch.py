"""Do the work of a dispatch row in a process of its own: bulk work, and work whose bell went unheard."""

from __future__ import annotations

from typing import Annotated

from prefect import flow
from pydantic import Field

from flows.take import take_up

DispatchId = Annotated[int, Field(ge=1)]


@flow(name="take-dispatch", log_prints=False)
async def take_dispatch(dispatch_id: DispatchId) -> str:
    """办一件交办的事 · Do what a dispatch row asks for, as a run of its own beside this one."""
    return await take_up(dispatch_id)
