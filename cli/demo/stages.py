"""Stages of the demo: a progress bar each on a terminal, a line each elsewhere, and how long each took."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from config.text import Language, Text


@dataclass
class Stage:
    """One stage, while it runs and afterwards."""

    title: Text
    total: int
    figures: tuple[str, ...] = ()
    """What the closing table tells of it, by the figures' names."""
    seconds: float = 0.0
    done: int = 0


@dataclass
class Progressing:
    """The handle by which a running stage says how far it is."""

    stage: Stage
    _show: Callable[[int], None]

    def advance(self) -> None:
        """Say that one more step is done."""
        self.stage.done += 1
        self._show(self.stage.done)


@dataclass
class Stages:
    """Shows stages as they run and keeps them for the table."""

    console: Console
    language: Language
    finished: list[Stage] = field(default_factory=list)

    @contextmanager
    def stage(self, title: Text, total: int, *figures: str) -> Iterator[Progressing]:
        """Show a stage of `total` steps while the block runs."""
        stage, start = Stage(title, total, figures), time.monotonic()
        words = title.in_(self.language)
        with self._bar() as bar:
            task = bar.add_task(words, total=total)
            yield Progressing(stage, lambda done: bar.update(task, completed=done))
            bar.update(task, completed=total)
        stage.seconds = time.monotonic() - start
        self.finished.append(stage)
        if not self.console.is_terminal:
            self.console.print(f"{words}  {stage.seconds:.1f} s", highlight=False)

    def _bar(self) -> Progress:
        return Progress(
            SpinnerColumn(finished_text="✓"),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=self.console,
            disable=not self.console.is_terminal,
        )
