"""`youthhub doctor`: look at every part of a running network, and say what to mend."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from urllib.parse import urlsplit

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from cli.bell import EngineBell
from cli.console import say, write_json
from cli.engine import answers, engine_environment
from cli.rounds import hears_bells, is_open_to_all, unplanned
from config.settings import LOOPBACK, Settings, settings
from config.text import Text
from models import schema
from models.schema import SchemaError
from models.session import engine_for
from notifications import dkim, smtp
from services.breaker import Gate, gate

ROUND_SECONDS = 20.0
SLOW_SECONDS = 2.0


@dataclass(frozen=True)
class Finding:
    """What one look found; the sentence says what to do when it is not well."""

    part: str
    is_well: bool
    sentence: Text
    seconds: float


Look = Callable[[Settings], Text]


class Unwell(Exception):  # noqa: N818 -- named after what it says
    """A part is not as it should be; `sentence` says what to mend."""

    def __init__(self, sentence: Text) -> None:
        super().__init__(sentence.en)
        self.sentence = sentence


def run_doctor(*, json_out: str | None = None) -> int:
    """Look at each part in turn and print what was found; return 1 if something is to be mended."""
    findings = []
    for look in LOOKS:
        findings.append(finding := _find(look, settings()))
        if json_out != "-":
            mark = "✓" if finding.is_well else "✗"
            say(Text(f"{mark} {finding.sentence.zh}", f"{mark} {finding.sentence.en}"))
    write_json(findings, json_out)
    return 0 if all(finding.is_well for finding in findings) else 1


def database(at: Settings) -> Text:
    """Look whether the database answers, and whether its tables are those of this version."""
    schema.require_current(engine_for(at.database))
    return Text("数据库：能用，版本对。", "Database: open, and of this version.")


def mail(at: Settings) -> Text:
    """Look whether the mail relay takes a connection as delivery would make it."""
    try:
        dkim.require_key()
        smtp.connect().close()
    except (smtp.SmtpUnreachable, dkim.KeyUnusable) as error:
        raise Unwell(error.sentence) from error
    if (found := _gate(at)).is_open:
        raise Unwell(
            Text(
                f"{found.sentence.zh}修好后运行 youthhub mail deliver，马上再试。",
                f"{found.sentence.en} Once it is mended, youthhub mail deliver tries again at once.",
            )
        )
    return Text(
        f"邮件：{at.smtp_host}:{at.smtp_port} 接得上。",
        f"Mail: {at.smtp_host}:{at.smtp_port} takes connections.",
    )


def _gate(at: Settings) -> Gate:
    with Session(engine_for(at.database)) as session:
        return gate(session, smtp.relay_name())


def engine(at: Settings) -> Text:
    """Look whether the workflow engine answers."""
    if not answers(f"{_api(at)}/health"):
        raise Unwell(
            Text(
                f"工作流引擎在 {_api(at)} 没有应答。用 youthhub up 启动，或设好 PREFECT_API_URL。",
                f"The workflow engine does not answer at {_api(at)}. "
                "Start it with youthhub up, or set PREFECT_API_URL.",
            )
        )
    if urlsplit(_api(at)).hostname not in LOOPBACK and is_open_to_all(_api(at)):
        raise Unwell(
            Text(
                "工作流引擎不在本机，又没有口令：谁都能用它。设好 PREFECT_SERVER_API_AUTH_STRING。",
                "The workflow engine is off this machine and has no password, so anybody can use it. "
                "Set PREFECT_SERVER_API_AUTH_STRING.",
            )
        )
    return Text(f"工作流引擎：{_api(at)} 有应答。", f"Engine: {_api(at)} answers.")


def schedules(at: Settings) -> Text:
    """Look whether the engine plans runs: one that starts well and never does has been seen."""
    try:
        idle = unplanned(_api(at))
    except OSError as error:
        raise Unwell(
            Text(
                "定时：引擎没有应答，看不了。",
                "Schedules: the engine does not answer, so they cannot be seen.",
            )
        ) from error
    if idle:
        names = "、".join(idle)
        raise Unwell(
            Text(
                f"定时：{names} 没有排上下一次。等一分钟再看；还没有，看引擎的日志。",
                f"Schedules: no next run is planned for {', '.join(idle)}. "
                "Look again in a minute; if it is still so, read the engine's log.",
            )
        )
    return Text("定时：都排上了下一次。", "Schedules: each has its next run planned.")


def round_trip(at: Settings) -> Text:
    """Ask for work that is nothing but an answer, and time it from row to result."""
    schema.require_current(engine_for(at.database))  # nothing is written into tables of another version
    local = engine_environment(at.home.resolve() / "engine", at.engine_port)
    os.environ.update({name: value for name, value in local.items() if name not in os.environ})
    import_module("flows.bell")  # takes seconds, and is no part of the road that we time
    started = time.monotonic()
    has_answered = hears_bells(EngineBell())
    while not has_answered():
        if time.monotonic() - started > ROUND_SECONDS:
            raise Unwell(
                Text(
                    f"交办：等了{ROUND_SECONDS:.0f}秒没有人办。看看任务工人（python -m cli.worker）在不在。",
                    f"Dispatch: nobody did it within {ROUND_SECONDS:.0f} s. "
                    "See whether the task worker (python -m cli.worker) runs.",
                )
            )
        time.sleep(0.05)
    return _how_fast(time.monotonic() - started)


LOOKS: tuple[Look, ...] = (database, mail, engine, schedules, round_trip)


def _find(look: Look, at: Settings) -> Finding:
    started = time.monotonic()
    try:
        sentence, is_well = look(at), True
    except (Unwell, SchemaError) as unwell:
        sentence, is_well = unwell.sentence, False
    except SQLAlchemyError as error:
        sentence, is_well = _database_away(type(error).__name__), False
    return Finding(look.__name__, is_well, sentence, round(time.monotonic() - started, 3))


def _database_away(why: str) -> Text:
    return Text(
        f"数据库打不开（{why}）。看看 YOUTHHUB_DATABASE_URL，再运行 youthhub db upgrade。",
        f"The database does not open ({why}). Check YOUTHHUB_DATABASE_URL, then run youthhub db upgrade.",
    )


def _how_fast(seconds: float) -> Text:
    took = Text(f"交办：{seconds:.1f}秒办好。", f"Dispatch: done in {seconds:.1f} s.")
    if seconds <= SLOW_SECONDS:
        return took
    return Text(
        f"{took.zh}慢了（应在{SLOW_SECONDS:.0f}秒内）：铃没有传到，是查表才发现的，或者任务工人很忙。",
        f"{took.en} That is slow (it should be {SLOW_SECONDS:.0f} s): the bell was not heard and the row was "
        "found by looking, or the task worker is busy.",
    )


def _api(at: Settings) -> str:
    return os.environ.get("PREFECT_API_URL", f"http://127.0.0.1:{at.engine_port}/api")
