"""Every reason that a row can carry has words in both languages."""

from __future__ import annotations

import pytest

from models import HoldScope
from notifications.reason_words import WORDS, words_of
from notifications.reasons import Reason


@pytest.mark.parametrize("reason", [*Reason, *(f"held_{scope}" for scope in HoldScope)])
def test_reason_has_words(reason: str) -> None:
    assert reason in WORDS


def test_reason_after_many_tries_says_why_in_the_end() -> None:
    words = words_of("gave_up_server_busy")
    assert words.en == "given up after many tries: the server is busy and hung up"
    assert words.zh == "试了很多次，放弃了：服务器忙，让我们先停"


def test_reason_that_nobody_knows_is_its_own_word() -> None:
    assert words_of("odd").zh == "odd"
