"""Cells of a workbook as values of a framework file, and values as one line of YAML."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from typing import Any

SEPARATORS = re.compile(r"\s*[,，、;；]\s*")
JOINED = frozenset({"languages", "strata", "roles", "types", "indicators"})
"""Keys whose cell holds a list, with commas between."""
WORDS = frozenset(
    {
        *("id", "version", "zh", "en", "metric", "unit", "item", "supersedes", "when", "parent", "part"),
        *("dimension", "indicator", "bridge.from"),
    }
)
"""Keys whose cell is text even where an office program made a number of it: version 2026.1."""
PLAIN_KEY = re.compile(r"[\w.-]+")


def plain(value: Any) -> Any:
    """Return a cell as it counts: whole numbers whole, text without the spaces around it, nothing as None."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str):
        return value.strip() or None
    return value.date() if isinstance(value, datetime) else value


def value_of(path: str, value: Any) -> Any:
    """Return what a cell means under a key: a list where one stands there, text where a number would be wrong."""
    last = path.rsplit(".", 1)[-1]
    if last in JOINED and value is not None:
        return [part for part in SEPARATORS.split(str(value)) if part]
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number and (path in WORDS or last in WORDS) else value


def flow(value: Any) -> str:
    """Return a value as one line of YAML; text is always quoted, so that it stays text."""
    if isinstance(value, dict):
        if value and all(key.isdigit() for key in value):
            return flow([value[key] for key in sorted(value, key=int)])
        return "{" + ", ".join(f"{as_key(key)}: {flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False, default=str)


def as_key(name: str) -> str:
    """Return a key as YAML writes it."""
    return name if PLAIN_KEY.fullmatch(name) else json.dumps(name, ensure_ascii=False)
