"""`youthhub match --problem` on a file as large as a district's month: seconds and peak memory.

`python -m benchmarks.problem_file --size 20000x5000` measures the command in a process of its own, beside
Python's parser alone on the same file; `--keep FILE` keeps the file.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from benchmarks.matching_instances import Size, make_instance, size_of
from matching.eligibility import Eligibility
from matching.inputs import MatchingPolicy, Staffing
from matching.pairs import PairModel
from matching.pool import Pool
from matching.staffing import EXPERIENCED, build_model

# Every place counts alike in a problem file: 1000 a priority, as the anchor's instances have it.
POLICY = replace(MatchingPolicy(), desired_weight=MatchingPolicy().minimum_weight)
PARSER = "import json, sys; json.load(open(sys.argv[1], encoding='utf-8'))"


def write_problem(size: Size, seed: int, path: Path) -> int:
    """Write the problem file of a made-up month, a slot a place; return how many pairs it has."""
    staffing = make_instance(size, seed).in_order()
    pool = Pool(staffing)
    model = build_model(staffing, POLICY, pool, tuple(Eligibility(staffing, POLICY, pool).pools()))
    head = {
        "volunteers": list(_volunteers(staffing, model)),
        "activities": [
            {"id": f"a{activity.id}", "rules": [{"attribute": "experienced", "at_least": 1}]}
            for activity in staffing.activities
        ],
        "slots": list(_slots(staffing, model)),
        "blocked": [[f"v{one}", f"v{other}"] for one, other in sorted(staffing.blocked)],
        "travel": {"speed_kmh": POLICY.speed_kmh},
    }
    count = 0
    with path.open("w", encoding="utf-8") as file:
        file.write(json.dumps(head)[:-1] + ', "pairs": [')
        for count, pair in enumerate(_pairs(staffing, model), start=1):
            file.write((",\n" if count > 1 else "\n") + json.dumps(pair))
        file.write("]}\n")
    return count


def _volunteers(staffing: Staffing, model: PairModel) -> Iterator[dict[str, object]]:
    for place, person in enumerate(staffing.volunteers):
        yield {
            "id": f"v{person.id}",
            "capacity": {f"w{week}": hours for week, hours in enumerate(model.capacity[place].tolist())},
            "attributes": ["experienced"] if model.groups[EXPERIENCED, place] else [],
        }


def _slots(staffing: Staffing, model: PairModel) -> Iterator[dict[str, object]]:
    slots = model.slots
    for place, need in enumerate(staffing.needs):
        owner = staffing.activities[slots.activity[place]]
        for seat in range(slots.seats[place]):
            yield {
                "id": f"s{need.id}.{seat}",
                "activity": f"a{owner.id}",
                "period": f"w{slots.period[place]}",
                "start": datetime.fromtimestamp(int(slots.start[place]), UTC).isoformat(),
                "end": datetime.fromtimestamp(int(slots.end[place]), UTC).isoformat(),
                "place": [round(owner.lon or 0, 6), round(owner.lat or 0, 6)],
            }


def _pairs(staffing: Staffing, model: PairModel) -> Iterator[list[object]]:
    worth = model.value + model.slots.first_bonus[model.slot]
    columns = (model.person, model.slot, worth, model.load)
    for person, slot, value, load in zip(*(column.tolist() for column in columns), strict=True):
        for seat in range(model.slots.seats[slot]):
            yield [
                f"v{staffing.volunteers[person].id}",
                f"s{staffing.needs[slot].id}.{seat}",
                int(value),
                load,
            ]


def measure(size: Size, *, time_limit: float, seed: int, keep: Path | None) -> None:
    """Print what the command takes on the file of one size, beside Python's parser alone."""
    with tempfile.TemporaryDirectory() as folder:
        file, out = keep or Path(folder) / "problem.json", Path(folder) / "answer.json"
        pairs = write_problem(size, seed, file)
        print(f"\n{size}, {pairs:,} pairs, {file.stat().st_size / 1e6:.0f} MB of text")
        print(f"{'process':<44}{'seconds':>9}{'peak MiB':>10}")
        _row("Python's own parser, nothing else", [sys.executable, "-c", PARSER, str(file)])
        command = [sys.executable, "-m", "cli", "match", "--problem", str(file), "--out", str(out)]
        _row("youthhub match --problem", [*command, "--time-limit", str(time_limit)])
        answer = json.loads(out.read_text(encoding="utf-8"))
    print(
        f"{len(answer['assignments']):,} filled, {len(answer['unfilled']):,} left, gap {answer['gap']:.4%}, "
        f"{answer['seconds']:.1f} s of it solving"
    )


def _row(name: str, command: list[str]) -> None:
    began = monotonic()
    # A process between reads the peak of this one child, not the largest of all so far.
    code = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stdout=sys.stderr);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    done = subprocess.run([sys.executable, "-c", code, *command], check=True, capture_output=True, text=True)
    print(f"{name:<44}{monotonic() - began:>9.1f}{int(done.stdout) // 1024:>10,}")


def main(argv: list[str] | None = None) -> None:
    """Read the options and print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=size_of, action="append", help="people x places, such as 20000x5000")
    parser.add_argument("--time-limit", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="where to keep the problem file (of the last size)")
    options = parser.parse_args(argv)
    for size in options.size or [Size(2_000, 500), Size(20_000, 5_000)]:
        measure(size, time_limit=options.time_limit, seed=options.seed, keep=options.keep)


if __name__ == "__main__":
    main()
