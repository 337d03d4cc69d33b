"""How long an import takes at the size of the district and at a tenth of it, and how much memory.

`python -m benchmarks.import_people` writes the demo's district as a workbook and as a folder of
tables and takes each in twice. The baseline is reading the same workbook with openpyxl alone.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from sqlmodel import Session

from cli.demo.district import write_district
from cli.import_file import read_file
from models import schema
from models.session import make_engine
from services.importing.network import import_tables

START = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, tzinfo=UTC)
SIZES = ((18, 2_000), (177, 20_000))
HEADS = ("people", "file", "write", "read", "first import", "again", "openpyxl alone", "peak MiB")


def main(_argv: list[str] | None = None) -> None:
    print("  ".join(f"{head:>14}" for head in HEADS))
    for hubs, volunteers in SIZES:
        for name in ("tables", "network.xlsx"):
            # A process each, or the peak of one would be the peak of all that follow.
            command = [sys.executable, "-m", "benchmarks.import_people", str(hubs), str(volunteers), name]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            print("  ".join(f"{cell:>14}" for cell in json.loads(done.stdout)))


def measure(hubs: int, volunteers: int, name: str) -> list[str]:

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        written, _ = timed(
            lambda: write_district(path, seed=2026, hubs=hubs, volunteers=volunteers, start=START)
        )
        read, (_, sheets) = timed(lambda: read_file(path))
        take_in = importer(Path(folder) / "youthhub.sqlite3", sheets)
        first, _ = timed(take_in)
        again, report = timed(take_in)
        assert (report.added, report.changed) == (0, 0)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        alone = "" if path.is_dir() else f"{timed(lambda: read_with_openpyxl(path))[0]:.1f} s"
    seconds = [f"{each:.1f} s" for each in (written, read, first, again)]
    return [f"{volunteers:,}", name, *seconds, alone, str(peak)]


def importer(database: Path, sheets: list[Any]) -> Callable[[], Any]:

    engine = make_engine(f"sqlite:///{database}")
    schema.upgrade(engine)

    def take_in() -> Any:
        with Session(engine.execution_options(sqlite_begin="IMMEDIATE")) as session, session.begin():
            return import_tables(session, sheets, now=NOW)

    return take_in


def read_with_openpyxl(path: Path) -> int:

    book = load_workbook(path, read_only=True, data_only=True)
    return sum(1 for page in book for _ in page.iter_rows(values_only=True))


def timed(deed: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.perf_counter()
    result = deed()
    return time.perf_counter() - begun, result


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(measure(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])))
    else:
        main()
