"""The processes of the demo: engine, mail server and portal, each waited for until it answers."""

from __future__ import annotations

import os
import smtplib
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from types import TracebackType
from typing import Self

from cli.demo.home import Home
from cli.engine import EngineError, EngineServer, answers
from cli.supervisor import Process
from config.text import Refusal
from services.errors import HubError, refuse

START_SECONDS = 60.0
LOOK_SECONDS = 0.1
ENGINE_OF_A_DEMO = {
    # Nothing happens by the real calendar: the demo's days pass when the launcher says so.
    "PREFECT_SERVER_SERVICES_SCHEDULER_ENABLED": "false",
    # The alarm for runs that died unseen writes at every event, and now and then holds SQLite's one
    # lock for a minute; here the launcher waits for each run itself.
    "PREFECT_SERVER_SERVICES_TRIGGERS_ENABLED": "false",
    "PREFECT_LOGGING_LEVEL": "WARNING",
    # Nobody is there to take lines that are written while the engine ends.
    "PREFECT_LOGGING_TO_API_ENABLED": "false",
}

# Lines of runs would tear the progress bars apart; what failed is told at the end.
SILENT_HERE = {"PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL"}
HEARD_AGAIN = {"PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "WARNING"}


class Parts:
    """Starts everything at once and stops it in the end, the last one first."""

    def __init__(self, home: Home) -> None:
        os.environ.update(ENGINE_OF_A_DEMO)
        self.engine = EngineServer(home.folder / "engine", home.engine_port)
        # What this process and its children know of the engine they must know before they import it.
        os.environ.update(self.engine.env)
        self.home = home
        self.mail = Process("mail", _mail_command(home), {}, home.logs / "mail.log")
        self.portal = Process("portal", _portal_command(home), {}, home.logs / "portal.log")

    def __enter__(self) -> Self:
        with ExitStack() as half_way:
            for part in (self.engine, self.mail, self.portal):
                half_way.callback(part.stop)
                part.start()
            self._started = half_way.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._started.close()

    def wait(self) -> None:
        """Wait until every part answers; raise `HubError` with the log of one that does not."""
        _wait(self.mail, self._takes_mail)
        _wait(self.portal, lambda: answers(f"{self.home.portal_url}/healthz"))
        try:
            self.engine.wait(START_SECONDS)
        except EngineError as error:
            raise HubError(Refusal("engine_not_started", error.sentence)) from error

    def deploy(self) -> None:
        """Deploy every flow, as `prefect deploy --all` does."""
        from cli.deploying import bootstrap  # the engine reads its settings when it is imported

        os.environ.update(SILENT_HERE)  # the engine has started with its own words to its own log
        bootstrap(self.engine.api_url)

    def _takes_mail(self) -> bool:
        with suppress(OSError):
            smtplib.SMTP("127.0.0.1", self.home.smtp_port, timeout=5).quit()
            return True
        return False


def _mail_command(home: Home) -> list[str]:
    return [
        sys.executable,
        "-m",
        "cli.maildir_server",
        "--port",
        str(home.smtp_port),
        "--maildir",
        str(home.maildir),
    ]


def _portal_command(home: Home) -> list[str]:
    return [sys.executable, "-m", "cli", "portal", "--port", str(home.portal_port)]


def _wait(process: Process, serves: Callable[[], bool]) -> None:
    end = time.monotonic() + START_SECONDS
    while not serves():
        if not process.is_running or time.monotonic() > end:
            words = process.last_words()
            raise refuse(
                "part_not_started",
                f"{process.name} 没有起来，日志在{process.log}。最后几行：\n{words}",
                f"{process.name} did not start; its log is {process.log}. Its last lines:\n{words}",
            )
        time.sleep(LOOK_SECONDS)
