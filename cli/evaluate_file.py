"""Score files without a database: a framework, observations, and every node's unrounded value out."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

from cli.console import say, write_json
from config.text import Refusal, Text
from evaluation.framework import Framework
from evaluation.loading import FACTS, load
from evaluation.observation_file import facts_in, read_document
from evaluation.output import as_document
from evaluation.problems import Problem
from evaluation.rounding import shown
from evaluation.scoring import Score, Status, score

MOST_SHOWN = 50
STATUS_WORDS = {
    Status.COMPLETE: Text("完整", "complete"),
    Status.PARTIAL: Text("缺一部分，已注明", "partial"),
    Status.PROVISIONAL: Text("暂定，数据不够", "provisional, too much is missing"),
    Status.NOT_ASSESSED: Text("不予评估", "not assessed"),
}


def evaluate_files(framework: Path, observations: Path, json_out: str | None) -> int:
    """Score the observations; return 0, or 1 after saying everything that is wrong with the files."""
    text, document = _read(framework), _read_observations(observations)
    unread = [one for one in (text, document) if isinstance(one, Refusal)]
    if unread:
        return _refuse([refusal.sentence for refusal in unread])
    loaded = load(str(text), facts=FACTS | facts_in(document))
    for warning in (problem for problem in loaded.problems if problem.is_warning):
        say(_located(framework, warning), error=True)
    if loaded.framework is None:
        return _refuse(
            [_located(framework, problem) for problem in loaded.problems if not problem.is_warning]
        )
    read = read_document(document, loaded.framework)
    if read.problems:
        return _refuse([_located(observations, problem) for problem in read.problems])
    scores = score(loaded.framework, read.inputs)
    if json_out != "-":
        _print_table(loaded.framework, scores)
    write_json(as_document(scores), json_out)
    return 0


def _read(path: Path) -> str | Refusal:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        return Refusal("file", Text(f"{path.name}不是UTF-8编码。", f"{path.name} is not encoded as UTF-8."))
    except OSError as error:
        return Refusal(
            "file",
            Text(f"读不了文件{path.name}：{error.strerror}。", f"Cannot read {path.name}: {error.strerror}."),
        )


def _read_observations(path: Path) -> Any | Refusal:
    text = _read(path)
    if isinstance(text, Refusal):
        return text
    if path.suffix.lower() == ".csv":
        return _from_rows(list(csv.DictReader(io.StringIO(text))))
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        at = f"{error.lineno}:{error.colno}"
        return Refusal(
            "file",
            Text(
                f"{path.name}第{at}处不是JSON：{error.msg}。",
                f"{path.name} is not JSON at {at}: {error.msg}.",
            ),
        )
    except RecursionError:
        return Refusal("file", Text(f"{path.name}嵌套太深。", f"{path.name} is nested too deeply."))


def _from_rows(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a document of observations alone; its hubs are those that the rows name."""
    codes = sorted({str(row.get("hub") or "") for row in rows} - {""})
    for row in rows:
        row["value"] = _number(row.get("value"))
    return {"hubs": [{"code": code} for code in codes], "observations": rows}


def _number(cell: str | None) -> float | str | None:
    try:
        return float(cell or "")
    except ValueError:
        return cell


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
