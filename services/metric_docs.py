"""docs/metrics.md, made of the catalogue itself so that neither can go stale: `make metrics` writes it anew."""

from __future__ import annotations

from services.metric_rows import A_REPORT, ROW_IS
from services.metrics import METRICS, Metric

HEAD = """# The metric catalogue · 指标目录

Numbers that an evaluation counts from the network's own rows; a framework file names them by their code (`metric:`). Over a period an
activity counts if it began within it and is over. Every number leads to the rows behind it on the hub's own page. Made by `make metrics`.

| code | 中文定义 | definition | unit | one row behind it |
|---|---|---|---|---|
"""


def markdown() -> str:
    """Return the catalogue as a page."""
    return HEAD + "".join(map(_line, METRICS.values()))


def _line(metric: Metric) -> str:
    words = metric.definition
    row = ROW_IS.get(metric.id, A_REPORT)
    unit = words_of(metric.unit.zh, metric.unit.en)
    return f"| `{metric.id}` | {words.zh} | {words.en} | {unit} | {words_of(row.zh, row.en)} |\n"


def words_of(zh: str, en: str) -> str:
    """Return both languages, or one word where they are the same."""
    return zh if zh == en else f"{zh} · {en}"
