"""The demo's stages at the size of the district and at a tenth of it, with peak memory, as one table.

`python -m benchmarks.stages` runs the demo twice, which takes some minutes; files of earlier runs
(`youthhub demo --json FILE`) can be named instead and are printed side by side. The baseline is the
smaller one: ten times the district should take no more than ten times as long.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

SIZES = ((18, 2_000), (177, 20_000))
MEBIBYTE = 1024 * 1024
LIMIT_SECONDS = 1_200


def run_demo(hubs: int, volunteers: int) -> dict[str, Any]:
    """Run the demo once, in a home that is removed afterwards, and return its own account."""
    home = Path(tempfile.mkdtemp(prefix="youthhub-bench-"))
    account = home / "account.json"
    command = [sys.executable, "-m", "cli", "demo", "--hubs", str(hubs), "--volunteers", str(volunteers)]
    command += ["--keep", str(home / "demo"), "--json", str(account)]
    try:
        subprocess.run(command, check=True, timeout=LIMIT_SECONDS, stdout=sys.stderr)
        return dict(json.loads(account.read_text(encoding="utf-8")))
    finally:
        shutil.rmtree(home)


def rows_of(accounts: list[dict[str, Any]]) -> list[list[str]]:
    """Return the table's rows: a stage a row, an account a column, then totals."""
    heads = [
        f"{account['size']['hubs']} hubs, {account['size']['volunteers']:,} volunteers"
        for account in accounts
    ]
    spent = [seconds_by_stage(account) for account in accounts]
    titles = list(dict.fromkeys(title for stages in spent for title in stages))
    rows = [["seconds", *heads]]
    rows += [[title, *(f"{stages.get(title, 0.0):.1f}" for stages in spent)] for title in titles]
    rows.append(["all together", *(f"{account['seconds']:.1f}" for account in accounts)])
    rows.append(
        ["peak memory, MiB", *(f"{(account['peak_bytes'] or 0) // MEBIBYTE}" for account in accounts)]
    )
    for figure in ("activities_done", "offers_sent", "participants_came", "mails_sent"):
        rows.append([figure.replace("_", " "), *(f"{account['figures'][figure]:,}" for account in accounts)])
    rows.append(["requests of people", *(f"{account['requests']:,}" for account in accounts)])
    return [
        [*row, ratio] for row, ratio in zip(rows, ["times the first", *map(_ratio, rows[1:])], strict=True)
    ]


def _ratio(row: list[str]) -> str:
    """Return how many times the first account (the baseline) the last one took."""
    first, last = (float(cell.replace(",", "")) for cell in (row[1], row[-1]))
    return f"{last / first:.1f}" if first else ""


def seconds_by_stage(account: dict[str, Any]) -> dict[str, float]:
    """Add up the stages of one account by their title, for weeks repeat them."""
    spent: dict[str, float] = {}
    for stage in account["stages"]:
        title = stage["title"]["en"]
        spent[title] = spent.get(title, 0.0) + stage["seconds"]
    return spent


def in_columns(rows: list[list[str]]) -> str:
    """Return the rows as text, the first column to the left and numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            [
                row[0].ljust(widths[0]),
                *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)),
            ]
        )
        for row in rows
    )


def main(argv: list[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stages", description=__doc__)
    parser.add_argument("accounts", nargs="*", type=Path, help="files written by youthhub demo --json")
    files = parser.parse_args(argv).accounts
    accounts = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    print(in_columns(rows_of(accounts or [run_demo(*size) for size in SIZES])))


if __name__ == "__main__":
    main()
