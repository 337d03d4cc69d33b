"""The end of the demo: one table of what was done, broken promises in plain words, what to try next."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default
from pathlib import Path

from rich.console import Console
from rich.table import Table

from cli.demo.figures import WORDS, Check
from cli.demo.home import Home
from cli.demo.stages import Stage
from config.text import Language, Text

MEBIBYTE = 1024 * 1024
EXAMPLES = ("offer", "coordinator_digest", "report_drafted")
"""Kinds of which one mail each is copied to where it is easily found."""


@dataclass(frozen=True)
class Teller:
    """Says things on a console in its reader's language."""

    console: Console
    reader: Language

    def say(self, text: Text, style: str = "") -> None:
        """Print a sentence as it stands, for commands and links must not be broken."""
        self.console.print(text.in_(self.reader), style=style, highlight=False, markup=False, soft_wrap=True)

    def table(
        self, figures: Mapping[str, int], stages: Iterable[Stage], *, seconds: float, peak_bytes: int | None
    ) -> None:
        """Print what was done, how many and how long."""
        table = Table(
            title=Text("这一区的青年汇做了什么", "What the district did").in_(self.reader), show_lines=True
        )
        table.add_column(Text("做了什么", "What").in_(self.reader))
        table.add_column(Text("多少", "How many").in_(self.reader))
        table.add_column(Text("用时（秒）", "Seconds").in_(self.reader), justify="right")
        for stage in _joined(stages):
            counts = "\n".join(f"{figures[name]:,} {WORDS[name].in_(self.reader)}" for name in stage.figures)
            table.add_row(stage.title.in_(self.reader), counts, f"{stage.seconds:.1f}")
        table.add_row(
            Text("总共", "All together").in_(self.reader), self._totals(figures, peak_bytes), f"{seconds:.1f}"
        )
        self.console.print(table)

    def _totals(self, figures: Mapping[str, int], peak_bytes: int | None) -> str:
        mails = Text("{n}封邮件送到", "{n} mails delivered").format(n=f"{figures['mails_sent']:,}")
        memory = Text("内存最多{m} MiB", "{m} MiB of memory at most").format(m=(peak_bytes or 0) // MEBIBYTE)
        return "\n".join(text.in_(self.reader) for text in ([mails, memory] if peak_bytes else [mails]))

    def failures(self, broken: Iterable[Check], troubles: Iterable[Text]) -> None:
        """Say plainly which promises do not hold."""
        for check in broken:
            line = Text(
                "没做到：{what}是{found}，应{wanted}。", "Not as promised: {what}: {found}, wanted {wanted}."
            )
            self.say(line.format(what=check.what, found=check.found, wanted=check.wanted), "bold red")
        for trouble in troubles:
            self.say(trouble, "bold red")

    def next_steps(self, home: Home) -> None:
        """Say where everything is, and name the next three things to try."""
        examples = keep_examples(home.maildir, home.folder / "examples")
        link = report_link(examples.get("report_drafted"))
        here, program = f"cd {shlex.quote(str(home.folder))}", shlex.quote(_program())
        self.say(_where(home))
        steps: Sequence[tuple[Text, str]] = (
            (READ_MAIL, str(examples.get("offer", home.maildir))),
            (OPEN_REPORT.format(link=link or home.portal_url), f"{here} && {program} portal"),
            (TRY_MATCH, f"{here} && {program} match --hub XC-001 --dry-run"),
        )
        for number, (words, command) in enumerate(steps, 1):
            self.say(Text(f"{number}. {words.zh}\n   {command}", f"{number}. {words.en}\n   {command}"))


READ_MAIL = Text(
    "打开一封邀请邮件（双击，或任何邮件程序）：", "Open an offer mail (double click, or any mail program):"
)
OPEN_REPORT = Text(
    "打开报告页 {link}\n   先把网页开起来：", "Open the report page {link}\n   after starting the pages:"
)
TRY_MATCH = Text("给一家青年汇试配一次，什么都不会发出：", "Try a match for one hub; nothing is sent:")


def keep_examples(maildir: Path, folder: Path) -> dict[str, Path]:
    """Copy one mail of some kinds into `folder` as .eml files, and return those found by kind."""
    folder.mkdir(exist_ok=True)
    wanted, found = set(EXAMPLES), dict[str, Path]()
    for path in sorted((*(maildir / "cur").iterdir(), *(maildir / "new").iterdir())):
        kind = _kind(path)
        if kind in wanted:
            found[kind] = Path(shutil.copyfile(path, folder / f"{kind}.eml"))
            wanted.discard(kind)
        if not wanted:
            break
    return found


def report_link(mail: Path | None) -> str | None:
    """Return the address of the report's page that a mail names."""
    if mail is None:
        return None
    body = message_from_bytes(mail.read_bytes(), policy=default).get_body(("plain",))
    words = body.get_content().split() if body else []
    return next((word for word in words if "/r/" in word), None)


def _kind(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(8192).partition(b"\r\n\r\n")[0].decode("ascii", "replace")
    lines = (line.partition(": ") for line in head.splitlines())
    return next((value for name, _, value in lines if name == "X-Youth-Hub-Kind"), "")


def _joined(stages: Iterable[Stage]) -> list[Stage]:
    # Stages of later weeks bear the same title: the table adds them up.
    joined: dict[Text, Stage] = {}
    for stage in stages:
        if stage.title in joined:
            joined[stage.title].seconds += stage.seconds
        else:
            joined[stage.title] = Stage(stage.title, stage.total, stage.figures, stage.seconds)
    return list(joined.values())


def _where(home: Home) -> Text:
    database = (
        "PostgreSQL"
        if home.database_url.startswith("postgresql")
        else home.database_url.removeprefix("sqlite:///")
    )
    return Text(
        f"都留在这里：{home.folder}\n   邮件 {home.maildir}（Maildir）  数据库 {database}  日志 {home.logs}",
        f"It is all here: {home.folder}\n   mail {home.maildir} (a Maildir)  database {database}  logs {home.logs}",
    )


def _program() -> str:
    return "youthhub" if shutil.which("youthhub") else str(Path(sys.executable).with_name("youthhub"))
