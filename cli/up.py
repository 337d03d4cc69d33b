"""Everything on one machine: mail, engine, portal, workers and clock, started, watched and stopped.

The portal is there after a few seconds and accepts work at once; the engine takes longer, and then
does what was asked for meanwhile.
"""

from __future__ import annotations

import fcntl
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

from apscheduler.schedulers.background import BackgroundScheduler

from cli.console import say
from cli.engine import ENGINE, EngineError, EngineServer, answers, has_ended, is_silent
from cli.ports import accepts, is_taken
from cli.rounds import hears_bells, is_polling
from cli.signals import on_ending
from cli.supervisor import Process, Supervisor
from config.logs import start_logging
from config.settings import LOOPBACK, Settings, settings
from config.text import Text
from models import schema
from models.session import engine_for

PRIVILEGED = 1024
"""Below this, a mail server on this machine is a relay of the operator's own."""
LOOK_SECONDS = 0.5
WAIT_SECONDS = 0.1
ANSWER_SECONDS = 60.0
LOCK = "up.lock"
NAMES = {
    "mail": Text("本机邮箱", "local mail"),
    "engine": ENGINE,
    "portal": Text("页面", "pages"),
    "worker": Text("进程池", "process worker"),
    "task-worker": Text("任务工人", "task worker"),
}


def run_up() -> int:
    """Run everything until Ctrl-C or SIGTERM; return 0 after a clean stop, 1 when a part fails."""
    up = Up(settings())
    on_ending(lambda _number: up.stop.set())
    start_logging("WARNING")
    with alone_in(up.home) as is_alone:
        if not is_alone:
            say(_runs_already(up.home), error=True)
            return 1
        if taken := up.taken():
            for name, port in taken:
                say(_port_taken(NAMES[name], port), error=True)
            return 1
        return up.run()


@contextmanager
def alone_in(home: Path) -> Iterator[bool]:
    """Hold a home while the block runs; the value says whether nobody else holds it.

    The lock ends with its process, however that ends.
    """
    home.mkdir(parents=True, exist_ok=True)
    with (home / LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


class Stopped(Exception):  # noqa: N818 -- named after what happened
    """Somebody asked us to stop while we were starting."""


@dataclass
class Up:
    """One run of everything, from the first port looked at to the last process ended."""

    settings: Settings
    stop: threading.Event = field(default_factory=threading.Event)
    supervisor: Supervisor = field(default_factory=lambda: Supervisor(died=_say_died))
    clock: BackgroundScheduler | None = None

    def __post_init__(self) -> None:
        """Settle folders and settings; nothing is written or started yet."""
        self.home = self.settings.home.resolve()
        self.engine = EngineServer(self.home / "engine", self.settings.engine_port)
        # Children may run in other folders, and a worker starts its runs by the name `python`.
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        self.env = {**self.engine.env, "YOUTHHUB_HOME": str(self.home), "PATH": path}

    @property
    def pages(self) -> str:
        """Return the address of the portal on this machine."""
        return f"http://127.0.0.1:{self.settings.portal_port}"

    def taken(self) -> list[tuple[str, int]]:
        """Return the parts whose port somebody else has, with the port."""
        wanted = [
            ("portal", self.settings.portal_host, self.settings.portal_port),
            ("engine", "127.0.0.1", self.engine.port),
        ]
        if self.keeps_mail:
            wanted.append(("mail", self.settings.smtp_host, self.settings.smtp_port))
        return [(name, port) for name, host, port in wanted if is_taken(host, port)]

    @property
    def keeps_mail(self) -> bool:
        """Say whether mail stays on this machine, in a folder that any mail client opens."""
        return self.settings.smtp_host in LOOPBACK and self.settings.smtp_port >= PRIVILEGED

    def run(self) -> int:
        """Start all parts, watch them until told to stop, and stop them all."""
        try:
            self.start()
            say(Text("都起来了。按 Ctrl-C 停下。", "Everything is up. Press Ctrl-C to stop."))
            while not self.stop.wait(LOOK_SECONDS):
                self.supervisor.look()
        except Stopped:
            pass
        except EngineError as error:
            say(error.sentence, error=True)
            return 1
        finally:
            self.end()
        return 0

    def start(self) -> None:
        """Start all parts; raises `EngineError` naming one that fails, `Stopped` when told to stop."""
        schema.upgrade(engine_for(self.settings.database))
        if self.keeps_mail:
            self._start("mail", "-m", "cli.maildir_server", *self._mail_options())
        self.engine.prepare()
        self.supervisor.start(self.engine.process)
        self._start("portal", "-m", "cli", "portal")
        self._import_the_engine_s_client()
        if self.keeps_mail:
            self._wait("mail", lambda: accepts(self.settings.smtp_host, self.settings.smtp_port))
            say(_at("mail", str(self.home / "mail")))
        self._wait("portal", lambda: answers(f"{self.pages}/healthz"))
        say(_at("portal", self.pages))
        self._wait("engine", self.engine.answers)
        say(_at("engine", f"http://127.0.0.1:{self.engine.port}"))
        self._start_work()

    def end(self) -> None:
        """Stop all parts, the last one started first."""
        say(Text("正在停下……", "Stopping …"))
        if self.clock is not None:
            self.clock.shutdown(wait=False)
        self.supervisor.stop()
        say(Text("都停了。", "Everything has stopped."))

    def _start_work(self) -> None:
        from cli.bell import EngineBell
        from cli.clock import start_clock
        from cli.deploying import POOL, bootstrap, plan_first_runs

        self.engine.keep()
        self._start("task-worker", "-m", "cli.worker")
        bootstrap(self.engine.api_url)
        plan_first_runs(self.engine.api_url)
        self._start("worker", "-m", "prefect", "worker", "start", "--pool", POOL, "--limit", "2")
        self.clock = start_clock(bell := EngineBell())
        self._wait("worker", lambda: is_polling(self.engine.api_url, POOL))
        self._wait("task-worker", hears_bells(bell))

    def _import_the_engine_s_client(self) -> None:
        # It takes seconds, which the engine needs as well; it reads its settings when it is imported.
        os.environ.update(self.env)
        threading.Thread(target=import_module, args=("cli.deploying",), daemon=True).start()

    def _start(self, name: str, *arguments: str) -> None:
        log = self.home / "log" / f"{name}.log"
        self.supervisor.start(Process(name, [sys.executable, *arguments], self.env, log))

    def _mail_options(self) -> list[str]:
        place = ["--host", self.settings.smtp_host, "--port", str(self.settings.smtp_port)]
        return [*place, "--maildir", str(self.home / "mail")]

    def _wait(self, name: str, is_there: Callable[[], bool]) -> None:
        process = next(item.process for item in self.supervisor.watched if item.process.name == name)
        end = time.monotonic() + ANSWER_SECONDS
        while not is_there():
            if self.stop.wait(WAIT_SECONDS):
                raise Stopped
            if not process.is_running:
                raise EngineError(has_ended(NAMES[name], process))
            if time.monotonic() > end:
                raise EngineError(is_silent(NAMES[name], ANSWER_SECONDS, process))


def _say_died(process: Process) -> None:
    name = NAMES[process.name]
    say(
        Text(
            f"“{name.zh}”停了，马上再起。日志在 {process.log}。",
            f"The {name.en} ended and is started again; its log is {process.log}.",
        ),
        error=True,
    )


def _at(name: str, address: str) -> Text:
    return Text(f"{NAMES[name].zh}：{address}", f"{NAMES[name].en.capitalize()}: {address}")


def _runs_already(home: Path) -> Text:
    return Text(
        f"{home} 里的这一套已经在运行，没有再启动一次。",
        f"What lives in {home} is running already; it was not started a second time.",
    )


def _port_taken(name: Text, port: int) -> Text:
    return Text(
        f"“{name.zh}”要用的端口{port}已被占用，什么都没有启动。先停掉占用它的程序，或换一个端口。",
        f"The port {port} of the {name.en} is taken; nothing was started. "
        "Stop the program that holds it, or choose another port.",
    )
