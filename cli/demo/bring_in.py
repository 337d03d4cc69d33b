"""The district is written as an office's tables and taken in by the same import as any network.

It happens in a process of its own, `python -m cli.demo.bring_in`: the engine starts beside it, and its
memory is given back.
"""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Self

from cli.demo.home import Home
from cli.demo.hours import FIRST_MONDAY
from services.errors import refuse


class BringingIn:
    """The district on its way into the database."""

    def __init__(self, home: Home, *, hubs: int, volunteers: int, seed: int) -> None:
        self._log = home.logs / "import.log"
        size = [str(hubs), str(volunteers), str(seed), FIRST_MONDAY.isoformat()]
        self._command = [sys.executable, "-m", "cli.demo.bring_in", str(home.folder / "network"), *size]
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 -- our own command
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for the launcher, which ends it
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait()

    def wait(self) -> None:
        """Wait until it is in; raise `HubError` when it is refused."""
        assert self._process is not None
        if self._process.wait() != 0:
            words = "\n".join(self._log.read_text(encoding="utf-8", errors="replace").splitlines()[-8:])
            raise refuse(
                "import_failed",
                f"演示数据没有导进去，日志在{self._log}。最后几行：\n{words}",
                f"The demo's network was not imported; its log is {self._log}. Its last lines:\n{words}",
            )


def main(argv: list[str]) -> int:
    """Write a district into a folder and import it; return the import's exit code."""
    from cli.console import language
    from cli.demo.district import write_district
    from cli.import_file import run_import

    folder, (hubs, volunteers, seed), start = Path(argv[0]), map(int, argv[1:4]), date.fromisoformat(argv[4])
    write_district(folder, seed=seed, hubs=hubs, volunteers=volunteers, start=start)
    return run_import(folder, dry_run=False, template=False, language=language(), json_out=None)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
