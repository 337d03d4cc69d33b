"""A rule in words is one that an office could have written: it reads back as the same rule."""

from __future__ import annotations

from datetime import time

import pytest

from documents.weekly import read_recurrence
from scheduling.words import rule_words

TWO = time(14, 0)


@pytest.mark.parametrize(
    ("rule", "zh", "en"),
    [
        ("FREQ=WEEKLY;BYDAY=SA", "每周六 14:00", "Every Saturday at 14:00"),
        ("FREQ=WEEKLY;BYDAY=SA,SU", "每周六、周日 14:00", "Every Saturday and Sunday at 14:00"),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "每周一至周五 14:00", "Monday to Friday at 14:00"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU", "每两周周日 14:00", "Every 2 weeks on Sunday at 14:00"),
        ("FREQ=MONTHLY;BYDAY=2SU", "每月第二个周日 14:00", "The second Sunday of the month at 14:00"),
        ("FREQ=MONTHLY;BYDAY=-1FR", "每月最后一个周五 14:00", "The last Friday of the month at 14:00"),
    ],
)
def test_rule_reads_back_as_it_was(rule: str, zh: str, en: str) -> None:
    words = rule_words(rule, TWO)
    assert (words.zh, words.en) == (zh, en)
    assert read_recurrence(words.zh) == (rule, TWO)


def test_rule_that_says_more_is_shown_as_it_is_written() -> None:
    rule = "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29"
    assert rule_words(rule, TWO).zh == f"{rule} 14:00"
