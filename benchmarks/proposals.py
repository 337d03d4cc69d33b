"""Days and hours that were proposed, beside random free ones: which share of their places the matcher fills.

`make bench ARGS=proposals`. Hubs of an invented district want one more activity each, one after the other;
three ways choose its time among the same free times, and the real matcher then fills everything at once.
The district is the same for all three: what is planned already, people, skills, hours a week, distances.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from datetime import time as clock_time
from zoneinfo import ZoneInfo

from benchmarks.matching_instances import MONDAY, ZONE, Size, make_instance
from config.text import Text
from matching.inputs import Activity, Need, Staffing
from matching.staffing import match_staffing
from matching.supply import Supply, SupplyEstimate
from scheduling.conflicts import Booking, Calendar
from scheduling.proposals import Hours, Option, best, free_times, start_times

HOURS = Hours(clock_time(9), clock_time(21))
DAYS = 21
Way = Callable[[list[Booking], list[Supply], Staffing, random.Random], Booking]


@dataclass(frozen=True)
class Wish:
    """Hold one more activity that a hub wants, without a time."""

    activity: Activity
    needs: tuple[Need, ...]

    @property
    def minutes(self) -> int:
        return round(self.activity.hours * 60)

    def at(self, booking: Booking) -> Activity:
        return replace(self.activity, starts_at=booking.starts_at, ends_at=booking.ends_at)


def proposed(free: list[Booking], supplies: list[Supply], _town: Staffing, _chance: random.Random) -> Booking:
    options = [
        Option(one, supply.expected, supply.places, supply.free)
        for one, supply in zip(free, supplies, strict=True)
    ]
    return best(options, 1, ZONE)[0].booking


def at_random(
    free: list[Booking], _supplies: list[Supply], _town: Staffing, chance: random.Random
) -> Booking:
    return chance.choice(free)


def at_usual_hours(
    free: list[Booking], _supplies: list[Supply], town: Staffing, chance: random.Random
) -> Booking:
    """Choose a free hour of the week at which others of the district begin, the frequent ones more often."""
    usual = Counter(_hour_of_week(one.starts_at) for one in town.activities)
    weights = [usual[_hour_of_week(one.starts_at)] for one in free]
    return chance.choices(free, weights)[0] if any(weights) else chance.choice(free)


def _hour_of_week(moment: datetime) -> tuple[int, int]:
    local = moment.astimezone(ZoneInfo(ZONE))
    return local.weekday(), local.hour


WAYS: dict[str, Way] = {"proposed": proposed, "random usual": at_usual_hours, "random": at_random}


def run(size: Size, wishes: int, seed: int) -> None:
    town, wanted = _district(size, wishes, seed)
    print(f"{size}, {wishes} hubs want one more activity, seed {seed}")
    print(f"{'way':>16} {'new places filled':>18} {'share':>7} {'all places':>11} {'ms a proposal':>14}")
    for name, way in WAYS.items():
        filled, places, share, seconds = _tried(town, wanted, way, random.Random(seed))
        print(
            f"{name:>16} {f'{filled} of {places}':>18} {filled / places:>7.1%} {share:>11.1%}"
            f" {1000 * seconds / wishes:>14.0f}"
        )


def _district(size: Size, wishes: int, seed: int) -> tuple[Staffing, list[Wish]]:
    whole = make_instance(size, seed)
    chance = random.Random(seed + 1)
    of: dict[int, list[Need]] = {}
    for need in whole.needs:
        of.setdefault(need.activity_id, []).append(need)
    chosen = set(chance.sample([one.id for one in whole.activities], wishes))
    wanted = [Wish(one, tuple(of[one.id])) for one in whole.activities if one.id in chosen]
    town = replace(
        whole,
        activities=tuple(one for one in whole.activities if one.id not in chosen),
        needs=tuple(need for need in whole.needs if need.activity_id not in chosen),
    )
    return town, wanted


def _tried(
    town: Staffing, wanted: list[Wish], way: Way, chance: random.Random
) -> tuple[int, int, float, float]:
    calendar = Calendar(_booking(one) for one in town.activities)
    now, seconds = town, 0.0
    for wish in wanted:
        free = free_times(calendar, _times(wish))
        start = time.perf_counter()
        supplies = _supplies(now, wish, free) if way is proposed else []
        booking = way(free, supplies, town, chance)
        seconds += time.perf_counter() - start
        calendar.add(replace(booking, code=str(wish.activity.id)))
        now = replace(now, activities=(*now.activities, wish.at(booking)), needs=(*now.needs, *wish.needs))
    plan = match_staffing(now, time_limit=20)
    new = {need.id for wish in wanted for need in wish.needs}
    filled = sum(count for need, count in plan.filled.items() if need in new)
    places = sum(need.open_places for wish in wanted for need in wish.needs)
    share = len(plan.pairings) / sum(need.open_places for need in now.needs)
    return filled, places, share, seconds


def _supplies(town: Staffing, wish: Wish, free: list[Booking]) -> list[Supply]:
    activities = [replace(wish.at(one), id=-int(one.code)) for one in free]
    needs = [
        replace(need, id=activity.id * len(wish.needs) - number, activity_id=activity.id)
        for activity in activities
        for number, need in enumerate(wish.needs)
    ]
    return SupplyEstimate(town).of(activities, needs)


def _times(wish: Wish) -> list[Booking]:
    days = [(MONDAY + timedelta(days=number)).date() for number in range(3, DAYS)]
    times = start_times(days, wish.minutes, HOURS, ZONE)
    return [
        Booking(str(number), wish.activity.hub_id, "room", Text("", ""), starts_at, ends_at)
        for number, (starts_at, ends_at) in enumerate(times, 1)
    ]


def _booking(one: Activity) -> Booking:
    return Booking(f"a{one.id}", one.hub_id, "room", Text("", ""), one.starts_at, one.ends_at)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--volunteers", type=int, default=2000)
    parser.add_argument("--places", type=int, default=2000)
    parser.add_argument("--wishes", type=int, default=60)
    parser.add_argument("--seeds", type=int, default=2)
    given = parser.parse_args(arguments)
    for seed in range(1, given.seeds + 1):
        run(Size(given.volunteers, given.places), given.wishes, seed)


if __name__ == "__main__":
    main()
