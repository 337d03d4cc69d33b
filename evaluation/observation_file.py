"""A document of observations, `{cycle, hubs, frame, observations}`, read with every bad row at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from evaluation.framework import Framework
from evaluation.observations import HubFacts, Inputs, Observation, check, value_problem
from evaluation.problems import Problem, Problems


@dataclass(frozen=True)
class Read:
    """Hold what came of a document: the rows that are right, and what is wrong with the others."""

    inputs: Inputs
    problems: tuple[Problem, ...]
    seed: int = 0


def facts_in(document: Any) -> frozenset[str]:
    """Return every name of a fact that the document's hubs report."""
    hubs = document.get("hubs") if isinstance(document, dict) else None
    found: set[str] = set()
    for hub in hubs if isinstance(hubs, list) else []:
        if isinstance(hub, dict) and isinstance(hub.get("facts"), dict):
            found.update(str(name) for name in hub["facts"])
    return frozenset(found)


def read_document(document: Any, framework: Framework) -> Read:
    """Read `{cycle, hubs, frame, observations}`; the problems name the row and what was read."""
    problems = Problems()
    if not isinstance(document, dict):
        problems.add("D00", "观测文件要是一个对象。", "The observations must be one object.")
        return Read(Inputs(()), problems.in_order)
    _unknown(document, {"cycle", "hubs", "frame", "observations"}, "", problems)
    cycle = document.get("cycle") or {}
    if isinstance(cycle, dict):
        _unknown(cycle, {"stage", "seed"}, "cycle.", problems)
    hubs = _hubs(_rows(document, "hubs", problems), problems)
    known = {hub.code for hub in hubs}
    frame = _frame(_rows(document, "frame", problems), known, problems)
    rows = _rows(document, "observations", problems)
    observations = tuple(_observations(rows, known, framework, problems))
    problems.found.extend(check(observations, framework, frame))
    seed = cycle.get("seed", 0) if isinstance(cycle, dict) else 0
    return Read(Inputs(hubs, observations, frame), problems.in_order, seed if isinstance(seed, int) else 0)


def _rows(document: dict[str, Any], key: str, problems: Problems) -> list[dict[str, Any]]:
    rows = document.get(key, [])
    if isinstance(rows, list) and all(isinstance(row, dict) for row in rows):
        return rows
    problems.add("D00", f"“{key}”要是一列对象。", f'"{key}" must be a list of objects.', path=key)
    return []


def _hubs(rows: list[dict[str, Any]], problems: Problems) -> tuple[HubFacts, ...]:
    found: dict[str, HubFacts] = {}
    for place, row in enumerate(rows):
        path = f"hubs[{place}]"
        _unknown(row, {"code", "facts"}, f"{path}.", problems)
        code, facts = row.get("code"), row.get("facts", {})
        if not isinstance(code, str) or not code:
            problems.add("D04", f"{path}没有青年汇编号。", f"{path} has no hub code.", path=path, read=code)
            continue
        if code in found:
            problems.add(
                "D04", f"青年汇{code}写了两次。", f"The hub {code} is given twice.", path=path, read=code
            )
        if not isinstance(facts, dict) or not all(isinstance(value, int | float) for value in facts.values()):
            problems.add(
                "D01",
                f"{code}的facts要是数字或是非值。",
                f"The facts of {code} must be numbers or true and false.",
                path=f"{path}.facts",
            )
            facts = {}
        found.setdefault(code, HubFacts(code, {name: float(value) for name, value in facts.items()}))
    return tuple(found[code] for code in sorted(found))


def _frame(rows: list[dict[str, Any]], hubs: set[str], problems: Problems) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for place, row in enumerate(rows):
        path, size = f"frame[{place}]", row.get("size")
        _unknown(row, {"hub", "stratum", "size"}, f"{path}.", problems)
        if row.get("hub") not in hubs:
            _unknown_hub(row.get("hub"), hubs, path, problems)
        elif not isinstance(size, int) or isinstance(size, bool) or size < 0:
            problems.add(
                "D08",
                f"{path}的人数{size}不对。",
                f"The size {size} of {path} is not a count.",
                path=path,
                read=size,
            )
        else:
            found[str(row["hub"]), str(row.get("stratum") or "")] = size
    return found


def _observations(
    rows: list[dict[str, Any]], hubs: set[str], framework: Framework, problems: Problems
) -> Iterable[Observation]:
    keys = set(Observation.__dataclass_fields__)
    seen: set[str] = set()
    for place, row in enumerate(rows):
        name = str(row.get("id", place))
        path = f"observations[{place}]"
        _unknown(row, keys, f"{path}.", problems)
        if name in seen:
            problems.add(
                "D05", f"编号{name}用了两次。", f"The id {name} is used twice.", path=path, read=name
            )
        seen.add(name)
        indicator = framework.indicator.get(str(row.get("indicator")))
        if row.get("hub") not in hubs:
            _unknown_hub(row.get("hub"), hubs, path, problems)
        elif indicator is None:
            wrong = row.get("indicator")
            problems.add(
                "D03",
                f"{name}的指标“{wrong}”不存在。",
                f'{name} names an unknown indicator "{wrong}".',
                path=path,
                read=wrong,
                among=framework.indicator,
            )
        elif value_problem(row.get("value"), indicator, name, problems):
            fields = {
                key: "" if row.get(key) is None else str(row[key])
                for key in ("rater", "stratum", "corrects", "reason")
            }
            yield Observation(name, str(row["hub"]), indicator.id, float(row["value"]), **fields)


def _unknown(row: dict[str, Any], known: set[str], path: str, problems: Problems) -> None:
    for key in row:
        if key not in known:
            problems.add(
                "D00",
                f"不认识的键“{path}{key}”。",
                f'Unknown key "{path}{key}".',
                path=f"{path}{key}",
                read=key,
                among=known,
            )


def _unknown_hub(code: Any, hubs: set[str], path: str, problems: Problems) -> None:
    problems.add(
        "D04",
        f"{path}的青年汇“{code}”不在名单里。",
        f'The hub "{code}" of {path} is not on the list.',
        path=path,
        read=code,
        among=hubs,
    )
