"""A document of observations, `{cycle, hubs, frame, observations}`, read with every bad row at once.

Beyond what every document has, it may hold who employs the assessors, what was promised, how many people were
asked, and when and by which file a row is shown; each of them lets more be checked. A bad row is refused, and the
other rows stand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from evaluation.framework import Framework
from evaluation.observation_checks import Check, Surroundings
from evaluation.observations import HubFacts, Inputs, Observation, value_problem
from evaluation.problems import Problem, Problems, spelling
from evaluation.promises import Promise, no_better
from evaluation.source import is_number

STAGES = frozenset({"promise", "mid_year", "year_end"})
KEYS = {
    "": {"cycle", "hubs", "frame", "observations", "raters", "promises"},
    "cycle": {"stage", "seed", "window", "apply_severity"},
    "hubs": {"code", "facts", "name", "closed"},
    "frame": {"hub", "stratum", "size", "invited"},
    "raters": {"id", "employer"},
    "promises": {"hub", "indicator", "baseline", "target"},
    "observations": set(Observation.__dataclass_fields__),
}
ISO_DAY = 10
TEXTS = ("rater", "stratum", "corrects", "reason", "at", "evidence")


@dataclass(frozen=True)
class Read:
    """Hold what came of a document: the rows that are right, and what is wrong with the others."""

    inputs: Inputs
    problems: tuple[Problem, ...]
    seed: int = 0
    stage: str = ""
    apply_severity: bool = False
    """Whether the cycle said, before anybody rated, that severity is taken off."""
    promises: tuple[Promise, ...] = ()

    @property
    def refusals(self) -> tuple[Problem, ...]:
        """Return the problems for which something was refused."""
        return tuple(problem for problem in self.problems if not problem.is_warning)


def facts_in(document: Any) -> frozenset[str]:
    """Return every name of a fact that the document's hubs report."""
    hubs = document.get("hubs") if isinstance(document, dict) else None
    found: set[str] = set()
    for hub in hubs if isinstance(hubs, list) else []:
        if isinstance(hub, dict) and isinstance(hub.get("facts"), dict):
            found.update(str(name) for name in hub["facts"])
    return frozenset(found)


def read_document(document: Any, framework: Framework, lines: Sequence[int] = ()) -> Read:
    """Read a document; the problems name the row and what was read. `lines` are those of the observations."""
    if not isinstance(document, dict):
        problems = Problems()
        problems.add("D00", "观测文件要是一个对象。", "The observations must be one object.")
        return Read(Inputs(()), problems.in_order)
    return _Reader(document, framework, lines).read()


@dataclass
class _Reader:
    """Reads one document, section by section, and notes what is wrong."""

    document: dict[str, Any]
    framework: Framework
    lines: Sequence[int]
    problems: Problems = field(default_factory=Problems)
    known: set[str] = field(default_factory=set)
    closed: set[str] = field(default_factory=set)

    def read(self) -> Read:
        self._unknown(self.document, "", "")
        cycle = self._cycle()
        hubs = self._hubs()
        frame, invited = self._frame()
        surroundings = Surroundings(frame, invited, self._employers(), self._window(cycle))
        rows, places = [], {}
        for row, where in self._observations():
            rows.append(row)
            places[row.id] = where
        standing = Check(self.framework, surroundings, places, self.problems).run(rows)
        promises = tuple(self._promises())
        seed, stage = cycle.get("seed", 0), cycle.get("stage")
        return Read(
            inputs=Inputs(hubs, tuple(standing), frame),
            problems=self.problems.in_order,
            seed=seed if isinstance(seed, int) else 0,
            stage=stage if isinstance(stage, str) else "",
            apply_severity=cycle.get("apply_severity") is True,
            promises=promises,
        )

    def _rows(self, key: str) -> list[tuple[int, dict[str, Any]]]:
        """Return the groups of a list with their places; anything else in it is noted."""
        rows = self.document.get(key)
        if rows is not None and not isinstance(rows, list):
            self.problems.add(
                "D00", f"“{key}”要是一列对象。", f'"{key}" must be a list of objects.', path=key
            )
            return []
        found = []
        for place, row in enumerate(rows or []):
            path = f"{key}[{place}]"
            if not isinstance(row, dict):
                zh, en = f"“{spelling(row)}”不是一个对象。", f'"{spelling(row)}" is not an object.'
                self.problems.add("D00", zh, en, path=path, read=row)
            elif not self._unknown(row, key, path):
                found.append((place, row))
        return found

    def _unknown(self, row: dict[str, Any], kind: str, path: str) -> bool:
        """Note every unknown key of a row, and say whether there was one."""
        strange = [key for key in row if key not in KEYS[kind]]
        for key in strange:
            here = f"{path}.{key}" if path else str(key)
            zh, en = f"不认识的键“{key}”。", f'Unknown key "{key}".'
            self.problems.add("D00", zh, en, path=here, read=key, among=KEYS[kind])
        return bool(strange)

    def _cycle(self) -> dict[str, Any]:
        cycle = self.document.get("cycle") or {}
        if not isinstance(cycle, dict):
            self.problems.add(
                "D00", "“cycle”要是一个对象。", '"cycle" must be an object.', path="cycle", read=cycle
            )
            return {}
        self._unknown(cycle, "cycle", "cycle")
        stage, seed = cycle.get("stage"), cycle.get("seed", 0)
        if stage is not None and (not isinstance(stage, str) or stage not in STAGES):
            zh = f"没有阶段“{stage}”，可用的有：{'、'.join(sorted(STAGES))}。"
            en = f'There is no stage "{stage}"; it takes {", ".join(sorted(STAGES))}.'
            self.problems.add("D11", zh, en, path="cycle.stage", read=stage, among=STAGES)
        if not isinstance(seed, int) or isinstance(seed, bool):
            zh, en = (
                f"seed要写整数，读到“{spelling(seed)}”。",
                f'The seed is a whole number, and "{spelling(seed)}" was read.',
            )
            self.problems.add("D01", zh, en, path="cycle.seed", read=seed)
        return cycle

    def _window(self, cycle: Mapping[str, Any]) -> tuple[str, str] | None:
        window = cycle.get("window")
        if window is None:
            return None
        if isinstance(window, list) and all(map(_is_day, window)) and window == sorted(window)[:2]:
            return window[0], window[1]
        zh = f"cycle.window要写两个日期，先早后晚，读到“{spelling(window)}”。"
        en = f'cycle.window takes two dates, the earlier first, and "{spelling(window)}" was read.'
        self.problems.add("D11", zh, en, path="cycle.window", read=window)
        return None

    def _hubs(self) -> tuple[HubFacts, ...]:
        found: dict[str, HubFacts] = {}
        names: dict[str, str] = {}
        for place, row in self._rows("hubs"):
            path, code = f"hubs[{place}]", row.get("code")
            if not isinstance(code, str) or not code:
                self.problems.add("D04", "没有青年汇编号。", "There is no hub code.", path=path, read=code)
                continue
            if code in found:
                zh, en = f"青年汇{code}写了两次。", f"The hub {code} is given twice."
                if row.get("name", names[code]) != names[code]:
                    zh = f"青年汇{code}有两个名称：{names[code]}、{row['name']}。"
                    en = f"The hub {code} has two names: {names[code]} and {row['name']}."
                self.problems.add("D04", zh, en, path=path, read=code)
                continue
            names[code] = str(row.get("name", ""))
            found[code] = HubFacts(code, self._facts(row, code, path))
            if row.get("closed"):
                self.closed.add(code)
        self.known = set(found) - self.closed
        return tuple(found[code] for code in sorted(self.known))

    def _facts(self, row: dict[str, Any], code: str, path: str) -> dict[str, float]:
        facts = row.get("facts") or {}
        if not isinstance(facts, dict):
            zh, en = f"{code}的facts要是一个对象。", f"The facts of {code} must be an object."
            self.problems.add("D01", zh, en, path=f"{path}.facts", read=facts)
            return {}
        for name, value in facts.items():
            if not is_number(value):
                zh = f"{code}的{name}要是数字或是非值，读到“{spelling(value)}”。"
                en = f'{name} of {code} takes a number or true and false, and "{spelling(value)}" was read.'
                self.problems.add("D01", zh, en, path=f"{path}.facts.{name}", read=value)
        return {name: float(value) for name, value in facts.items() if is_number(value)}

    def _frame(self) -> tuple[dict[tuple[str, str], int], dict[tuple[str, str], int]]:
        frame: dict[tuple[str, str], int] = {}
        invited: dict[tuple[str, str], int] = {}
        for place, row in self._rows("frame"):
            path, key = f"frame[{place}]", (str(row.get("hub")), str(row.get("stratum") or ""))
            if not self._is_known(row.get("hub"), {"path": path}):
                continue
            if key in frame:
                zh = f"{key[0]}（{key[1]}）的人数写了两次。"
                en = f"The size of {key[0]} ({key[1]}) is given twice."
                self.problems.add("D08", zh, en, path=path, read=row.get("size"))
            elif self._is_count(row.get("size"), f"{path}.size"):
                frame[key] = row["size"]
                if "invited" in row and self._is_count(row["invited"], f"{path}.invited"):
                    invited[key] = row["invited"]
        return frame, invited

    def _is_count(self, size: Any, path: str) -> bool:
        if isinstance(size, int) and not isinstance(size, bool) and size >= 0 and is_number(size):
            return True
        zh = "没有人数，所以不给区间。" if size is None else f"“{spelling(size)}”不是人数。"
        en = (
            "There is no number of people: no interval."
            if size is None
            else f'"{spelling(size)}" is not a count.'
        )
        self.problems.add("D08", zh, en, path=path, read=size)
        return False

    def _employers(self) -> dict[str, frozenset[str]]:
        found = {}
        for _, row in self._rows("raters"):
            employer = row.get("employer") or []
            among = employer if isinstance(employer, list) else [employer]
            found[str(row.get("id"))] = frozenset(map(str, among))
        return found

    def _promises(self) -> Iterable[Promise]:
        for place, row in self._rows("promises"):
            path = f"promises[{place}]"
            indicator = self._indicator(row, {"path": path}, path)
            if indicator is None or not self._is_known(row.get("hub"), {"path": path}):
                continue
            baseline, target = row.get("baseline"), row.get("target")
            if not is_number(baseline) or not is_number(target):
                zh, en = "baseline和target都要写数字。", "Baseline and target are both numbers."
                self.problems.add("D12", zh, en, path=path, read=target)
            elif (refusal := no_better(self.framework.indicator[indicator], baseline, target)) is not None:
                said = refusal.sentence
                self.problems.add(
                    "D12", f"{indicator}：{said.zh}", f"{indicator}: {said.en}", path=path, read=target
                )
            else:
                yield Promise(str(row["hub"]), indicator, float(baseline), float(target))

    def _observations(self) -> Iterable[tuple[Observation, dict[str, Any]]]:
        seen: set[str] = set()
        for place, row in self._rows("observations"):
            name = str(row.get("id", place))
            where: dict[str, Any] = {"path": f"observations[{place}]"}
            if place < len(self.lines):
                where["line"] = self.lines[place]
            if name in seen:
                zh, en = f"编号{name}用了两次。", f"The id {name} is used twice."
                self.problems.add("D05", zh, en, read=name, **where)
                continue
            seen.add(name)
            observation = self._observation(row, name, where)
            if observation is not None:
                yield observation, where

    def _observation(self, row: dict[str, Any], name: str, where: dict[str, Any]) -> Observation | None:
        """Return a row as an observation, or None after noting everything that is wrong with it."""
        is_known = self._is_known(row.get("hub"), where)
        indicator = self._indicator(row, where, name)
        is_dated = self._is_dated(row.get("at"), name, where)
        if indicator is None:
            return None
        kind = self.framework.indicator[indicator]
        is_right = value_problem(row.get("value"), kind, name, self.problems, **where)
        if not (is_known and is_dated and is_right):
            return None
        fields = {key: "" if row.get(key) is None else str(row[key]) for key in TEXTS}
        return Observation(name, str(row["hub"]), indicator, float(row["value"]), **fields)

    def _is_dated(self, at: Any, name: str, where: dict[str, Any]) -> bool:
        if at is None or at == "" or (isinstance(at, str) and _is_day(at[:10])):
            return True
        zh, en = (
            f"{name}的日期“{spelling(at)}”读不懂。",
            f'The date "{spelling(at)}" of {name} makes no sense.',
        )
        self.problems.add("D11", zh, en, read=at, **where)
        return False

    def _indicator(self, row: dict[str, Any], where: dict[str, Any], name: str) -> str | None:
        wanted = row.get("indicator")
        if isinstance(wanted, str) and wanted in self.framework.indicator:
            return wanted
        zh, en = (
            f"{name}的指标“{spelling(wanted)}”不存在。",
            f'{name} names an unknown indicator "{spelling(wanted)}".',
        )
        self.problems.add("D03", zh, en, read=wanted, among=self.framework.indicator, **where)
        return None

    def _is_known(self, code: Any, where: dict[str, Any]) -> bool:
        if isinstance(code, str) and code in self.known:
            return True
        if isinstance(code, str) and code in self.closed:
            zh, en = f"青年汇{code}已经关闭。", f"The hub {code} is closed."
        else:
            zh = f"青年汇“{spelling(code)}”不在名单里。"
            en = f'The hub "{spelling(code)}" is not on the list.'
        self.problems.add("D04", zh, en, read=code, among=self.known, **where)
        return False


def _is_day(text: Any) -> bool:
    try:
        return len(text) == ISO_DAY and bool(date.fromisoformat(text))
    except (TypeError, ValueError):
        return False
