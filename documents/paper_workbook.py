"""A paper as a workbook: its tables as numbers, a sheet each, with charts that the reader's own program draws."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference, ScatterChart, Series
from openpyxl.chart.data_source import NumDataSource, NumRef
from openpyxl.chart.error_bar import ErrorBars
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from config.text import Text
from documents.papers import Column, Paper, Strip, Table, Value
from documents.workbooks import HEADER_FILL, sheet_name, write_text

OVERVIEW = Text("概况", "Overview")
MOST_BARS = 40
CHART_WIDTH, CHART_HEIGHT = 24, 11


def as_workbook(paper: Paper, language: str) -> bytes:
    """Return a paper's facts, sentences and tables as .xlsx in one language; text never becomes a formula."""
    workbook = Workbook()
    _overview(workbook.active, paper, language)
    for table in paper.tables:
        _sheet(workbook, table, language)
    # A workbook knows when it was made; ours says when the paper was.
    workbook.properties.created = workbook.properties.modified = paper.made_at.replace(tzinfo=None)
    target = io.BytesIO()
    workbook.save(target)
    return target.getvalue()


def _overview(page: Any, paper: Paper, language: str) -> None:
    page.title = OVERVIEW.in_(language)
    sentences = [sentence for section in paper.sections for sentence in section.sentences]
    nothing = Text("", "")
    alone = [(line, nothing) for line in sentences]
    lines = [(paper.title, nothing), (paper.subtitle, nothing), *paper.facts, *alone]
    for number, (name, value) in enumerate(lines, 1):
        write_text(page.cell(number, 1), name.in_(language))
        write_text(page.cell(number, 2), value.in_(language))
    page.cell(1, 1).font = Font(bold=True, size=14)
    page.column_dimensions["A"].width, page.column_dimensions["B"].width = 48, 60


def _sheet(workbook: Any, table: Table, language: str) -> None:
    kept = [place for place, _ in enumerate(table.columns) if not _is_picture(table, place)]
    page = workbook.create_sheet(sheet_name(table.name.in_(language)))
    for position, place in enumerate(kept, 1):
        _head(page.cell(1, position), table.columns[place], language)
        width = max(11.0, 9 * table.columns[place].width)
        page.column_dimensions[get_column_letter(position)].width = width
        for number, row in enumerate(table.rows, 2):
            _cell(page.cell(number, position), row[place], table.columns[place], language)
    page.freeze_panes = "B2"
    if table.note is not None:
        write_text(page.cell(len(table.rows) + 3, 1), table.note.in_(language))
    at = {place: position for position, place in enumerate(kept, 1)}
    _charts(page, table, at, f"{get_column_letter(len(kept) + 2)}2", language)


def _is_picture(table: Table, place: int) -> bool:
    return any(isinstance(row[place], Strip) for row in table.rows)


def _head(cell: Any, column: Column, language: str) -> None:
    write_text(cell, column.title.in_(language))
    cell.font, cell.fill = Font(bold=True), HEADER_FILL
    cell.alignment = Alignment(wrap_text=True, vertical="top")


def _cell(cell: Any, value: Value, column: Column, language: str) -> None:
    if not isinstance(value, Strip):
        write_text(cell, value.in_(language) if isinstance(value, Text) else value)
    if isinstance(value, int | float):
        digits = "0." + "0" * column.decimals if column.decimals else "0"
        cell.number_format = digits + "%" if column.percent else digits


def _charts(page: Any, table: Table, at: dict[int, int], anchor: str, language: str) -> None:
    if not table.rows:
        return
    if table.bars:
        page.add_chart(_bars(page, table, [at[place] for place in table.bars]), anchor)
    if table.whiskers is not None:
        page.add_chart(_whiskers(page, table, [at[place] for place in table.whiskers], language), anchor)


def _bars(page: Any, table: Table, columns: Sequence[int]) -> BarChart:
    chart = BarChart()
    chart.type, chart.width, chart.height = "bar", CHART_WIDTH, CHART_HEIGHT
    last = min(len(table.rows), MOST_BARS) + 1
    for column in columns:
        chart.add_data(Reference(page, min_col=column, min_row=1, max_row=last), titles_from_data=True)
    chart.set_categories(Reference(page, min_col=1, min_row=2, max_row=last))
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.y_axis.scaling.min = 0
    chart.x_axis.scaling.orientation = "maxMin"
    return chart


def _whiskers(page: Any, table: Table, columns: Sequence[int], language: str) -> ScatterChart:
    """Draw values in the table's order with their intervals as error bars, made of two helping columns."""
    value, low, high = columns
    last, helping = len(table.rows) + 1, page.max_column + 30
    for number in range(2, last + 1):
        middle, down, up = (page.cell(number, column).value for column in (value, low, high))
        page.cell(number, helping, number - 1)
        if None not in (middle, down, up):
            page.cell(number, helping + 1, middle - down)
            page.cell(number, helping + 2, up - middle)
    chart = ScatterChart()
    chart.style, chart.width, chart.height, chart.legend = 13, CHART_WIDTH, CHART_HEIGHT, None
    series = Series(
        Reference(page, min_col=value, min_row=2, max_row=last),
        Reference(page, min_col=helping, min_row=2, max_row=last),
        title=table.columns[table.whiskers[0] if table.whiskers else 0].title.in_(language),
    )
    series.graphicalProperties.line.noFill = True
    series.marker.symbol, series.marker.size = "circle", 5
    series.errBars = ErrorBars(
        errDir="y", errBarType="both", errValType="cust", noEndCap=True,
        minus=_numbers(page, helping + 1, last), plus=_numbers(page, helping + 2, last),
    )  # fmt: skip
    chart.series.append(series)
    chart.x_axis.delete = chart.y_axis.delete = False
    return chart


def _numbers(page: Any, column: int, last: int) -> NumDataSource:
    letter = get_column_letter(column)
    return NumDataSource(numRef=NumRef(f=f"'{page.title}'!${letter}$2:${letter}${last}"))
