"""A week of the district, hour by hour: the clock is moved, flows run, mail leaves, people answer."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlmodel import col, select

from cli.demo.home import Home
from cli.demo.hours import EVENING, FIRST_MONDAY, MORNING, moment
from cli.demo.memory import give_back
from cli.demo.stages import Progressing, Stages
from cli.demo.townspeople import Townspeople
from cli.demo.worker import Worker
from config import clock
from config.text import Text
from flows.in_place import run_in_place
from flows.take import take_up
from models import Dispatch
from models.session import read_session

CYCLE = "DEMO-2026"
DISTRICT = "XC"
SUNDAY = 6
ALL_MAIL = 20_000
MORNING_WORK = ("follow_up_offers", "remind_volunteers")
EVENING_WORK = ("close_activities",)
HOLD = timedelta(minutes=20)
"""Longer than news waits for company."""
FIRST_OF_MONTH = date(2026, 12, 1)
"""When managers get the digest of November."""
HAPPENED = ("offers_accepted", "activities_done", "volunteers_came", "hours_served", "participants_came")
EVALUATED = ("assessments_submitted", "residents_answered", "hubs_scored", "reports_released")
DIGESTS = ("coordinator_digests", "volunteer_digests", "manager_digests")


@dataclass
class Life:
    """The district as it lives through the demo."""

    home: Home
    town: Townspeople
    worker: Worker
    stages: Stages
    day: date = FIRST_MONDAY
    now: datetime = field(default_factory=lambda: moment(FIRST_MONDAY, MORNING))

    async def live(self, weeks: int) -> None:
        """Live through `weeks` weeks, the last of which is the week of the evaluation."""
        for week in range(weeks):
            monday, is_last = FIRST_MONDAY + timedelta(weeks=week), week == weeks - 1
            await self._begin_week(monday, opens_evaluation=is_last)
            await self._pass_days(monday)
            if is_last:
                await self._evaluate(monday + timedelta(days=SUNDAY))
            await self._tell_everybody(monday + timedelta(weeks=1))

    async def _begin_week(self, monday: date, *, opens_evaluation: bool) -> None:
        self._set_clock(monday, MORNING)
        with self.stages.stage(
            Text("排活动，过风险检查，给空位配人", "Plan activities, check risks, match volunteers"),
            3,
            "activities",
            "risk_checks",
            "places_filled",
        ) as stage:
            await self._plan(stage)
            await self._pass_checks()
            stage.advance()
            await self._do(stage, "match_volunteers", weeks=1)
        with self.stages.stage(
            Text("写邀请，请人评估", "Write offers, ask for assessments"),
            2,
            "offers_sent",
            "assessors_asked",
            "residents_drawn",
        ) as stage:
            await self._do(stage, "send_offers")
            if opens_evaluation:
                await self._do(stage, "open_evaluation", cycle=CYCLE, unit=DISTRICT)
        with self.stages.stage(
            Text("送信，年轻人报名，大家回信", "Deliver mail; young people sign up, people answer"),
            2,
            "sign_ups",
            "waiting",
            "consents_answered",
        ) as stage:
            await self._mail_and_answers("sign-ups")
            stage.advance()
            await self._mail_and_answers()
            stage.advance()

    async def _plan(self, stage: Progressing) -> None:
        """Plan a week; the first one goes through the deployment, while there is most memory to spare."""
        if self.worker.is_started:
            await self.worker.run("plan_activities", {"weeks": 1})
            self.worker.stop()
            stage.advance()
        else:
            await self._do(stage, "plan_activities", weeks=1)

    async def _pass_checks(self) -> None:
        """Social workers answer the checklist of what is risky, then managers say yes."""
        for _ in ("answered", "agreed"):
            await self._mail_and_answers()

    async def _pass_days(self, monday: date) -> None:
        halves = [(day, hour) for day in range(7) for hour in (MORNING, EVENING)][1:]
        title = Text("过一周：跟进、提醒、办活动", "Live the week: follow up, remind, hold")
        with self.stages.stage(title, len(halves), *HAPPENED) as stage:
            for day, hour in halves:
                self._set_clock(monday + timedelta(days=day), hour)
                await self._half_day(hour)
                stage.advance()

    async def _half_day(self, hour: time) -> None:
        for kind in MORNING_WORK if hour == MORNING else EVENING_WORK:
            await run_in_place(kind, {})
        if hour == MORNING and self.day.day == 1:
            await run_in_place("send_digests", {"audience": "managers"})
        await self._mail_and_answers()

    async def _evaluate(self, sunday: date) -> None:
        self._set_clock(sunday, EVENING)
        with self.stages.stage(
            Text("评估：收集、算分、起草、签发", "Evaluate: collect, score, draft, release"), 4, *EVALUATED
        ) as stage:
            await self._do(stage, "collect_scores", cycle=CYCLE)
            await self._do(stage, "score_hubs", cycle=CYCLE)
            await self._do(stage, "draft_report", cycle=CYCLE)
            await self._mail_and_answers()
            stage.advance()

    async def _tell_everybody(self, monday: date) -> None:
        self._set_clock(monday, MORNING)
        with self.stages.stage(Text("写简报，送给大家", "Write and deliver digests"), 5, *DIGESTS) as stage:
            await self._do(stage, "send_digests", audience="coordinators")
            await self._do(stage, "send_digests", audience="volunteers")
            if monday < FIRST_OF_MONTH:  # a single week ends the day before
                self._wait()
                await self._do(stage, "deliver_mail", limit=ALL_MAIL)
                self._set_clock(FIRST_OF_MONTH, MORNING)
                await self._do(stage, "send_digests", audience="managers")
            await self._mail_and_answers()
            self._wait()
            await self._do(stage, "deliver_mail", limit=ALL_MAIL)  # what the answers brought

    def _set_clock(self, day: date, hour: time) -> None:
        self.day, self.now = day, moment(day, hour)
        clock.move(self.home.clock_file, self.now)

    def _wait(self) -> None:
        """Let the minutes pass in which news waits for company."""
        self.now += HOLD
        clock.move(self.home.clock_file, self.now)

    async def _do(self, stage: Progressing, kind: str, **params: Any) -> None:
        await run_in_place(kind, params)
        give_back()
        stage.advance()

    async def _mail_and_answers(self, order: str = "step") -> None:
        """Deliver what is due, then let people read and answer.

        One after the other: together, each makes the other wait for its turn to write.
        """
        self._wait()
        await run_in_place("deliver_mail", {"limit": ALL_MAIL})
        await self._people(order)

    async def _people(self, order: str) -> None:
        await asyncio.to_thread(self.town.order, order, self.day)
        for dispatch_id in await asyncio.to_thread(_asked_for):
            await take_up(dispatch_id)


def _asked_for() -> list[int]:
    # What people asked for on a page stands in rows; with no bell in the house, we look ourselves.
    with read_session() as session:
        open_rows = select(Dispatch.id).where(col(Dispatch.done_at).is_(None), Dispatch.due_at <= clock.now())
        return [row for row in session.exec(open_rows.order_by(col(Dispatch.id))) if row is not None]
