"""Score files without a database: a framework, observations, and every node's unrounded value out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from cli.console import say, write_json
from cli.observation_files import read_observations
from config.text import Refusal, Text
from evaluation.evaluating import evaluation_of
from evaluation.framework import Framework
from evaluation.loading import FACTS
from evaluation.observation_file import facts_in, read_document
from evaluation.output import as_document
from evaluation.problems import Problem
from evaluation.rounding import shown
from evaluation.scoring import Score, Status
from services.errors import HubError
from services.framework_files import Opened, open_framework

MOST_SHOWN = 200
STATUS_WORDS = {
    Status.COMPLETE: Text("完整", "complete"),
    Status.PARTIAL: Text("缺一部分，已注明", "partial"),
    Status.PROVISIONAL: Text("暂定，数据不够", "provisional, too much is missing"),
    Status.NOT_ASSESSED: Text("不予评估", "not assessed"),
}


def evaluate_files(framework: Path, observations: Path, json_out: str | None) -> int:
    """Score the observations; return 0, or 1 after saying everything that is wrong with the files.

    A bad row is refused and the others are scored; a bad framework scores nothing. With `json_out` the problems
    are written in both languages, each with code, line or path, what was read and the nearest valid value.
    """
    document = read_observations(observations)
    opened = _open(framework, frozenset() if isinstance(document, Refusal) else facts_in(document.content))
    unread = [one.sentence for one in (opened, document) if isinstance(one, Refusal)]
    if isinstance(opened, Refusal) or isinstance(document, Refusal):
        return _refuse(unread)
    loaded = opened.loaded
    _tell(framework, loaded.problems)
    if loaded.framework is None:
        write_json({"hubs": [], "problems": _plain(framework, loaded.problems)}, json_out)
        return 1
    read = read_document(document.content, loaded.framework, document.lines)
    found = evaluation_of(loaded.framework, read)
    problems = (*read.problems, *found.notes)
    _tell(observations, problems)
    if not found.scores:
        say(
            Text(
                f"{observations.name}里没有青年汇，没有可评的。",
                f"There is no hub in {observations.name}, so nothing was scored.",
            ),
            error=True,
        )
    if json_out != "-":
        _print_table(loaded.framework, list(found.scores))
    told = [*_plain(framework, loaded.problems), *_plain(observations, problems)]
    write_json({**as_document(found), "problems": told}, json_out)
    return 1 if read.refusals else 0


def _tell(path: Path, problems: Sequence[Problem]) -> None:
    """Say every problem on standard error, refusals first."""
    ordered = sorted(problems, key=lambda problem: problem.is_warning)
    _refuse([_located(path, problem) for problem in ordered])


def _plain(path: Path, problems: Iterable[Problem]) -> list[dict[str, Any]]:
    return [{"file": path.name, **problem.document} for problem in problems]


def _open(path: Path, facts: frozenset[str]) -> Opened | Refusal:
    try:
        return open_framework(path.read_bytes(), path.name, metrics=None, facts=FACTS | facts)
    except HubError as error:
        said = error.sentence
        return Refusal("file", Text(f"{path.name}：{said.zh}", f"{path.name}: {said.en}"))
    except OSError as error:
        return Refusal(
            "file",
            Text(f"读不了文件{path.name}：{error.strerror}。", f"Cannot read {path.name}: {error.strerror}."),
        )


def _located(path: Path, problem: Problem) -> Text:
    return Text(f"{path.name}：{problem.told.zh}", f"{path.name}: {problem.told.en}")


def _refuse(sentences: list[Text]) -> int:
    for sentence in sentences[:MOST_SHOWN]:
        say(sentence, error=True)
    if len(sentences) > MOST_SHOWN:
        more = len(sentences) - MOST_SHOWN
        say(Text(f"还有{more}处。", f"And {more} more."), error=True)
    return 1


def _print_table(framework: Framework, scores: list[Score]) -> None:
    for one in scores:
        say(_line(framework, one))


def _line(framework: Framework, one: Score) -> Text:
    decimals = framework.scale.decimals
    total = "–" if one.total is None else shown(one.total, decimals)
    span = Text("", "")
    if one.interval is not None:
        low, high = (shown(end, decimals) for end in one.interval)
        span = Text(f"（{low}至{high}）", f" ({low} to {high})")
    band = one.band.text if one.band is not None else Text("", "")
    status = STATUS_WORDS[one.status]
    capped = Text("", "")
    if one.gates:
        capped = Text(
            "；" + "、".join(gate.text.zh for gate in one.gates),
            "; " + ", ".join(gate.text.en for gate in one.gates),
        )
    return Text(
        f"{one.hub}  {total}{span.zh}  {band.zh}  {status.zh}{capped.zh}",
        f"{one.hub}  {total}{span.en}  {band.en}  {status.en}{capped.en}",
    )
