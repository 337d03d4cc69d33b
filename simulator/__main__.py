"""Run the simulated town: `python -m simulator --maildir DIR --base-url URL --seed N`.

Each line on standard input is one order, and each order is answered by one line of JSON with counts:
`sign-ups` lets young people sign up for what the programmes announce, `step` lets everybody read and
answer the mails that came, `quit` ends. A date may follow an order: the day on which it happens.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, TextIO

from simulator.answers import DEEDS, errand
from simulator.behaviour import Dice
from simulator.mailbox import Mailbox
from simulator.sign_ups import programme_errands, sign_up_errands
from simulator.town import Town


class Simulation:
    """Carries out one order after the other."""

    def __init__(self, town: Town, mailbox: Mailbox, share: float) -> None:
        self.town = town
        self.mailbox = mailbox
        self.share = share
        self.orders = {"step": self.step, "sign-ups": self.sign_ups}

    def step(self) -> dict[str, Any]:
        """Let everybody read and answer the mails that came."""
        kinds, letters = self.mailbox.fetch()
        if letters:
            self.town.learn_hubs()
        done = self.town.run([errand(letter, self.town) for letter in letters])
        return {"read": _sorted(kinds), "done": _sorted(done)}

    def sign_ups(self) -> dict[str, Any]:
        """Let young people browse the programmes and sign up."""
        self.town.learn_hubs()
        found: dict[str, list[str]] = {}
        self.town.run(programme_errands(self.town, found))
        done = self.town.run(sign_up_errands(self.town, found, self.share))
        return {"read": {}, "done": _sorted(done), "activities": sum(map(len, found.values()))}

    def obey(self, line: str) -> dict[str, Any]:
        """Carry out the order of one line and return what was done."""
        order, _, day = line.partition(" ")
        if order not in self.orders:
            return {"error": f"no such order: {order}"}
        if day:
            self.town.today = date.fromisoformat(day)
        requests, start = self.town.requests, time.monotonic()
        result = self.orders[order]()
        seconds = round(time.monotonic() - start, 3)
        return {"order": order, **result, "requests": self.town.requests - requests, "seconds": seconds}


def _sorted(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items()))


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m simulator", description=__doc__)
    parser.add_argument("--maildir", type=Path, required=True)
    parser.add_argument("--base-url", required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument(
        "--participants-share", type=float, default=1.0, help="how many come, against the table"
    )
    parser.add_argument("--threads", type=int, default=4)
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None, orders: TextIO = sys.stdin, answers: TextIO = sys.stdout) -> int:
    """Obey orders until there are no more."""
    arguments = _arguments(argv)
    town = Town(arguments.base_url, Dice(arguments.seed), threads=arguments.threads)
    simulation = Simulation(town, Mailbox(arguments.maildir, frozenset(DEEDS)), arguments.participants_share)
    try:
        for line in iter(orders.readline, ""):
            if line.strip() == "quit":
                break
            answers.write(json.dumps(simulation.obey(line.strip()), ensure_ascii=False) + "\n")
            answers.flush()
    finally:
        town.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
