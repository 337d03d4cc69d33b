"""The movable clock and bilingual sentences."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from config import clock
from config.text import Text


def test_movable_clock_reads_back_the_moment_it_was_set_to_in_utc(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    beijing = timezone(timedelta(hours=8))
    clock.move(file, datetime(2026, 11, 23, 8, 0, tzinfo=beijing))
    assert clock.read(file) == datetime(2026, 11, 23, 0, 0, tzinfo=UTC)


def test_text_fills_fields_by_language() -> None:
    when = Text("周六", "Saturday")
    sentence = Text("{day}见，{name}！", "See you on {day}, {name}!").format(day=when, name="小满")
    assert sentence == Text("周六见，小满！", "See you on Saturday, 小满!")
    assert sentence.in_("en") == "See you on Saturday, 小满!"
    assert sentence.in_("zh-Hans") == "周六见，小满！"
