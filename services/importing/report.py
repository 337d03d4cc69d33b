"""What an import did, or would do: counts by table, problems, and remarks."""

from __future__ import annotations

from dataclasses import dataclass, field

from config.text import Text, plural
from documents.sheets import CellProblem


@dataclass(frozen=True)
class TableReport:
    """Count the rows of one table."""

    table: str
    name: Text
    added: int
    changed: int
    unchanged: int

    @property
    def sentence(self) -> Text:
        """Return the counts as one line."""
        return Text(
            f"{self.name.zh}：新增{self.added}，更新{self.changed}，不变{self.unchanged}",
            f"{self.name.en}: {self.added} added, {self.changed} changed, {self.unchanged} unchanged",
        )


@dataclass(frozen=True)
class ImportReport:
    """Say what an import did; with any problem nothing was written."""

    tables: tuple[TableReport, ...] = ()
    problems: tuple[CellProblem, ...] = ()
    notes: tuple[Text, ...] = ()
    dry_run: bool = False
    asked: int = 0
    """Guardians of young volunteers who are asked by mail."""

    @property
    def added(self) -> int:
        """Return the number of rows added in all tables."""
        return sum(table.added for table in self.tables)

    @property
    def changed(self) -> int:
        """Return the number of rows changed in all tables."""
        return sum(table.changed for table in self.tables)

    @property
    def unchanged(self) -> int:
        """Return the number of rows left as they were."""
        return sum(table.unchanged for table in self.tables)

    @property
    def sentence(self) -> Text:
        """Return the outcome in one sentence."""
        if self.problems:
            count = len(self.problems)
            return Text(
                f"有{count}处要改，什么都没有导入。",
                f"{count} {plural(count, 'thing is', 'things are')} wrong; nothing was imported.",
            )
        rows, guardians = plural(self.added, "row", "rows"), self._guardians()
        if self.dry_run:
            return Text(
                f"试算：会新增{self.added}行，更新{self.changed}行，{self.unchanged}行不变{guardians.zh}。什么都没有改。",
                f"Dry run: {self.added} {rows} would be added, {self.changed} changed, {self.unchanged} stay as they are"
                f"{guardians.en}. Nothing was changed.",
            )
        return Text(
            f"导入好了：新增{self.added}行，更新{self.changed}行，{self.unchanged}行不变{guardians.zh}。",
            f"Imported: {self.added} {rows} added, {self.changed} changed, {self.unchanged} unchanged{guardians.en}.",
        )

    def _guardians(self) -> Text:
        if not self.asked:
            return Text("", "")
        many = plural(self.asked, "guardian", "guardians")
        if self.dry_run:
            return Text(f"，会写信问{self.asked}位监护人", f", {self.asked} {many} would be asked by mail")
        verb = plural(self.asked, "is", "are")
        return Text(
            f"，写信问{self.asked}位监护人同不同意", f", {self.asked} {many} {verb} asked for consent by mail"
        )


@dataclass
class Tally:
    """Collect which rows of a table were added and which changed, by what identifies them."""

    added: set[object] = field(default_factory=set)
    changed: set[object] = field(default_factory=set)

    def report(self, table: str, name: Text, rows: int) -> TableReport:
        """Return the counts; a row that is new is not counted as changed too."""
        changed = len(self.changed - self.added)
        return TableReport(table, name, len(self.added), changed, rows - len(self.added) - changed)
