"""What a service's result says to people: its sentences, its problems, and its numbers."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from config.text import Refusal, Text


@dataclass(frozen=True)
class Told:
    """A result in words: sentences for people, counts for their tables."""

    sentences: tuple[Text, ...] = ()
    counts: dict[str, int] = dataclasses.field(default_factory=dict)


def tell(result: Any) -> Told:
    """Read a service's result: its `sentences`, its problems, and each whole number as a count."""
    if isinstance(result, Told):
        return result
    one = [getattr(result, name, None) for name in ("sentence", "problem")]
    many = [*getattr(result, "sentences", ()), *getattr(result, "problems", ())]
    texts = [text for text in (*one, *many) if text is not None]
    return Told(tuple(_sentences(texts)) or (_summary(result),), _counts(result))


def _sentences(values: Iterable[Text | Refusal]) -> Iterable[Text]:
    return (value.sentence if isinstance(value, Refusal) else value for value in values)


def _counts(result: Any) -> dict[str, int]:
    if not dataclasses.is_dataclass(result):
        return {"done": result} if isinstance(result, int) else {}
    values = ((field.name, getattr(result, field.name)) for field in dataclasses.fields(result))
    return {name: value for name, value in values if type(value) is int and not name.endswith("_id")}


def _summary(result: Any) -> Text:
    if not any(_counts(result).values()):
        return Text("没有要做的。", "Nothing to do.")
    return Text("做好了，数目见下表。", "Done; the numbers stand below.")
