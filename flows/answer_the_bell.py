"""Do nothing, but do it all the way: how `youthhub doctor` measures the road from bell to result."""

from __future__ import annotations

from datetime import datetime

from prefect import flow
from sqlmodel import Session

from config.text import Text
from flows.base import Told, perform


@flow(name="answer-the-bell", log_prints=False)
async def answer_the_bell() -> Told:
    """听铃 · Answer the bell: a run without work, to see that runs come through."""

    def answer(_session: Session, _now: datetime) -> Told:
        return Told((Text("听到了。", "The bell was heard."),))

    return await perform(answer)
