"""Match a problem file without a database: read, solve, check, write the answer."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from cli.console import say
from config.text import Refusal, Text
from matching.problem import Answer, solve_problem
from matching.problem_reading import read_problem
from matching.problem_text import DoubleKeyError, parse_problem

MOST_REFUSALS = 50


def solve_problem_file(problem: Path, out: Path | None, time_limit: float, seed: int) -> int:
    """Solve the file and write the answer; return 0, or 1 after saying what is wrong with the file."""
    document = _read(problem)
    if isinstance(document, Refusal):
        return _refuse((document,))
    found = read_problem(document)
    del document  # a million pairs stand in it a second time
    if isinstance(found, tuple):
        return _refuse(found)
    answer = solve_problem(found, time_limit=time_limit, seed=seed)
    text = _as_text(answer)
    if out is None:
        sys.stdout.write(text)
        return 0
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        return _refuse((_cannot_write(out, error),))
    say(_summary(answer, out))
    return 0


def _as_text(answer: Answer) -> str:
    """Return the answer as JSON, one field a line: a person can read it and a large plan stays small."""
    fields = (
        f"{json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}"
        for name, value in answer.as_document().items()
    )
    return "{\n" + ",\n".join(fields) + "\n}\n"


def _read(path: Path) -> Any:
    """Return the parsed file, or a refusal that says where it stops being JSON."""
    try:
        return parse_problem(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        zh, en = f"读不了文件{path.name}：{error.strerror}", f"Cannot read {path.name}: {error.strerror}"
    except UnicodeDecodeError:
        zh, en = f"{path.name}不是UTF-8编码", f"{path.name} is not encoded as UTF-8"
    except json.JSONDecodeError as error:
        where = f"{error.lineno}:{error.colno}"
        zh, en = (
            f"{path.name}第{where}处不是JSON：{error.msg}",
            f"{path.name} is not JSON at {where}: {error.msg}",
        )
    except DoubleKeyError as error:
        zh, en = f"{path.name}里字段{error}写了两次", f"{path.name} gives the field {error} twice"
    except RecursionError:
        zh, en = f"{path.name}嵌套太深", f"{path.name} is nested too deeply"
    except ValueError:
        zh, en = f"{path.name}里有一个数太长", f"{path.name} holds a number that is too long"
    return Refusal("problem_file", Text(f"{zh}。", f"{en}."))


def _cannot_write(out: Path, error: OSError) -> Refusal:
    return Refusal(
        "answer_file",
        Text(f"写不了文件{out.name}：{error.strerror}。", f"Cannot write {out.name}: {error.strerror}."),
    )


def _refuse(refusals: tuple[Refusal, ...]) -> int:
    for refusal in refusals[:MOST_REFUSALS]:
        say(refusal.sentence, error=True)
    if len(refusals) > MOST_REFUSALS:
        more = len(refusals) - MOST_REFUSALS
        say(Text(f"还有{more}处。", f"And {more} more."), error=True)
    return 1


def _summary(answer: Answer, out: Path) -> Text:
    proof = "最优，已证明" if answer.status == "optimal" else f"离上界差{answer.gap:.2g}"
    proof_en = "proven optimal" if answer.status == "optimal" else f"within {answer.gap:.2g} of the bound"
    filled, left = len(answer.assignments), len(answer.unfilled)
    return Text(
        f"配上{filled}个，空着{left}个，目标值{answer.objective:g}（{proof}），写进{out.name}。",
        f"{filled} filled, {left} left, objective {answer.objective:g} ({proof_en}), written to {out.name}.",
    )
