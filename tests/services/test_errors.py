"""Refusals of several fields read as sentences, one after the other."""

from __future__ import annotations

from config.text import Refusal, Text
from services.errors import HubError


def test_sentences_of_fields_are_parted_by_full_stops() -> None:
    error = HubError(
        [
            Refusal("name_missing", Text("填写你的姓名", "Enter your name"), "name"),
            Refusal("hub_missing", Text("选一个青年汇", "Choose a hub"), "hub"),
            Refusal("over", Text("已经办完了。", "It is over.")),
        ]
    )
    assert error.sentence == Text(
        "填写你的姓名。选一个青年汇。已经办完了。", "Enter your name. Choose a hub. It is over."
    )
